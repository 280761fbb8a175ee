"""Joins what was taken together: live photos and their films, photos and their raw files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from albums.errors import Undecodable
from albums.ingest.step import Done, Failed, Lane, Outcome, Skipped, Tools
from albums.ingest.together import belong
from albums.library.assets import Asset
from albums.library.companions import (
    Part,
    Taken,
    keep_taken,
    make_tables,
    perhaps_together,
    replace_companions,
)
from albums.library.facts import claims_of, to_utc
from albums.media import belonging

# An edit, a rule, a slow upload or whoever was around tears nothing apart.
_NOT_WHEN = ("person", "rule", "arrival", "neighbours")
_PIXEL_PART = re.compile(r"\.raw-\d+(\.mp)?\.(cover|original)$")  # of a shot of two files


class CompanionsStep:
    """Whoever of two comes second finds the first: they are looked for in the transaction that
    writes this one down."""

    name = "companions"
    lane: Lane = "cpu"
    batch = 8
    needs: tuple[str, ...] = ("facts",)
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        make_tables(db)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._join(asset, tools) for asset in assets]

    def _join(self, asset: Asset, tools: Tools) -> Outcome:
        part = _part(asset)
        if part is None:
            return Skipped("It is neither a photo nor a film")
        original = tools.vault.originals.path(asset.sha, asset.extension)
        if not original.is_file():
            return Failed("The original is missing from the disk")
        said: dict[str, str] = {}
        try:
            said = tools.sandbox.call(belonging.read, original, asset.name)
        except Undecodable as error:
            if error.facts.get("again") is True:
                return Failed(str(error), again=True)

        def write(db: sqlite3.Connection) -> None:
            taken = _taken(db, asset, part, said, tools)
            keep_taken(db, taken)
            others = [other for other in perhaps_together(db, taken) if belong(taken, other)]
            replace_companions(db, taken, [other.asset_id for other in others])

        return Done(write)


def _part(asset: Asset) -> Part | None:
    if asset.kind == "video":
        return "film"
    if asset.kind != "photo":
        return None
    return "raw" if asset.mime.startswith("image/x-") and asset.extension != ".ico" else "photo"


def _taken(
    db: sqlite3.Connection, asset: Asset, part: Part, said: dict[str, str], tools: Tools
) -> Taken:
    when, zone_known = said.get("taken"), True
    if when is None:
        when, zone_known = _when(db, asset.id, said)
    return Taken(
        asset.id,
        part,
        said.get("content_id"),
        to_utc(when, tools.home) if when else None,
        zone_known,
        _places(db, asset.id),
        _still(db, asset, part),
    )


def _still(db: sqlite3.Connection, asset: Asset, part: Part) -> str | None:
    """The photo that an export says a film is the moving part of."""
    if part == "photo":
        return asset.sha
    claims = claims_of(db, asset.id) if part == "film" else []
    return next((str(claim.value) for claim in claims if claim.field == "clip_of"), None)


def _when(db: sqlite3.Connection, asset_id: int, said: dict[str, str]) -> tuple[str | None, bool]:
    """The best that is known, and whether its offset is sure."""
    if header := said.get("header"):
        return header, False
    claims = [c for c in claims_of(db, asset_id) if c.field == "captured_at"]
    best = next((str(c.value) for c in claims if c.source not in _NOT_WHEN), None)
    return best, best is not None and datetime.fromisoformat(best).tzinfo is not None


def _places(db: sqlite3.Connection, asset_id: int) -> frozenset[str]:
    rows = db.execute("select origin, folder, name from arrivals where asset_id = ?", (asset_id,))
    return frozenset(
        place_of(r["origin"], r["folder"], PurePosixPath(r["name"]).stem) for r in rows
    )


def place_of(origin: str, folder: str, stem: str) -> str:
    """Where a file lay and how it was called, as far as parts of one shot have it in common."""
    return "\n".join([origin, folder, _PIXEL_PART.sub("", stem.casefold())])
