"""OpenDocument: text, sheets, presentations. Zips of XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from albums.media.flow import Flow
from albums.media.package import Package, package

ODF = "application/vnd.oasis.opendocument."
TEXT, SHEET, SLIDES = ODF + "text", ODF + "spreadsheet", ODF + "presentation"
_OWN = ("title", "initial-creator", "creator", "subject", "keyword", "description",
        "creation-date", "date", "generator")  # fmt: skip
_COLUMNS = 200  # of a row
_SPACES = 200  # that one element may stand for


def flow(path: Path, mime: str) -> Flow:
    """The text of the document, and what it says of itself. Raises Undecodable."""
    with package(path) as parts:
        thumbnail = "Thumbnails/thumbnail.png"
        picture = parts.read(thumbnail) if thumbnail in parts.names else None
        found = Flow(slides=mime == SLIDES, said=_said(parts), picture=picture)
        text = _Text(found, sheets=mime == SHEET)
        parts.walk("content.xml", text.start, text.end, text.text)
    return found


def said(path: Path) -> dict[str, Any]:
    """Title, author, dates … as written in `meta.xml`."""
    with package(path) as parts:
        return _said(parts)


def _said(parts: Package) -> dict[str, Any]:
    texts = parts.texts("meta.xml")
    return {name: "; ".join(texts[name]) for name in _OWN if name in texts}


class _Text:
    """Paragraphs, headings, cells; a page of a presentation and a sheet begin a page."""

    def __init__(self, into: Flow, *, sheets: bool) -> None:
        self._into = into
        self._sheets = sheets
        self._ends_page = False  # with the paragraph in which a page ends
        self._open: list[tuple[list[str], int]] = []  # paragraphs, the innermost last
        self._row: list[str] | None = None
        self._skipped = 0  # elements open in what was deleted

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skipped or tag in ("tracked-changes", "forms", "styles", "settings"):
            self._skipped += 1
        elif tag in ("p", "h"):
            level = attributes.get("outline-level", "1")
            heading = (
                (int(level) if level.isdecimal() and len(level) < 3 else 1) if tag == "h" else 0
            )
            self._open.append(([], heading))
        elif tag == "s":
            count = attributes.get("c", "1")
            self.text(" " * min(_SPACES, int(count) if count.isdecimal() else 1))
        elif tag == "tab":
            self.text("\t" if self._row is None else " ")
        elif tag == "line-break":
            self.text("\n" if self._row is None else " ")
        elif tag == "soft-page-break" and self._row is None:
            self._ends_page = True
            self._end_page()
        elif tag == "page":
            self._into.break_page()
        elif tag == "table" and self._sheets:
            self._into.break_page()
            self._into.add(attributes.get("name", ""), heading=2)
        elif tag == "table-row":
            self._row = []
        elif tag in ("table-cell", "covered-table-cell") and self._row is not None:
            self._row.append("")

    def end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif tag in ("p", "h") and self._open:
            pieces, heading = self._open.pop()
            self._put("".join(pieces), heading)
            self._end_page()
        elif tag == "table-row" and self._row is not None:
            row, self._row = self._row, None
            if any(row):
                self._into.add("\t".join(row[:_COLUMNS]).rstrip("\t"))
        elif tag == "table":
            self._into.add("")

    def text(self, text: str) -> None:
        if self._open and not self._skipped:
            self._open[-1][0].append(text)

    def _end_page(self) -> None:
        if self._ends_page and not self._open:
            self._ends_page = False
            self._into.break_page()

    def _put(self, text: str, heading: int) -> None:
        if self._row:
            self._row[-1] = f"{self._row[-1]} {text}".strip()
        else:
            self._into.add(text, heading)
