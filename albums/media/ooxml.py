"""Word, Excel and PowerPoint as they are written since 2007: zips of XML."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from albums.media.flow import Flow
from albums.media.package import Package, package
from albums.media.sheet import read_sheet, shared_strings, styles_of_dates

OFFICE = "application/vnd.openxmlformats-officedocument."
WORD = OFFICE + "wordprocessingml.document"
EXCEL = OFFICE + "spreadsheetml.sheet"
POWERPOINT = OFFICE + "presentationml.presentation"
_OWN = ("title", "creator", "lastModifiedBy", "subject", "keywords", "description", "created",
        "modified", "Application", "Company")  # fmt: skip
# Beside the text itself, and read after it.
_ASIDE = re.compile(r"word/(header\d*|footer\d*|footnotes|endnotes|comments)\.xml")


def flow(path: Path, mime: str) -> Flow:
    """The text of the document, and what it says of itself. Raises Undecodable."""
    read = {WORD: _word, EXCEL: _excel, POWERPOINT: _powerpoint}[mime]
    with package(path) as parts:
        found = Flow(slides=mime == POWERPOINT, said=_said(parts), picture=_thumbnail(parts))
        read(parts, found)
    return found


def said(path: Path) -> dict[str, Any]:
    """Title, author, dates … as written in its properties."""
    with package(path) as parts:
        return _said(parts)


def _said(parts: Package) -> dict[str, Any]:
    texts = parts.texts("docProps/core.xml") | parts.texts("docProps/app.xml")
    return {name: "; ".join(texts[name]) for name in _OWN if name in texts}


def _thumbnail(parts: Package) -> bytes | None:
    names = ("docProps/thumbnail.jpeg", "docProps/thumbnail.jpg", "docProps/thumbnail.png")
    return next((parts.read(name) for name in names if name in parts.names), None)


def _word(parts: Package, into: Flow) -> None:
    parts_of_text = ["word/document.xml", *sorted(filter(_ASIDE.fullmatch, parts.names))]
    for name in parts_of_text:
        text = _Text(into)
        parts.walk(name, text.start, text.end, text.text)


def _powerpoint(parts: Package, into: Flow) -> None:
    for slide in _in_order(parts, "ppt/presentation.xml", "sldId"):
        into.break_page()
        text = _Text(into)
        parts.walk(slide, text.start, text.end, text.text)
        for notes in _related(parts, slide).values():
            if "/notesSlides/" in notes and notes in parts.names:
                text = _Text(into)
                parts.walk(notes, text.start, text.end, text.text)


def _excel(parts: Package, into: Flow) -> None:
    names: list[str] = []
    sheets = _in_order(parts, "xl/workbook.xml", "sheet", names)
    strings = shared_strings(parts, "xl/sharedStrings.xml")
    dates = styles_of_dates(parts, "xl/styles.xml")
    for name, sheet in zip(names, sheets, strict=True):
        into.break_page()
        into.add(name, heading=2)
        read_sheet(parts, sheet, strings, dates, into)


def _in_order(
    parts: Package, index: str, element: str, names: list[str] | None = None
) -> list[str]:
    """The parts that the elements of an index point at, in its order; their `name` into `names`."""
    related = _related(parts, index)
    found: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        target = related.get(attributes.get("r:id", ""))
        if tag == element and target in parts.names:
            found.append(str(target))
            if names is not None:
                names.append(attributes.get("name", ""))

    parts.walk(index, start, _nothing, _nothing)
    return found


def _related(parts: Package, name: str) -> dict[str, str]:
    """Which part each relation of a part leads to."""
    folder, file = posixpath.split(name)
    index = f"{folder}/_rels/{file}.rels"
    found: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            found[attributes.get("Id", "")] = target.lstrip("/")

    if index in parts.names:
        parts.walk(index, start, _nothing, _nothing)
    return found


def _nothing(_: str) -> None:
    """There is nothing to do at the end of an element, nor for text."""


class _Text:
    """Paragraphs of Word and of PowerPoint, which name them alike: `p`, `t`, `tab`, `br`."""

    def __init__(self, into: Flow) -> None:
        self._into = into
        self._pieces: list[str] = []
        self._reading = False
        self._heading = 0
        self._cells: list[list[str]] = []  # of the rows that are open, the innermost last
        self._skipped = 0  # elements open in what is said twice
        self._in_paragraph = False
        self._title = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skipped or tag == "Fallback":
            self._skipped += 1
        elif tag == "t":
            self._reading = True
        elif tag in ("tab", "ptab"):
            self._pieces.append("\t" if self._in_paragraph else "")
        elif tag in ("br", "cr"):
            self._break(attributes.get("type") == "page")
        elif tag == "lastRenderedPageBreak":
            self._break(True)
        elif tag == "p":
            self._in_paragraph, self._heading = True, 0
        elif tag == "pPr":
            self._in_paragraph = False  # tab stops are no tabs
        elif tag == "pStyle":
            self._heading = _heading(attributes.get("val", ""))
        elif tag == "ph" and attributes.get("type") in ("title", "ctrTitle"):
            self._title = True
        elif tag == "tr":
            self._cells.append([])
        elif tag == "tc" and self._cells:
            self._cells[-1].append("")

    def end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif tag == "t":
            self._reading = False
        elif tag == "pPr":
            self._in_paragraph = True
        elif tag == "p":
            self._paragraph()
        elif tag == "sp":
            self._title = False
        elif tag == "tr" and self._cells:
            self._put("\t".join(self._cells.pop()), 0)

    def text(self, text: str) -> None:
        if self._reading and not self._skipped:
            self._pieces.append(text)

    def _paragraph(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._in_paragraph = False
        self._put(text, 1 if self._title else self._heading)

    def _put(self, text: str, heading: int) -> None:
        if self._cells and self._cells[-1]:
            cell = self._cells[-1]
            cell[-1] = f"{cell[-1]} {text}".strip()
        else:
            self._into.add(text, heading)

    def _break(self, page: bool) -> None:
        if page and not self._cells:
            if "".join(self._pieces).strip():
                self._put("".join(self._pieces), self._heading)
                self._pieces.clear()
            self._into.break_page()
        else:
            self._pieces.append(" " if self._cells else "\n")


def _heading(style: str) -> int:
    """From the style's name: Title, Heading1 … and what other languages call them."""
    if style.lower() in ("title", "titel", "titre", "titolo", "titulo"):
        return 1
    match = re.fullmatch(
        r"(?:heading|berschrift|überschrift|titre|titolo|ttulo|kop)\s?([1-9])", style.lower()
    )
    return int(match[1]) if match else 0
