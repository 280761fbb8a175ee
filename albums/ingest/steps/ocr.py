"""Text in pictures: screenshots, receipts, signs, photographed pages, and scans in a PDF.

A glance at the small picture decides whether there is anything to read, and how large a picture
must be for it.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from albums.errors import Undecodable
from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.documents import pages_without_text
from albums.library.texts import Line, Page, make_tables, replace_pages
from albums.media import documents
from albums.media.legible import legible
from albums.ml.model import ReadLine, TextReader

if TYPE_CHECKING:
    from PIL import Image

_GLANCED_AT, _USUAL = 800, 1600  # pictures that are there already
_LARGEST = 4800  # longest edge that the original is asked for
_LINE = 20  # pixels of height at which a line is read well (measured on receipts made smaller)
_SMALL = 0.25  # share of the lines that may be lower
_LONG = 2.5  # height by width from which a picture is a scroll, too narrow to glance at ...
_ACROSS = 1080  # ... and is read with this shorter edge
_PAGES = 200  # scanned pages of a document that are read
_OF_A_PAGE = 2000  # pixels, longest edge


class OcrStep:
    """One picture at a time; films are not read."""

    name = "ocr"
    lane: Lane = "model"
    batch = 1
    needs: tuple[str, ...] = ("pictures", "pages")
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return tools.shelf.reader_version()

    def prepare(self, db: sqlite3.Connection) -> None:
        make_tables(db, "ocr")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        reader = tools.shelf.reader()
        return [_read(asset, reader, tools) for asset in assets]


def _read(asset: Asset, reader: TextReader, tools: Tools) -> Outcome:
    if asset.kind == "document":
        return _read_scans(asset, reader, tools)
    if asset.kind != "photo":
        return Skipped("There is nothing to read on it")
    small = tools.vault.pictures.image(asset.sha, _GLANCED_AT)
    if small is None:
        return Skipped("There is no picture to read")
    picture = _worth_reading(asset, small, reader, tools)
    return _written(asset, [(1, reader.read(picture))] if picture else [])


def _worth_reading(
    asset: Asset, small: Image.Image, reader: TextReader, tools: Tools
) -> Image.Image | None:
    """The picture to read from; None where a glance sees no text."""
    usual = tools.vault.pictures.image(asset.sha, _USUAL) or small
    smaller_than_original = max(usual.size) >= _USUAL
    if small.height > _LONG * small.width:
        larger = _enlarged(asset, _USUAL, _ACROSS, tools) if smaller_than_original else None
        return larger or usual
    boxes = reader.glance(small)
    if not boxes:
        return None
    wanted = round(_LINE / _low_line(boxes, small.size) * max(small.size))
    if wanted > _USUAL and smaller_than_original:
        return _enlarged(asset, min(wanted, _LARGEST), 0, tools) or usual
    return usual


def _low_line(boxes: Sequence[tuple[float, float, float, float]], size: tuple[int, int]) -> float:
    """Height in pixels that nearly all lines have; of those on their side it is their width."""
    heights = sorted(
        min((right - left) * size[0], (bottom - top) * size[1])
        for left, top, right, bottom in boxes
    )
    return max(1.0, heights[int(len(heights) * _SMALL)])


def _enlarged(asset: Asset, longest: int, shortest: int, tools: Tools) -> Image.Image | None:
    """From the original; None where it cannot be opened so large."""
    original = tools.vault.originals.path(asset.sha, asset.extension)
    pixels = tools.settings.decode_megapixels * 1_000_000
    try:
        return _image(tools.sandbox.call(legible, original, longest, shortest, pixels))
    except Undecodable:
        return None


def _read_scans(asset: Asset, reader: TextReader, tools: Tools) -> Outcome:
    """The pages of a document that have no text of their own."""
    with tools.library.read() as db:
        pages = pages_without_text(db, asset.id)
    if not pages:
        return Skipped("Its pages have text of their own")
    original = tools.vault.originals.path(asset.sha, asset.extension)
    read, broken = [], []
    for number in pages[:_PAGES]:
        try:
            page = tools.sandbox.call(documents.render_page, original, number, _OF_A_PAGE)
        except Undecodable:
            broken.append(number)
            continue
        image = _image(page)
        if reader.glance(image):
            read.append((number, reader.read(image)))
    return _written(asset, read, _left_out(pages, broken))


def _left_out(pages: Sequence[int], broken: Sequence[int]) -> str:
    said = []
    if len(pages) > _PAGES:
        said.append(f"Of {len(pages)} scanned pages the first {_PAGES} were read")
    if broken:
        said.append(f"Pages that could not be drawn: {', '.join(map(str, broken[:20]))}")
    return "; ".join(said)


def _image(content: bytes) -> Image.Image:
    from PIL import Image

    return Image.open(io.BytesIO(content))


def _written(
    asset: Asset, read: Sequence[tuple[int, Sequence[ReadLine]]], warning: str = ""
) -> Done:
    pages = [
        Page(number, tuple(Line(line.text, line.box, line.sure, line.turn) for line in lines))
        for number, lines in read
        if lines
    ]
    return Done(lambda db: replace_pages(db, asset.id, "ocr", pages), warning)
