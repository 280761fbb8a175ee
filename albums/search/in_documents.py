"""Where inside a document it is: the pages that have the words, and the words on them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from albums.library.texts import CLOSE, OPEN, Line, highlighted, page_of, pages_with
from albums.search.expression import phrase
from albums.search.query import Query
from albums.search.words import terms_of

SHOWN = 20  # pages of a document that a result names


@dataclass(frozen=True)
class MarkedLine:
    """`parts`: pieces of the line's text, and whether each is what was looked for."""

    line: Line
    parts: tuple[tuple[str, bool], ...]


def phrases_in(query: Query) -> list[str]:
    """What filters ask to be written on it, as FTS5 expressions."""
    return [phrase(f.value) for f in query.filters if f.key == "text" and not f.negated]


def phrases_of(query: Query, *, unfinished: bool = False) -> list[str]:
    """All that a query wants to be written somewhere; `unfinished`: its last word may go on."""
    last = query.words[-1].lower() if query.words and unfinished else None
    return [*(phrase(w, prefix=w == last) for w in terms_of(query)), *phrases_in(query)]


def found_pages(
    db: sqlite3.Connection, row: Mapping[str, Any], phrases: Sequence[str]
) -> list[int]:
    """Pages of a document that have these phrases, best first; of anything else none."""
    if row["kind"] != "document" or not phrases:
        return []
    return pages_with(db, row["id"], phrases, SHOWN)


def marked_page(
    db: sqlite3.Connection, asset_id: int, number: int, phrases: Sequence[str]
) -> list[MarkedLine]:
    """The lines of a page, with what was looked for marked in them."""
    page = page_of(db, asset_id, number)
    if page is None:
        return []
    text = highlighted(db, asset_id, number, " OR ".join(phrases)) if phrases else None
    if text is None:
        return [MarkedLine(line, ((line.text, False),)) for line in page.lines]
    rows, inside = [], False
    for line, marked in zip(page.lines, text.split("\n"), strict=True):
        parts, inside = _cut(marked, inside)
        rows.append(MarkedLine(line, tuple(parts)))
    return rows


def _cut(text: str, inside: bool) -> tuple[list[tuple[str, bool]], bool]:
    """A line at its marks; a phrase may go on from the line before, and into the next."""
    parts = []
    for piece in re.split(f"([{OPEN}{CLOSE}])", text):
        if piece in (OPEN, CLOSE):
            inside = piece == OPEN
        elif piece:
            parts.append((piece, inside))
    return parts, inside
