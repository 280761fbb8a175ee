"""Which module reads the pages of which document, and the few questions all of them answer."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from albums.errors import Undecodable
from albums.media.formats import identify_file
from albums.media.kinds import PAPERS

READERS: dict[str, str] = {
    "application/pdf": "albums.media.pdf",
    **dict.fromkeys(PAPERS, "albums.media.paper"),
}


def readable(mime: str) -> bool:
    """Whether there are pages to read in files of this type."""
    return mime in READERS


def read_pages(path: Path, first: int, last: int) -> dict[str, Any]:
    """`pages`: how many there are; `read`: [number, [[text, box, sure, turn], ...]] of the pages
    from `first` to `last`: fewer, but one at least, where there is no time for more, or more where
    that costs nothing. A box is [left, top, right, bottom] as fractions of the page; `turn`: by how
    many quarters, clockwise, the text is turned. `cut`, if there: what was left out, in a sentence.
    Raises Undecodable."""
    found: dict[str, Any] = _reader(path).read_pages(path, first, last)
    return found


def render_page(path: Path, number: int, longest: int) -> bytes:
    """A page, counted from 1, as JPEG with this longest edge in pixels. Raises Undecodable."""
    picture: bytes = _reader(path).render_page(path, number, longest)
    return picture


def said(path: Path) -> dict[str, Any]:
    """What the file says of itself, as it names it. Raises Undecodable."""
    found: dict[str, Any] = _reader(path).said(path)
    return found


def _reader(path: Path) -> Any:
    format = identify_file(path)
    if format.mime not in READERS:
        raise Undecodable(
            "The file has no pages to read",
            why=f"nothing here reads {format.mime}",
            hint="The original is kept as it is",
            reason="no-decoder",
        )
    return importlib.import_module(READERS[format.mime])
