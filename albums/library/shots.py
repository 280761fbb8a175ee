"""What a still says of the moment at which it was taken, and which stills are one burst.

A burst is what a camera itself calls one, or what one camera took in quick succession and what
looks nearly alike. It is made out around whatever came, changed or went, and is the same in
whichever order the stills came.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

STEP = 1_000  # milliseconds from one still of a burst to the next, as cameras write time
NEAR = 10  # bits of 64 in which the fingerprints of neighbours may differ
# A burst of less than this, first to last, is whole; a longer row of stills (a time lapse) is cut
# wherever a clock that counts in pieces of this length turns.
LONGEST = 30_000  # milliseconds
MOST = 200  # stills; more of one moment are no burst but a heap, which nobody would look through
_REACH = LONGEST + 3 * STEP
_HEAP = 3_000  # stills of one camera around one moment that are looked at


@dataclass(frozen=True)
class Shot:
    """`camera`: make, model and number; empty is not known. `burst_id`: by which the camera tells
    its bursts apart, and `cover`: what it holds for the best of one."""

    asset_id: int
    camera: str
    at: int | None  # milliseconds by the camera's own clock, whatever its zone
    burst_id: str | None
    cover: bool
    sharpness: float | None
    edit_of: tuple[str, ...] = ()  # places (see `companions.Taken`) where its original would lie


class _Still(NamedTuple):
    asset_id: int
    sha: str
    at: int
    phash: int
    burst: str | None


def make_tables(db: sqlite3.Connection) -> None:
    db.execute("""
        create table if not exists shots (
            asset_id integer primary key references assets on delete cascade,
            camera text not null,
            at integer,                        -- milliseconds by the camera's clock
            burst_id text,                     -- as the camera calls it
            cover integer not null,
            sharpness real,
            phash integer,                     -- 64 bits, signed
            burst text                         -- alike: one burst
        )""")
    db.execute("""create index if not exists shots_by_time on shots (camera, at)
                  where burst_id is null and phash is not null""")
    db.execute("""create index if not exists shots_by_burst on shots (burst)
                  where burst is not null""")
    db.execute("""
        create table if not exists edit_places (
            place text not null,               -- where the original of this one would lie
            asset_id integer not null references assets on delete cascade,
            primary key (place, asset_id)
        ) without rowid""")
    db.execute("create index if not exists edit_places_by_asset on edit_places (asset_id)")


def keep_shot(db: sqlite3.Connection, shot: Shot) -> set[int]:
    """Replace what was known. Returns the assets whose burst is another one now."""
    before = moments(db, [shot.asset_id])
    mates = {shot.asset_id, *burst_mates(db, [shot.asset_id])}
    row = db.execute(
        "select phash from fingerprints where asset_id = ?", (shot.asset_id,)
    ).fetchone()
    burst = f"{shot.camera}\n{shot.burst_id}" if shot.burst_id else None
    db.execute(
        "insert or replace into shots values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            shot.asset_id, shot.camera, shot.at, shot.burst_id, shot.cover, shot.sharpness,
            row["phash"] if row else None, burst,
        ),
    )  # fmt: skip
    db.execute("delete from edit_places where asset_id = ?", (shot.asset_id,))
    db.executemany(
        "insert or ignore into edit_places values (?, ?)",
        [(place, shot.asset_id) for place in shot.edit_of],
    )
    mates |= burst_mates(db, [shot.asset_id])
    return mates | tell_bursts(db, before | moments(db, [shot.asset_id]))


def moments(db: sqlite3.Connection, ids: Iterable[int]) -> set[tuple[str, int]]:
    """Camera and time of those of these assets that may be part of a burst by time."""
    rows = db.execute(
        """select camera, at from shots where asset_id in (select value from json_each(?))
           and at is not null and camera != '' and burst_id is null and phash is not null""",
        (json.dumps(list(ids)),),
    )
    return {(row["camera"], row["at"]) for row in rows}


def burst_mates(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    """What is of a burst with one of these assets, them included; of a heap, part of it."""
    found = set()
    for asset_id in ids:
        rows = db.execute(
            """select asset_id from shots
               where burst = (select burst from shots where asset_id = ?) limit ?""",
            (asset_id, 2 * MOST),
        )
        found |= {row["asset_id"] for row in rows}
    return found


def tell_bursts(db: sqlite3.Connection, around: Iterable[tuple[str, int]]) -> set[int]:
    """Say anew which stills are one burst, around these moments of these cameras. Returns the
    assets whose burst is another one now."""
    changed = set()
    for camera, at in sorted(around):
        for still, burst in _told(_stills_around(db, camera, at), at):
            if still.burst != burst:
                db.execute("update shots set burst = ? where asset_id = ?", (burst, still.asset_id))
                changed.add(still.asset_id)
    return changed


def _stills_around(db: sqlite3.Connection, camera: str, at: int) -> list[_Still]:
    """In whole pieces of the clock, so that what is cut there is cut as a look from afar would."""
    first = (at - _REACH) // LONGEST * LONGEST
    end = ((at + _REACH) // LONGEST + 1) * LONGEST
    rows = db.execute(
        """select asset_id, sha, at, phash, burst from shots join assets on id = asset_id
           where shots.camera = ? and at >= ? and at < ? and burst_id is null
             and phash is not null
           order by at, sha limit ?""",
        (camera, first, end, _HEAP + 1),
    )
    return [_Still(*row) for row in rows]


def _told(stills: Sequence[_Still], at: int) -> Iterator[tuple[_Still, str | None]]:
    """Each still that a change at this moment may concern, with its burst.

    A row of neighbours that reaches the end of what was looked at is longer than a burst may be.
    """
    if len(stills) > _HEAP:
        yield from ((still, None) for still in stills)
        return
    for row in rows_of_neighbours(stills):
        if not any(abs(still.at - at) <= STEP for still in row):
            continue
        whole = row[-1].at - row[0].at <= LONGEST
        for part in [row] if whole else _cut(row):
            yield from ((still, _name(part)) for still in part)


def rows_of_neighbours(stills: Sequence[_Still]) -> list[list[_Still]]:
    """What hangs together by steps of at most STEP between stills that look nearly alike; in
    order of time."""
    row_of = {still.asset_id: [still] for still in stills}
    first = 0
    for n, still in enumerate(stills):
        while still.at - stills[first].at > STEP:
            first += 1
        for other in stills[first:n]:
            mine, theirs = row_of[still.asset_id], row_of[other.asset_id]
            if mine is not theirs and _alike(still, other):
                theirs += mine
                row_of |= dict.fromkeys((s.asset_id for s in mine), theirs)
    rows = {id(row): row for row in row_of.values()}
    return [sorted(row, key=_when) for row in rows.values()]


def _cut(row: Sequence[_Still]) -> Iterator[list[_Still]]:
    pieces: dict[int, list[_Still]] = {}
    for still in row:
        pieces.setdefault(still.at // LONGEST, []).append(still)
    for piece in pieces.values():
        yield from rows_of_neighbours(piece)


def _name(part: Sequence[_Still]) -> str | None:
    """By its first still; None for one alone and for a heap."""
    return f"\n{part[0].sha}" if 1 < len(part) <= MOST else None


def _when(still: _Still) -> tuple[int, str]:
    return still.at, still.sha


def _alike(one: _Still, other: _Still) -> bool:
    return ((one.phash ^ other.phash) & ((1 << 64) - 1)).bit_count() <= NEAR
