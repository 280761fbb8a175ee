"""Text in pictures: screenshots, receipts, signs, photographed pages.

A glance at the small picture decides whether there is anything to read, and from what.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.texts import Line, Page, make_tables, replace_pages
from albums.ml.model import ReadLine, TextReader

_GLANCED_AT, _READ = 800, 1600  # pictures


class OcrStep:
    """One picture at a time; films are not read."""

    name = "ocr"
    lane: Lane = "model"
    batch = 1
    needs: tuple[str, ...] = ("pictures",)
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return tools.shelf.reader_version()

    def prepare(self, db: sqlite3.Connection) -> None:
        make_tables(db, "ocr")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        reader = tools.shelf.reader()
        return [_read(asset, reader, tools) for asset in assets]


def _read(asset: Asset, reader: TextReader, tools: Tools) -> Outcome:
    if asset.kind != "photo":
        return Skipped("not a photo")
    small = tools.vault.pictures.image(asset.sha, _GLANCED_AT)
    if small is None:
        return Skipped("no picture")
    if not reader.glance(small):
        return _written(asset, [])
    picture = tools.vault.pictures.image(asset.sha, _READ) or small
    return _written(asset, reader.read(picture))


def _written(asset: Asset, lines: Sequence[ReadLine]) -> Done:
    pages = [Page(1, tuple(Line(line.text, line.box, line.sure) for line in lines))]
    return Done(lambda db: replace_pages(db, asset.id, "ocr", pages if lines else []))
