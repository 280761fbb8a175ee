"""FTS5 match expressions made from any text: nothing typed is ever read as FTS5 syntax."""

from __future__ import annotations

import re
import unicodedata

# What unicode61 takes for part of a word: letters, digits, their accents, private use.
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
NOTHING = '""'  # matches no row


def words_of(text: str) -> list[str]:
    """The words in a text as the index of words would cut it."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def phrase(text: str, *, prefix: bool = False) -> str:
    """These words in this order, in any column; with `prefix` the last may go on."""
    inside = " ".join(words_of(text))
    return f'"{inside}"{" *" if prefix else ""}' if inside else NOTHING


def all_words(text: str, column: str) -> str:
    """All these words, in any order, in one column."""
    words = words_of(text)
    inside = " AND ".join(phrase(word) for word in words) if words else NOTHING
    return f"{{{column}}} : ({inside})"
