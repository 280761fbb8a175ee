"""A perceptual hash of each picture: what looks alike has nearly the same bits."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.duplicates import bands
from albums.vault.pictures import SIZES

if TYPE_CHECKING:
    from PIL import Image

_FLAT = 3  # levels of grey between darkest and lightest; less has no shape to compare


class FingerprintStep:
    """Hashes the smallest picture, which is upright and already decoded once."""

    name = "fingerprint"
    lane: Lane = "cpu"
    batch = 32
    needs: tuple[str, ...] = ("pictures",)
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute("""
            create table if not exists fingerprints (
                asset_id integer primary key references assets on delete cascade,
                phash integer not null             -- 64 bits, signed
            )""")
        db.execute("""
            create table if not exists fingerprint_bands (
                band integer not null,             -- 0..3
                value integer not null,            -- 16 bits of the hash
                asset_id integer not null references assets on delete cascade,
                primary key (band, value, asset_id)
            ) without rowid""")
        db.execute("""create index if not exists fingerprint_bands_by_asset
                      on fingerprint_bands (asset_id)""")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._fingerprint(asset, tools) for asset in assets]

    def _fingerprint(self, asset: Asset, tools: Tools) -> Outcome:
        if asset.kind == "document":
            return Skipped("Pages full of text all look alike")
        image = tools.vault.pictures.image(asset.sha, min(SIZES))
        if image is None:
            return Skipped("It has no picture")
        phash = phash_of(image)
        if phash is None:
            return Skipped("The picture is one flat colour")

        def write(db: sqlite3.Connection) -> None:
            keep_fingerprint(db, asset.id, phash)

        return Done(write)


def phash_of(image: Image.Image) -> int | None:
    """Perceptual hash, 64 bits signed; None where the picture has no shape to compare."""
    from imagehash import phash

    grey = image.convert("L")
    levels = [level for level, pixels in enumerate(grey.histogram()) if pixels]
    if levels[-1] - levels[0] < _FLAT:
        return None
    unsigned = int(str(phash(grey)), 16)
    return unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned


def keep_fingerprint(db: sqlite3.Connection, asset_id: int, phash: int) -> None:
    """Write the hash and its bands, by which `library.duplicates` finds it."""
    db.execute("insert or replace into fingerprints values (?, ?)", (asset_id, phash))
    db.execute("delete from fingerprint_bands where asset_id = ?", (asset_id,))
    db.executemany(
        "insert into fingerprint_bands values (?, ?, ?)",
        [(band, value, asset_id) for band, value in enumerate(bands(phash))],
    )
