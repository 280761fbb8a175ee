"""Which assets are duplicates of each other, in groups: each is one of every other in its group.

Pairs come from the step `duplicates`; of what is in the trash, too. Groups hold what a person is to
look at: not the trash, not what lies in one stack, not what they said are no duplicates. Nothing of
it is kept that could not be found again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from albums.library.best import Member, best_of, members_by_id

NOT = "not_duplicates"  # the field of the person's claim: hashes of others that it is no copy of
STEP = "duplicates"


@dataclass(frozen=True)
class Pair:
    """`other` shows the same as the asset in question. `likeness`: 0..1, 1 is the same picture."""

    other: int
    bits: int  # of the perceptual hash that differ
    likeness: float


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
        create table if not exists duplicate_pairs (
            one integer not null references assets on delete cascade,    -- the smaller id
            other integer not null references assets on delete cascade,
            bits integer not null,
            likeness real not null,
            primary key (one, other)
        ) without rowid""")
    db.execute("create index if not exists duplicate_pairs_by_other on duplicate_pairs (other)")
    db.execute("""
        create table if not exists original_pixels (
            asset_id integer primary key references assets on delete cascade,
            hash text not null                 -- '': not all of the picture is there
        )""")
    db.execute("""
        create table if not exists duplicate_groups (
            id integer primary key,            -- of one of its members
            assets integer not null,
            spare integer not null,            -- bytes of all but the best
            exact integer not null,            -- assets that have the very picture of another
            exact_spare integer not null       -- their bytes
        )""")
    db.execute("create index if not exists duplicate_groups_by_spare on duplicate_groups (spare)")
    db.execute("""
        create table if not exists duplicate_members (
            asset_id integer primary key references assets on delete cascade,
            group_id integer not null references duplicate_groups on delete cascade
        )""")
    db.execute(
        "create index if not exists duplicate_members_by_group on duplicate_members (group_id)"
    )
    # Whoever throws away, restores or stacks an asset, its groups are found again.
    db.execute(f"""
        create trigger if not exists duplicates_outdated
        after update of trashed_at, top_id on assets
        when old.trashed_at is not new.trashed_at or old.top_id is not new.top_id
        begin
            update work set state = 'open', attempts = 0, due = 0
            where step = '{STEP}' and asset_id = new.id and state in ('done', 'skipped');
        end""")


# --- pairs


def keep_pairs(db: sqlite3.Connection, asset_id: int, pairs: Sequence[Pair]) -> None:
    """Replace the pairs of an asset, and find the groups around it anew."""
    before = _paired_with(db, asset_id)
    db.execute("delete from duplicate_pairs where one = ?1 or other = ?1", (asset_id,))
    db.executemany(
        "insert into duplicate_pairs values (?, ?, ?, ?)",
        [(*sorted((asset_id, p.other)), p.bits, p.likeness) for p in pairs],
    )
    if before or pairs:
        regroup(db, {asset_id} | (before - {pair.other for pair in pairs}))


def _paired_with(db: sqlite3.Connection, asset_id: int) -> set[int]:
    rows = db.execute(
        """select other from duplicate_pairs where one = ?1
           union all select one from duplicate_pairs where other = ?1""",
        (asset_id,),
    )
    return {row[0] for row in rows}


def keep_pixels(db: sqlite3.Connection, hashes: Iterable[tuple[int, str]]) -> None:
    """Asset id and hash of its whole picture (albums/media/pixels.py)."""
    db.executemany("insert or replace into original_pixels values (?, ?)", hashes)


