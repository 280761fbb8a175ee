"""Makes films that no browser plays playable, and those inside motion photos."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from functools import partial

from albums.errors import Undecodable
from albums.ingest.step import Done, Failed, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.moving import inside_of
from albums.library.playable import STEP, Playable, keep_playable, make_table
from albums.media import playable
from albums.media.film_job import Wanted

_BIT_RATE = 8_000_000  # a second of the pictures at most, for 1080 lines
_LINES = 1080
_SOUND = 200_000  # bits a second, with what the container needs
_UNKNOWN = 3600.0  # seconds that a film may have which does not say
_MORE = 1.1  # an index, and the bit rate is only held on average
_THREADS = 4


class PlayableStep:
    """The original stays as it is; the version for browsers lies beside the pictures."""

    name = STEP
    lane: Lane = "film"
    batch = 1
    needs: tuple[str, ...] = ("moving",)
    follows: tuple[str, ...] = ()

    def version(self, tools: Tools) -> str:
        return f"1 {tools.settings.playable_height}"

    def prepare(self, db: sqlite3.Connection) -> None:
        make_table(db)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._make(asset, tools) for asset in assets]

    def _make(self, asset: Asset, tools: Tools) -> Outcome:
        with tools.library.read() as db:
            inside = inside_of(db, asset.id)
        if asset.kind != "video" and inside is None:
            return Skipped("There is nothing to play")
        original = tools.vault.originals.path(asset.sha, asset.extension)
        if not original.is_file():
            return Failed("The original is missing from the disk")
        part = [inside.offset, inside.length] if inside else None
        try:
            look = tools.sandbox.call(playable.look, original, asset.name, part)
            if not look.why:
                tools.vault.playables.remove(asset.sha)
                return Done(partial(_keep, asset.id, Playable("")))
            if tools.settings.playable_height <= 0:
                return Skipped(f"Not every browser plays {look.why}; playable_height is 0")
            wanted = _wanted(asset, tools, part, look)
            return self._made(asset, tools, wanted, look)
        except Undecodable as error:
            return Failed(str(error), again=error.facts.get("again") is True)

    def _made(self, asset: Asset, tools: Tools, wanted: Wanted, look: playable.Look) -> Outcome:
        largest = _largest(asset, wanted, look)
        tools.vault.playables.expect_room(largest)
        with tools.vault.playables.making(asset.sha) as file:
            made = tools.transcoder.make(wanted, file, largest)
            size = os.fstat(file.fileno()).st_size
        found = Playable(look.why, made.width, made.height, size)
        return Done(partial(_keep, asset.id, found), made.warning)


def _keep(asset_id: int, found: Playable, db: sqlite3.Connection) -> None:
    keep_playable(db, asset_id, found)


def _wanted(asset: Asset, tools: Tools, part: list[int] | None, look: playable.Look) -> Wanted:
    height = tools.settings.playable_height
    original = tools.vault.originals.path(asset.sha, asset.extension)
    lines = min(height, look.width, look.height)
    rate = max(500_000, round(_BIT_RATE * (lines / _LINES) ** 2))
    threads = min(_THREADS, tools.settings.cores)
    return Wanted(original, asset.name, part, height, rate, threads)


def _largest(asset: Asset, wanted: Wanted, look: playable.Look) -> int:
    """Bytes that the version for browsers has at most: the bit rate is held; and where the
    pictures are copied it is hardly more than the original."""
    seconds = look.duration or _UNKNOWN
    encoded = round((wanted.bit_rate + _SOUND) / 8 * seconds * _MORE) + (4 << 20)
    return max(encoded, round(asset.size * _MORE)) if look.copied else encoded
