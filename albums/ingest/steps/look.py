"""Screenshots, receipts, documents and memes are recognised as such, so that they can be found, and
kept out of the timeline. Done again, and better, when what is written on them has been read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from albums.ingest.looks import Evidence, looks_from
from albums.ingest.looks.drawing import Drawing, drawing_of
from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.facts import claims_of
from albums.library.looks import replace_looks
from albums.library.texts import WRITINGS, make_tables, pages_of

_SIZE = 800  # the picture that is looked at


class LookStep:
    """Its tags are those of the table that all share, each with its source."""

    name = "look"
    lane: Lane = "cpu"
    batch = 16
    needs: tuple[str, ...] = ("facts", "pictures")
    follows: tuple[str, ...] = ("ocr", "pages")

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        for writing in WRITINGS:
            make_tables(db, writing)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._look(asset, tools) for asset in assets]

    def _look(self, asset: Asset, tools: Tools) -> Outcome:
        if asset.kind not in ("photo", "document"):
            return Skipped("It is neither a picture nor a document")
        image = tools.vault.pictures.image(asset.sha, _SIZE) if asset.kind == "photo" else None
        drawing = drawing_of(image) if image else None
        with tools.library.read() as db:
            before = _reasons_until_now(db, asset.id)
            found = looks_from(_evidence(db, asset, drawing))

        def write(db: sqlite3.Connection) -> None:
            replace_looks(db, asset.id, found, tools.home)

        return Done(write, changed={look.name: look.why for look in found} != before)


def _reasons_until_now(db: sqlite3.Connection, asset_id: int) -> dict[str, str]:
    claims = (claim for claim in claims_of(db, asset_id) if claim.field == "look")
    return next((claim.value for claim in claims), {})


def _evidence(db: sqlite3.Connection, asset: Asset, drawing: Drawing | None) -> Evidence:
    row = db.execute("select width, height from assets where id = ?", (asset.id,)).fetchone()
    exif = db.execute("select tags from exif where asset_id = ?", (asset.id,)).fetchone()
    arrivals = db.execute("select folder, name from arrivals where asset_id = ?", (asset.id,))
    return Evidence(
        asset.kind,
        asset.mime,
        [(arrival["folder"], arrival["name"]) for arrival in arrivals],
        (row["width"], row["height"]) if row["width"] and row["height"] else None,
        json.loads(exif["tags"]) if exif else {},
        drawing,
        pages_of(db, asset.id),
    )