def pixels_of(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Hashes of whole pictures, of those assets of which they are known."""
    rows = db.execute(
        f"select asset_id, hash from original_pixels where asset_id {_THESE}", (_as_json(ids),)
    )
    return {row["asset_id"]: row["hash"] for row in rows}


# --- groups


def regroup(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Find the groups anew in which these assets are, were or would be."""
    around = _grouped_with(db, ids)
    db.execute(
        f"""delete from duplicate_groups where id in (
                select group_id from duplicate_members where asset_id {_THESE})""",
        (_as_json(around),),
    )
    waiting = sorted(around, key=lambda i: min(_edges(db, i).values(), default=(0.0, 0)))
    touched = {group for asset_id in waiting if (group := _place(db, asset_id)) is not None}
    for group_id in touched:
        _weigh(db, group_id)


def _grouped_with(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    these = set(ids)
    rows = db.execute(
        f"""select asset_id from duplicate_members where group_id in (
                select group_id from duplicate_members where asset_id {_THESE})""",
        (_as_json(these),),
    )
    return these | {row["asset_id"] for row in rows}


def _place(db: sqlite3.Connection, asset_id: int) -> int | None:
    """Put an asset into the group of which every member is a duplicate of it, or make one with its
    nearest duplicate that is in none. Returns the group."""
    edges = _edges(db, asset_id)
    homes = _homes(db, [asset_id, *edges])
    if asset_id in homes or not edges:
        return homes.get(asset_id)
    for other in sorted(edges, key=lambda i: edges[i]):
        home = homes.get(other)
        if home is None:
            db.execute("insert into duplicate_groups values (?, 0, 0, 0, 0)", (asset_id,))
            _join(db, asset_id, [asset_id, other])
            return asset_id
        if _members(db, home) <= edges.keys():
            _join(db, home, [asset_id])
            return home
    return None


def _join(db: sqlite3.Connection, group_id: int, ids: Iterable[int]) -> None:
    db.executemany("insert into duplicate_members values (?, ?)", [(i, group_id) for i in ids])


def _edges(db: sqlite3.Connection, asset_id: int) -> dict[int, tuple[float, int]]:
    """What is a duplicate of it that a person is to look at; the least value is the nearest."""
    return {
        row["id"]: (-row["likeness"], row["id"])
        for row in db.execute(_EDGES, (asset_id, NOT))
        if row["sha"] not in json.loads(row["told_of_mine"] or "[]")
        and row["my_sha"] not in json.loads(row["told_of_it"] or "[]")
    }


def _homes(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int]:
    rows = db.execute(
        f"select asset_id, group_id from duplicate_members where asset_id {_THESE}",
        (_as_json(ids),),
    )
    return {row["asset_id"]: row["group_id"] for row in rows}


def _members(db: sqlite3.Connection, group_id: int) -> set[int]:
    rows = db.execute("select asset_id from duplicate_members where group_id = ?", (group_id,))
    return {row["asset_id"] for row in rows}


def _weigh(db: sqlite3.Connection, group_id: int) -> None:
    """Write down how much a group would free."""
    group = next(iter(_read(db, {group_id: _members(db, group_id)})))
    sizes = {member.id: member.size for member in group.members}
    spare = [i for same in group.same for i in same[1:]]
    db.execute(
        """update duplicate_groups set assets = ?, spare = ?, exact = ?, exact_spare = ?
           where id = ?""",
        (len(sizes), group.spare, len(spare), sum(sizes[i] for i in spare), group_id),
    )


# --- as they are looked at


@dataclass(frozen=True)
class Weight:
    """Of all groups. `exact`: assets that have the very picture of another."""

    groups: int
    spare_assets: int
    spare: int  # bytes
    exact: int
    exact_spare: int  # bytes


def weight(db: sqlite3.Connection) -> Weight:
    row = db.execute(
        """select count(*) as groups, coalesce(sum(assets - 1), 0) as spare_assets,
                  coalesce(sum(spare), 0) as spare, coalesce(sum(exact), 0) as exact,
                  coalesce(sum(exact_spare), 0) as exact_spare from duplicate_groups"""
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
           where (?1 is null or (spare, id) < (?1, ?2)) and (not ?3 or exact > 0)
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
_EDGES = """
    with near(id, likeness) as (
        select other, likeness from duplicate_pairs where one = ?1
        union all select one, likeness from duplicate_pairs where other = ?1)
    select its.id, near.likeness, its.sha, mine.sha as my_sha,
           of_it.value as told_of_it, of_mine.value as told_of_mine
    from near join assets its on its.id = near.id join assets mine on mine.id = ?1
    left join claims of_it on of_it.asset_id = its.id
                              and of_it.field = ?2 and of_it.source = 'person'
    left join claims of_mine on of_mine.asset_id = mine.id
                                and of_mine.field = ?2 and of_mine.source = 'person'
    where its.trashed_at is null and mine.trashed_at is null
      and coalesce(its.top_id, its.id) != coalesce(mine.top_id, mine.id)"""
