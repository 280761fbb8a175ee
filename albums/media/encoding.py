"""Bytes of a text file -> text, whatever it was written in."""

from __future__ import annotations

import codecs
import re

# The longer ones first: UTF-32's mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4000  # bytes that show whether every second one is nought
_NOUGHTS = 0.4  # of those at even, or at odd places, in UTF-16 of Latin letters
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # no letters in Windows-1252
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")


def text_of(content: bytes, declared: str | None = None) -> str:
    """As its byte order mark says, else UTF-8 or UTF-16 where it is that, else `declared`, else
    Windows-1252, of which Latin-1 is a part, else Latin-1, which always reads."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    if unmarked := _utf16(content):
        return content.decode(unmarked, "replace")
    try:
        return _utf8(content)
    except UnicodeDecodeError:
        return _eight_bits(content, declared)


def declared_in(content: bytes) -> str | None:
    """The character set that HTML or XML names at its beginning."""
    match = _DECLARED.search(content[:1024])
    return match[1].decode("ascii") if match else None


def _utf8(content: bytes) -> str:
    """The end may have been cut off inside a letter."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(content) - 3 or error.start == 0:
            raise
        return content[: error.start].decode("utf-8")


def _utf16(content: bytes) -> str | None:
    """Without a mark: told by where the noughts are, as no other text holds any."""
    sample = content[:_SAMPLE]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        places, others = sample[first::2], sample[1 - first :: 2]
        if places and places.count(0) > _NOUGHTS * len(places) and not others.count(0):
            return name
    return None


def _eight_bits(content: bytes, declared: str | None) -> str:
    if declared:
        try:
            return content.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass  # it does not say the truth
    return content.decode("latin-1" if _UNDEFINED.search(content) else "cp1252")
