"""Finds the film inside a motion photo."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from albums.errors import Undecodable
from albums.ingest.step import Done, Failed, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.moving import Inside, inside_of, keep_inside, make_table
from albums.media import moving


class MovingStep:
    """Only where a film stands there is one, whatever the file says of itself."""

    name = "moving"
    lane: Lane = "cpu"
    batch = 8
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        make_table(db)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._find(asset, tools) for asset in assets]

    def _find(self, asset: Asset, tools: Tools) -> Outcome:
        if asset.mime not in moving.MIMES:
            return Skipped("No film can be inside of it")
        original = tools.vault.originals.path(asset.sha, asset.extension)
        if not original.is_file():
            return Failed("The original is missing from the disk")
        try:
            found = tools.sandbox.call(moving.find, original, asset.name)
        except Undecodable as error:
            return Failed(str(error), again=error.facts.get("again") is True)
        inside = _inside(found) if found.length else None
        with tools.library.read() as db:
            known = inside_of(db, asset.id)
        return Done(lambda db: keep_inside(db, asset.id, inside), found.warning, known != inside)


def _inside(found: moving.MovingPart) -> Inside:
    return Inside(
        found.offset,
        found.length,
        found.still_length,
        found.mime,
        found.duration,
        found.presented,
        found.standard,
    )
