"""Which of several copies is the best one: it is proposed to be kept, and a person may choose
another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from albums.library.damage import IS_DAMAGED

_OLD = 1 << 62  # of what has no date: it is later than any
# These only guess when it was taken.
_GUESSES = ("name", "instant", "file", "arrival")


@dataclass(frozen=True)
class Member:
    """What decides which copy is the best."""

    id: int
    sha: str
    name: str
    kind: str
    mime: str
    size: int  # bytes
    width: int | None
    height: int | None
    captured_utc: int | None
    received_at: str
    damaged: bool
    moves: bool
    gain_map: bool  # it is brighter on screens that can
    facts: int  # camera, place, date: how many it knows by itself

    @property
    def pixels(self) -> int:
        return (self.width or 0) * (self.height or 0)


def best_of(members: Iterable[Member]) -> tuple[Member, ...]:
    """The best first: most pixels, then the raw file, what moves, what knows most of itself, the
    earliest, the largest."""
    return tuple(sorted(members, key=_rank))


def _rank(member: Member) -> tuple[object, ...]:
    captured = member.captured_utc
    return (
        member.damaged,
        -member.pixels,
        not member.mime.startswith("image/x-"),
        not member.moves,
        not member.gain_map,
        -member.facts,
        _OLD if captured is None else captured,
        -member.size,
        member.received_at,
        member.sha,
    )


def members_by_id(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Member]:
    """What is gone is left out."""
    rows = db.execute(_MEMBERS, (json.dumps(sorted(ids)),))
    return {row["id"]: _member(row) for row in rows}


def _member(row: sqlite3.Row) -> Member:
    known = dict(row)
    for flag in ("damaged", "moves", "gain_map"):
        known[flag] = bool(known[flag])
    return Member(**known)


_MEMBERS = f"""
    select assets.id, sha, name, kind, mime, size, width, height, captured_utc, received_at,
           {IS_DAMAGED} as damaged,
           exists (select 1 from moving_parts where asset_id = assets.id) or exists (
               select 1 from companions join taken on taken.asset_id = other_id
               where photo_id = assets.id and taken.part = 'film') as moves,
           exif.tags ->> '$.gain_map' is not null as gain_map,
           (camera is not null) + (latitude is not null) + exists (
               select 1 from claims where asset_id = assets.id and field = 'captured_at'
               and source not in {_GUESSES}) as facts
    from assets left join exif on exif.asset_id = assets.id
    where assets.id in (select value from json_each(?))"""
