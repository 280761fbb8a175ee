"""PDF: its first page as the picture, every page as a picture, and the text of its pages."""

from __future__ import annotations

import ctypes
import io
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
from pypdfium2 import raw

from albums.errors import Undecodable
from albums.media.still import Decoded

if TYPE_CHECKING:
    from PIL import Image

    from albums.media.formats import Format

QUALITY = 85  # JPEG of a page: letters show what a coarser one does to edges
SECONDS = 20.0  # of reading; what is left is another call's
CHARACTERS = 4_000_000  # in one answer
OF_A_PAGE = 500_000  # characters; more is no page that anybody reads
FIELDS = 2_000  # of a form, on a page
_LETTER = 0.35  # width of a usual letter, times the height of its field
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_HYPHENS = "\x02\ufffe\xad"  # how pdfium marks a word that goes on in the next line
_MEANING = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer")

Line = list[Any]  # text, box, how sure, quarters that it is turned: as documents.read_pages says


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """The first page, its longest edge `longest`. Raises Undecodable with the reason."""
    with _opened(path) as document:
        image = _drawn(document, 1, longest)
    return Decoded(image, None, image.size)


def render_page(path: Path, number: int, longest: int) -> bytes:
    """A page, counted from 1, as JPEG. Raises Undecodable."""
    with _opened(path) as document:
        image = _drawn(document, number, longest)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def read_pages(path: Path, first: int, last: int) -> dict[str, Any]:
    """`pages`: how many there are; `read`: [number, [[text, box, sure, turn], ...]] of those from
    `first` to `last`, or as many as time and room allow. Raises Undecodable where nothing opens."""
    with _opened(path) as document:
        count = len(document)
        read: list[list[Any]] = []
        until, room = time.monotonic() + SECONDS, CHARACTERS
        for number in range(first, min(last, count) + 1):
            lines = _lines(document, number)
            read.append([number, lines])
            room -= sum(len(line[0]) for line in lines)
            if room < 0 or time.monotonic() > until:
                break
    return {"pages": count, "read": read}


def said(path: Path) -> dict[str, Any]:
    """What the file says of itself: its information dictionary as written, and `pages`."""
    with _opened(path) as document:
        names = (*_MEANING, "CreationDate", "ModDate")
        found = {name: _said(document, name) for name in names}
        return {name: text for name, text in found.items() if text} | {"pages": len(document)}


def _said(document: pypdfium2.PdfDocument, name: str) -> str:
    try:
        text: str = document.get_metadata_value(name)
    except UnicodeDecodeError:  # half a letter: then the others are not to be trusted either
        return ""
    return "".join(c for c in text if c.isprintable()).strip()


