"""Pictures for the grid, the phone and the large view, and the placeholder shown before them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from albums.errors import Undecodable
from albums.ingest.step import Done, Failed, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.media import picture
from albums.vault.pictures import SIZES

_NOTHING_TO_SHOW = ("no-decoder", "no-picture")  # the file is not broken


class PicturesStep:
    """Decodes each original once, apart from the service."""

    name = "pictures"
    lane: Lane = "cpu"
    batch = 1  # a decoder process works on one file
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute("""
            create table if not exists pictures (
                asset_id integer primary key references assets on delete cascade,
                thumbhash blob not null,
                aspect real not null,              -- width / height, upright
                bytes integer not null,            -- of all sizes
                truncated integer not null         -- the original ends too early
            )""")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._render(asset, tools) for asset in assets]

    def _render(self, asset: Asset, tools: Tools) -> Outcome:
        original = tools.vault.originals.path(asset.sha, asset.extension)
        try:
            rendered = tools.sandbox.call(
                picture.render, original, SIZES, tools.settings.decode_megapixels * 1_000_000
            )
        except Undecodable as error:
            if error.facts.get("reason") in _NOTHING_TO_SHOW:
                return Skipped(str(error))
            return Failed(str(error), again=error.facts.get("again") is True)
        for size, content in rendered.pictures.items():
            tools.vault.pictures.put(asset.sha, size, content)
        if rendered.frames:
            tools.vault.pictures.write(tools.vault.pictures.frames_path(asset.sha), rendered.frames)

        def write(db: sqlite3.Connection) -> None:
            db.execute(
                """insert or replace into pictures (asset_id, thumbhash, aspect, bytes, truncated)
                   values (?, ?, ?, ?, ?)""",
                (
                    asset.id,
                    rendered.thumbhash,
                    rendered.width / rendered.height,
                    sum(map(len, rendered.pictures.values())) + len(rendered.frames),
                    int(rendered.truncated),
                ),
            )

        return Done(write)
