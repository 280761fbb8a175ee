"""Which assets are copies of each other, in groups: each is one of every other in its group.

Nothing of it is kept that could not be found again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from albums.library.best import Member, best_of, members_by_id
from albums.library.duplicate_pairs import copies_of, pixels_of

Copies = Callable[[int], tuple[int, ...]]


@dataclass(frozen=True)
class Group:
    """The best of the members comes first. `same`: sets of them with the very same picture."""

    id: int
    members: tuple[Member, ...]
    same: tuple[tuple[int, ...], ...]

    @property
    def exact(self) -> bool:
        return len(self.same) == 1 and len(self.same[0]) == len(self.members)

    @property
    def spare(self) -> int:
        """Bytes that are free once only the best is left."""
        return sum(member.size for member in self.members[1:])


def make_tables(db: sqlite3.Connection) -> None:
    db.execute("""
        create table if not exists duplicate_groups (
            id integer primary key,            -- of one of its members
            assets integer not null,
            spare integer not null,            -- bytes of all but the best
            again integer not null,            -- assets that have the very picture of another
            again_spare integer not null       -- their bytes
        )""")
    db.execute("create index if not exists duplicate_groups_by_spare on duplicate_groups (spare)")
    db.execute("""
        create table if not exists duplicate_members (
            asset_id integer primary key references assets on delete cascade,
            group_id integer not null references duplicate_groups on delete cascade
        )""")
    db.execute("""create index if not exists duplicate_members_by_group
                  on duplicate_members (group_id)""")


# --- found


def regroup(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Find the groups anew in which these assets are, were or would be."""
    around = _grouped_with(db, ids)
    _dissolve(db, around)
    copies = cache(lambda asset_id: copies_of(db, asset_id))
    for asset_id in sorted(around):
        if asset_id not in _homes(db, [asset_id]):
            _lay(db, _together(db, asset_id, copies))


def _grouped_with(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    these = set(ids)
    homes = set(_homes(db, these).values())
    return these | {i for group_id in homes for i in _members(db, group_id)}


def _together(db: sqlite3.Connection, asset_id: int, copies: Copies) -> set[int]:
    """The asset and its copies, the nearest first, each with its group, as far as every one of
    them is a copy of every other."""
    mine = {asset_id}
    for other in copies(asset_id):
        home = _homes(db, [other]).get(other)
        its = _members(db, home) if home is not None else {other}
        if not its & mine and all(its <= set(copies(member)) for member in mine):
            mine |= its
    return mine


def _lay(db: sqlite3.Connection, ids: set[int]) -> None:
    """One group of these, whichever they were in before."""
    if len(ids) < 2:
        return
    _dissolve(db, ids)
    group = next(_read(db, {min(ids): ids}))
    sizes = {member.id: member.size for member in group.members}
    again = [i for same in group.same for i in same[1:]]
    db.execute(
        "insert or replace into duplicate_groups values (?, ?, ?, ?, ?)",
        (group.id, len(ids), group.spare, len(again), sum(sizes[i] for i in again)),
    )
    db.executemany("insert into duplicate_members values (?, ?)", [(i, group.id) for i in ids])


def _dissolve(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    db.executemany(
        "delete from duplicate_groups where id = ?",
        [(group_id,) for group_id in set(_homes(db, ids).values())],
    )


def _homes(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int]:
    rows = db.execute(
        f"select asset_id, group_id from duplicate_members where asset_id {_THESE}",
        (_as_json(ids),),
    )
    return {row["asset_id"]: row["group_id"] for row in rows}


def _members(db: sqlite3.Connection, group_id: int) -> set[int]:
    rows = db.execute("select asset_id from duplicate_members where group_id = ?", (group_id,))
    return {row["asset_id"] for row in rows}


# --- as they are looked at


@dataclass(frozen=True)
class Weight:
    """Of all groups. `again`: assets that have the very picture of another."""

    groups: int
    spare_assets: int
    spare: int  # bytes
    again: int
    again_spare: int  # bytes
    groups_again: int  # with such


def weight(db: sqlite3.Connection) -> Weight:
    row = db.execute(
        """select count(*) as groups, coalesce(sum(assets - 1), 0) as spare_assets,
                  coalesce(sum(spare), 0) as spare, coalesce(sum(again), 0) as again,
                  coalesce(sum(again_spare), 0) as again_spare,
                  count(nullif(again, 0)) as groups_again from duplicate_groups"""
    ).fetchone()
    return Weight(**dict(row))


def groups(
    db: sqlite3.Connection,
    limit: int,
    after: tuple[int, int] | None = None,
    *,
    exact: bool = False,
) -> tuple[list[Group], tuple[int, int] | None]:
    """Groups that free most come first, and `after` of the next page. With `exact` those in which
    there is the very same picture twice. `after`: bytes and id of the last one before."""
    rows = db.execute(
        """select id, spare from duplicate_groups
           where (?1 is null or (spare, id) < (?1, ?2)) and (not ?3 or again > 0)
           order by spare desc, id desc limit ?4""",
        (*(after or (None, None)), exact, limit),
    ).fetchall()
    ids = [row["id"] for row in rows]
    found = db.execute(
        f"""select group_id, asset_id from duplicate_members join assets on id = asset_id
            where group_id {_THESE} and trashed_at is null""",
        (_as_json(ids),),
    )
    members: dict[int, set[int]] = {group_id: set() for group_id in ids}
    for row in found:
        members[row["group_id"]].add(row["asset_id"])
    last = (rows[-1]["spare"], rows[-1]["id"]) if len(rows) == limit else None
    return [g for g in _read(db, members) if len(g.members) > 1], last


def group_with(db: sqlite3.Connection, asset_id: int) -> Group | None:
    """The group in which an asset is."""
    home = _homes(db, [asset_id]).get(asset_id)
    return next(iter(_read(db, {home: _members(db, home)}))) if home is not None else None


def _read(db: sqlite3.Connection, found: dict[int, set[int]]) -> Iterator[Group]:
    every = [asset_id for ids in found.values() for asset_id in ids]
    known, hashes = members_by_id(db, every), pixels_of(db, every)
    for group_id, ids in found.items():
        members = best_of(known[asset_id] for asset_id in ids)
        same: dict[str, list[int]] = {}
        for member in members:
            if hash := hashes.get(member.id):
                same.setdefault(hash, []).append(member.id)
        twice = tuple(tuple(ids) for ids in same.values() if len(ids) > 1)
        yield Group(group_id, members, twice)


def _as_json(ids: Iterable[int]) -> str:
    return json.dumps(sorted(ids))


_THESE = "in (select value from json_each(?))"


_THESE = "in (select value from json_each(?))"
