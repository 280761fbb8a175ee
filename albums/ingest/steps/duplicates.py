"""Finds copies of a picture: the very same one in another file, and what nearly is.

The perceptual hash proposes, the pictures themselves decide (albums/ingest/likeness.py). Two shots
by one camera's own clock are no copies, however alike they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from albums.errors import Undecodable
from albums.ingest.likeness import difference, likeness
from albums.ingest.step import Done, Failed, Lane, Outcome, Tools
from albums.library import duplicate_groups, duplicate_pairs
from albums.library.assets import Asset, assets_by_id
from albums.library.duplicate_groups import regroup
from albums.library.duplicate_pairs import SAME, STEP, Pair, keep_pairs, keep_pixels, pixels_of
from albums.library.duplicates import near_duplicates
from albums.library.looks import looks_of
from albums.media.kinds import RAWS
from albums.media.pixels import pixels_of as read_pixels
from albums.vault.pictures import SIZES

BITS = 10  # of 64 in which hashes may differ; a cut of 5 % an edge is found in 5 of 6 pictures
_MOST = 40  # others; of more copies, the next are found once these are gone
_ASPECT = 1.08  # how much wider one may be: it was cropped
_CLOCKS = 2_000  # milliseconds between copies, as their camera wrote them
_NO_LONGER = 0.5, 0.01  # seconds, and share, by which films may differ
_LEVELS = 1.5  # levels by which small pictures differ that other programs made of the same pixels
_NEARLY = 0.9999  # only the very same picture has more
_PRINTED = {"receipt", "document", "screenshot"}


@dataclass(frozen=True)
class _Known:
    """What is compared before any picture is opened."""

    size: tuple[int, int] | None
    duration: float | None
    clock: int | None  # milliseconds
    plain: bool  # one still picture, not raw: all of it can be compared
    printed: bool


class DuplicatesStep:
    """Looks at few of all pairs: those whose hashes are near."""

    name = STEP
    lane: Lane = "cpu"
    batch = 16
    needs: tuple[str, ...] = ("fingerprint", "stack")
    follows: tuple[str, ...] = ("facts", "look")

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        duplicate_pairs.make_tables(db)
        duplicate_groups.make_tables(db)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._compare(asset, tools) for asset in assets]

    def _compare(self, asset: Asset, tools: Tools) -> Outcome:
        with tools.library.read() as db:
            near = dict(near_duplicates(db, asset.id, BITS)[:_MOST])
            others = [a for a in assets_by_id(db, near) if a.kind == asset.kind]
            mine, known = _known(db, asset), {other.id: _known(db, other) for other in others}
        others = [other for other in others if _of_one_shape(mine, known[other.id])]
        try:
            hashes = _pixels(asset, _to_read(asset, mine, others, known, tools), tools)
        except Undecodable as error:
            return Failed(str(error), again=True)
        alike = {}
        for other in others:
            if hashes.get(asset.id) and hashes.get(other.id) == hashes[asset.id]:
                alike[other.id] = SAME
            elif _at_one_time(mine, known[other.id]):
                printed = mine.printed or known[other.id].printed
                alike[other.id] = min(_likeness(asset, other, tools, printed), _NEARLY)
        pairs = [Pair(i, near[i], found) for i, found in alike.items() if found]

        def write(db: sqlite3.Connection) -> None:
            here = {a.id for a in assets_by_id(db, [*hashes, *alike])}
            keep_pixels(db, [(i, hash) for i, hash in hashes.items() if i in here])
            regroup(db, keep_pairs(db, asset.id, [p for p in pairs if p.other in here]))

        return Done(write)


def _known(db: sqlite3.Connection, asset: Asset) -> _Known:
    row = db.execute(_ROW, (asset.id,)).fetchone()
    size = (row["width"], row["height"]) if row["width"] and row["height"] else None
    flat = not row["animated"] and (row["frames"] <= 1 or asset.mime == "image/jpeg")
    plain = asset.kind == "photo" and flat and asset.mime not in RAWS
    looks = {look["look"] for look in looks_of(db, asset.id)}
    return _Known(size, row["duration"], row["at"], plain, bool(looks & _PRINTED))


_ROW = """
    select width, height, duration, shots.at, coalesce(exif.tags ->> '$.animated', 0) as animated,
           coalesce(exif.tags ->> '$.frames', 1) as frames
    from assets left join shots on shots.asset_id = id left join exif on exif.asset_id = id
    where id = ?"""


def _of_one_shape(one: _Known, other: _Known) -> bool:
    """As long and, but for a small cut, as wide."""
    if one.duration is not None and other.duration is not None:
        seconds, share = _NO_LONGER
        if abs(one.duration - other.duration) > max(seconds, share * one.duration):
            return False
    if one.size and other.size:
        wider = (one.size[0] * other.size[1]) / (one.size[1] * other.size[0])
        return max(wider, 1 / wider) <= _ASPECT
    return True


def _at_one_time(one: _Known, other: _Known) -> bool:
    return one.clock is None or other.clock is None or abs(one.clock - other.clock) <= _CLOCKS


def _to_read(
    asset: Asset, mine: _Known, others: Sequence[Asset], known: dict[int, _Known], tools: Tools
) -> list[Asset]:
    """Those that may be the very same picture: it costs much to be sure."""
    picture = tools.vault.pictures.image(asset.sha, min(SIZES))
    if picture is None or not mine.plain:
        return []
    alike = [o for o in others if known[o.id].plain and known[o.id].size == mine.size]
    pictures = ((other, tools.vault.pictures.image(other.sha, min(SIZES))) for other in alike)
    return [other for other, its in pictures if its and difference(picture, its) <= _LEVELS]


def _likeness(one: Asset, other: Asset, tools: Tools, printed: bool) -> float:
    """0..1, by the smallest pictures; of films by their frames, one by one."""
    pictures = tools.vault.pictures
    if one.kind == "video":
        frames, others = pictures.frames(one.sha), pictures.frames(other.sha)
        if not frames or len(frames) != len(others):
            return 0.0
        return median(likeness(a, b) for a, b in zip(frames, others, strict=True))
    first, second = (pictures.image(asset.sha, min(SIZES)) for asset in (one, other))
    return likeness(first, second, printed=printed) if first and second else 0.0


def _pixels(asset: Asset, others: Sequence[Asset], tools: Tools) -> dict[int, str]:
    """Hashes of the whole pictures; each original is decoded for it once. Raises Undecodable where
    that may work another time."""
    every = [asset, *others] if others else []
    with tools.library.read() as db:
        hashes = pixels_of(db, [one.id for one in every])
    return hashes | {one.id: _read(one, tools) for one in every if one.id not in hashes}


def _read(asset: Asset, tools: Tools) -> str:
    original = tools.vault.originals.path(asset.sha, asset.extension)
    limit = tools.settings.decode_megapixels * 1_000_000
    try:
        return tools.sandbox.call(read_pixels, original, limit).hash
    except Undecodable as error:
        if error.facts.get("again") is True:
            raise
        return ""
