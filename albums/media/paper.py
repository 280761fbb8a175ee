"""Documents whose text flows: laid out on pages of our own, with the pages they name kept."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.errors import Undecodable
from albums.media import epub, odf, ooxml, plain
from albums.media.colour import to_rgb
from albums.media.flow import Flow
from albums.media.formats import identify_file
from albums.media.kinds import TEXTS
from albums.media.layout import draw, leaves
from albums.media.package import broken
from albums.media.still import BROKEN, Decoded, check_pixels

if TYPE_CHECKING:
    from albums.media.formats import Format

EPUB = "application/epub+zip"
QUALITY = 85  # JPEG
GOOD = 480  # pixels of the longest edge; a smaller picture inside is only an icon
PAGES = 20_000


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """The picture that the document brings of itself where it is a good one, else its first page.
    Raises Undecodable."""
    flow = _flow(path, format.mime)
    brought = _brought(flow.picture, pixels) if flow.picture else None
    if brought:
        return brought
    image = draw(next(leaves(flow)), longest)
    return Decoded(image, None, image.size)


def render_page(path: Path, number: int, longest: int) -> bytes:
    """A page, counted from 1, as JPEG. Raises Undecodable."""
    flow = _flow(path, identify_file(path).mime)
    leaf = next(islice(leaves(flow), number - 1, None), None) if number > 0 else None
    if leaf is None:
        raise Undecodable(f"There is no page {number}", why=f"it has {_count(flow)}", reason="page")
    out = io.BytesIO()
    draw(leaf, longest).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def read_pages(path: Path, first: int, last: int) -> dict[str, Any]:
    """As documents.read_pages; all pages from `first` on, as each call lays out all of them."""
    flow = _flow(path, identify_file(path).mime)
    count, read = 0, []
    for count, leaf in enumerate(leaves(flow), 1):
        if count > PAGES:
            break
        if count >= first:
            read.append([count, leaf.as_lines()])
    return {"pages": count, "read": read, "cut": flow.cut}


def said(path: Path) -> dict[str, Any]:
    """What the file says of itself, as it names it. Raises Undecodable."""
    mime = identify_file(path).mime
    if mime in TEXTS:
        return plain.said(path, mime)
    if mime == EPUB:
        return epub.said(path)
    return ooxml.said(path) if mime.startswith(ooxml.OFFICE) else odf.said(path)


def _flow(path: Path, mime: str) -> Flow:
    try:
        if mime in TEXTS:
            return plain.flow(path, mime)
        if mime == EPUB:
            return epub.flow(path)
        read = ooxml.flow if mime.startswith(ooxml.OFFICE) else odf.flow
        return read(path, mime)
    except BROKEN as error:  # of many parsers, on bytes that they cannot make sense of
        raise broken(str(error) or type(error).__name__) from error


def _count(flow: Flow) -> int:
    return sum(1 for _ in leaves(flow))


def _brought(content: bytes, pixels: int) -> Decoded | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
            check_pixels(image.size, pixels)
            image.load()
            rgb, icc = to_rgb(image, image.info.get("icc_profile"))
    except (*BROKEN, Undecodable):
        return None
    return Decoded(rgb, icc, rgb.size) if max(rgb.size) >= GOOD else None