@contextmanager
def _opened(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise _locked() if error.err_code == _PASSWORD else _broken(error) from error
    try:
        document.init_forms()  # or what was filled into a form is not drawn
        yield document
    except pypdfium2.PdfiumError as error:
        raise _broken(error) from error
    finally:
        document.close()


def _locked() -> Undecodable:
    return Undecodable(
        "The PDF is locked with a password",
        why="nothing of it can be shown or read without it",
        hint="The original is kept as it is; add a copy saved without the password",
        reason="locked",
    )


def _broken(error: Exception) -> Undecodable:
    return Undecodable(
        "The file could not be read as a PDF",
        why=str(error),
        hint="The original is kept as it is",
        reason="broken",
    )


def _drawn(document: pypdfium2.PdfDocument, number: int, longest: int) -> Image.Image:
    if not 1 <= number <= len(document):
        raise Undecodable(
            f"There is no page {number}", why=f"it has {len(document)}", reason="page"
        )
    page = document[number - 1]
    edge = max(page.get_size())
    if not (math.isfinite(edge) and edge > 0):
        raise Undecodable(f"Page {number} has no size", reason="broken")
    image: Image.Image = page.render(scale=longest / edge, rev_byteorder=True).to_pil()
    return image.convert("RGB")


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[Line]:
    """Of a page that cannot be opened, none: the others are still worth reading."""
    try:
        page = document[number - 1]
        written = page.get_textpage()
    except pypdfium2.PdfiumError:
        return []
    try:
        return _joined(list(_in_order(page, written))) + list(_filled_in(document, page))
    finally:
        written.close()
        page.close()


def _in_order(page: pypdfium2.PdfPage, written: pypdfium2.PdfTextPage) -> Iterator[Line]:
    count = min(written.count_chars(), OF_A_PAGE)
    text = written.get_text_range(0, count) if count else ""
    start = 0
    for line in text.splitlines(keepends=True):
        plain = "".join(c for c in line if c.isprintable() or c in _HYPHENS).strip(" ")
        if plain:
            box = _box(page, written, start, start + len(line.rstrip()))
            yield [plain, box, 1.0, _turn(page, written, start)]
        start += len(line)


def _turn(page: pypdfium2.PdfPage, written: pypdfium2.PdfTextPage, start: int) -> int:
    """Quarters, clockwise, by which a line stands turned on the page as it is seen."""
    first = raw.FPDFText_GetCharIndexFromTextIndex(written, start)
    clockwise = raw.FPDFText_GetCharAngle(written, first) if first >= 0 else 0.0
    quarters: int = round(max(0.0, clockwise) / (math.pi / 2)) + page.get_rotation() // 90
    return quarters % 4


def _box(
    page: pypdfium2.PdfPage, written: pypdfium2.PdfTextPage, start: int, end: int
) -> list[float] | None:
    """Around the characters from `start` to `end`, as fractions of the page as it is seen."""
    first = raw.FPDFText_GetCharIndexFromTextIndex(written, start)
    last = raw.FPDFText_GetCharIndexFromTextIndex(written, max(start, end - 1))
    if first < 0 or last < first:
        return None
    corners = []
    for index in range(raw.FPDFText_CountRects(written, first, last - first + 1)):
        left, bottom, right, top = written.get_rect(index)
        corners += [_seen(page, left, top), _seen(page, right, bottom)]
    return _within(corners) if corners else None


def _within(corners: list[tuple[float, float]]) -> list[float]:
    across, down = zip(*corners, strict=True)
    box = [min(across), min(down), max(across), max(down)]
    return [round(min(1.0, max(0.0, edge)), 4) for edge in box]


def _filled_in(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> Iterator[Line]:
    """What somebody wrote into the fields of a form, which is no text of the page itself."""
    if document.formenv is None:
        return
    for index in range(min(FIELDS, raw.FPDFPage_GetAnnotCount(page))):
        field = raw.FPDFPage_GetAnnot(page, index)
        if not field:
            continue
        if raw.FPDFAnnot_GetSubtype(field) == raw.FPDF_ANNOT_WIDGET:
            value = " ".join(_value(document, field).split())
            if value:
                yield [value, _around(page, field, len(value)), 1.0, page.get_rotation() // 90]
        raw.FPDFPage_CloseAnnot(field)


def _value(document: pypdfium2.PdfDocument, field: Any) -> str:
    form = document.formenv
    size = raw.FPDFAnnot_GetFormFieldValue(form, field, None, 0)  # bytes, with two noughts
    room = (ctypes.c_ushort * (min(size, OF_A_PAGE) // 2 + 1))()
    raw.FPDFAnnot_GetFormFieldValue(form, field, room, ctypes.sizeof(room))
    return bytes(room).decode("utf-16-le", "ignore").split("\0", 1)[0]


def _around(page: pypdfium2.PdfPage, field: Any, letters: int) -> list[float] | None:
    """Around so many letters at the left of a field."""
    rect = raw.FS_RECTF()
    if not raw.FPDFAnnot_GetRect(field, rect):
        return None
    right = min(rect.right, rect.left + letters * _LETTER * abs(rect.top - rect.bottom))
    return _within([_seen(page, rect.left, rect.top), _seen(page, right, rect.bottom)])


_GRID = 100_000  # device units that stand for the page's width, and for its height


def _seen(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    """A point of the page as fractions from the left and the top, with its rotation and crop."""
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, across, down)
    return across.value / _GRID, down.value / _GRID


def _joined(lines: list[Line]) -> list[Line]:
    """A word that is broken at the end of a line is written whole there, so that it is found."""
    for line, following in pairwise(lines):
        if line[0][-1] in _HYPHENS:
            rest, _, others = following[0].partition(" ")
            line[0], following[0] = line[0][:-1] + rest, others
    for line in lines:
        line[0] = line[0].translate(dict.fromkeys(map(ord, _HYPHENS)))
    return [line for line in lines if line[0]]
