"""What ties assets to each other: parts of one shot, edits of one original, shots of one burst,
and what a person put together. `stacks.py` makes stacks of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from albums.library.damage import IS_DAMAGED
from albums.library.shots import MOST

ALONE = "alone"  # the person's word for what is to lie in no stack
_CLOCKS_APART = 2_000  # milliseconds between an original and its edit, as both files say


@dataclass(frozen=True)
class Bond:
    """`one` is the film or raw file of the photo `other`, or its edited copy."""

    kind: Literal["part", "edit"]
    one: int
    other: int


@dataclass(frozen=True)
class Member:
    """What decides in which stack an asset lies, and where."""

    id: int
    sha: str
    name: str
    size: int  # bytes
    pixels: int
    favourite: bool
    hidden: bool
    rating: int
    trashed: bool
    damaged: bool  # the original is gone or not what it was
    part: str  # photo, raw, film; '' is none of them
    cover: bool
    sharpness: float
    at: int  # milliseconds
    burst: str | None
    word: str | None  # the person's: ALONE, or the name of a stack
    chosen_at: str  # UTC: when the person put it on top; '' is never


@dataclass(frozen=True)
class Knot:
    """Assets with all that ties them."""

    members: dict[int, Member]
    bonds: frozenset[Bond]


def knot(db: sqlite3.Connection, ids: Iterable[int]) -> Knot:
    """All that hangs together with these assets, be it over several others, in the trash or not."""
    known: set[int] = set()
    bonds: set[Bond] = set()
    fresh = set(ids)
    while fresh:
        known |= fresh
        found = _bonds(db, fresh)
        bonds |= found
        tied = {end for bond in found for end in (bond.one, bond.other)}
        fresh = (tied | _mates(db, fresh)) - known
    members = {row["id"]: _member(row) for row in db.execute(_MEMBERS, (_as_json(known),))}
    return Knot(members, frozenset(b for b in bonds if {b.one, b.other} <= members.keys()))


def _bonds(db: sqlite3.Connection, ids: Iterable[int]) -> set[Bond]:
    these = (_as_json(ids),)
    parts = {Bond("part", *row) for row in db.execute(_PARTS, these)}
    return parts | {Bond("edit", *row) for sql in _EDITS for row in db.execute(sql, these)}


def _mates(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    """Of the same burst, or put into the same stack by the person."""
    these = (_as_json(ids),)
    return {row[0] for sql in (_OF_BURST, _TOLD) for row in db.execute(sql, these)}


def _as_json(ids: Iterable[int]) -> str:
    return json.dumps(sorted(ids))


def _member(row: sqlite3.Row) -> Member:
    known = dict(row)
    for flag in ("favourite", "hidden", "trashed", "damaged", "cover"):
        known[flag] = bool(known[flag])
    return Member(**known)


_IN = "in (select value from json_each(?1))"
_PARTS = f"select other_id, photo_id from companions where photo_id {_IN} or other_id {_IN}"
_NAMED_ALIKE = f"""
    select e.asset_id, p.asset_id from edit_places e
    join taken_places p on p.place = e.place
    join shots edit on edit.asset_id = e.asset_id
    join shots shot on shot.asset_id = p.asset_id
    where {{}}.asset_id {_IN} and abs(edit.at - shot.at) <= {_CLOCKS_APART}
      and (edit.camera = shot.camera or '' in (edit.camera, shot.camera))"""
_EDITS = (
    f"""select asset_id, id from claims join assets on sha = claims.value ->> '$'
        where asset_id {_IN} and field = 'variant_of' and id != asset_id
        union
        select asset_id, id from assets
        join claims on field = 'variant_of' and value = '"' || sha || '"'
        where id {_IN} and id != asset_id""",
    f"""{_NAMED_ALIKE.format("e")} union {_NAMED_ALIKE.format("p")}""",
)
# More than MOST are a heap, which ties nobody.
_BURSTS = f"""
    select b.burst from (
        select distinct burst from shots where asset_id {_IN} and burst is not null) b
    where (select count(*) from (select 1 from shots s where s.burst = b.burst limit {MOST + 1}))
          <= {MOST}"""
_OF_BURST = f"select asset_id from shots where burst in ({_BURSTS})"
_TOLD = f"""select o.asset_id from claims c join claims o on o.field = 'stack' and o.value = c.value
            where c.asset_id {_IN} and c.field = 'stack' and c.value != '"{ALONE}"'"""
_MEMBERS = f"""
    select assets.id, sha, name, size, coalesce(width * height, 0) as pixels, favourite, hidden,
        coalesce(rating, 0) as rating, trashed_at is not null as trashed,
        {IS_DAMAGED} as damaged, coalesce(part, '') as part, coalesce(cover, 0) as cover,
        coalesce(sharpness, 0.0) as sharpness, coalesce(shots.at, taken.at * 1000, 0) as at,
        case when burst in ({_BURSTS}) then burst end as burst,
        word.value ->> '$' as word, coalesce(chosen.value ->> '$', '') as chosen_at
    from assets
    left join taken on taken.asset_id = assets.id
    left join shots on shots.asset_id = assets.id
    left join claims word on word.asset_id = assets.id and word.field = 'stack'
                             and word.source = 'person'
    left join claims chosen on chosen.asset_id = assets.id and chosen.field = 'stack_top'
                               and chosen.source = 'person'
    where assets.id {_IN}"""
