"""Pairs of assets that show the same, as the step `duplicates` found them, and what of that stands.

Pairs are of what is in the trash, too. What stands is what a person is to look at: not the trash,
not what they said is no copy, not the parts of one shot.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from albums.library.bonds import ALONE, knot

NOT = "not_duplicates"  # the field of the person's claim: hashes of others that it is no copy of
SAME = 1.0  # the likeness of the very same picture in another file
STEP = "duplicates"


@dataclass(frozen=True)
class Pair:
    """`other` shows the same as the asset in question. `likeness`: 0..1."""

    other: int
    bits: int  # of the perceptual hash that differ
    likeness: float


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
    # Whoever throws away, restores or stacks an asset: its groups are found again.
    db.execute(f"""
        create trigger if not exists duplicates_outdated
        after update of trashed_at, top_id on assets
        when old.trashed_at is not new.trashed_at or old.top_id is not new.top_id
        begin
            update work set state = 'open', attempts = 0, due = 0
            where step = '{STEP}' and asset_id = new.id and state in ('done', 'skipped');
        end""")


def keep_pairs(db: sqlite3.Connection, asset_id: int, pairs: Sequence[Pair]) -> set[int]:
    """Replace the pairs of an asset. Returns of which assets the groups may be others now."""
    before = paired_with(db, asset_id)
    db.execute("delete from duplicate_pairs where one = ?1 or other = ?1", (asset_id,))
    db.executemany(
        "insert into duplicate_pairs values (?, ?, ?, ?)",
        [(*sorted((asset_id, p.other)), p.bits, p.likeness) for p in pairs],
    )
    return {asset_id, *before} - {pair.other for pair in pairs} if before or pairs else set()


def paired_with(db: sqlite3.Connection, asset_id: int) -> set[int]:
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
        """select asset_id, hash from original_pixels
           where asset_id in (select value from json_each(?))""",
        (json.dumps(list(ids)),),
    )
    return {row["asset_id"]: row["hash"] for row in rows}


def copies_of(db: sqlite3.Connection, asset_id: int) -> tuple[int, ...]:
    """Ids of what stands as a copy of an asset, the nearest first."""
    rows = db.execute(_STANDING, (asset_id, NOT)).fetchall()
    return tuple(
        row["id"]
        for row in sorted(rows, key=lambda row: (-row["likeness"], row["id"]))
        if row["sha"] not in json.loads(row["told_of_mine"] or "[]")
        and row["my_sha"] not in json.loads(row["told_of_it"] or "[]")
        and not (row["stacked"] and _is_another_part(db, asset_id, row))
    )


def _is_another_part(db: sqlite3.Connection, asset_id: int, row: sqlite3.Row) -> bool:
    """Of what lies in one stack: a copy has the time of its original, so it lies there as if both
    were of one burst. It is no copy if something else ties the two, or if it is another shot."""
    whole = knot(db, [asset_id])
    word = whole.members[asset_id].word
    if word not in (None, ALONE) and word == whole.members[row["id"]].word:
        return True
    tied, fresh = set[int](), {asset_id}
    while fresh:
        tied |= fresh
        ends = [{bond.one, bond.other} for bond in whole.bonds]
        fresh = {i for two in ends if two & fresh for i in two} - tied
    if row["id"] in tied:
        return True
    alike = row["resized"] or PurePosixPath(row["name"]).stem == PurePosixPath(row["my_name"]).stem
    return row["likeness"] < SAME and not (row["at_once"] and alike)


_STANDING = """
    with near(id, likeness) as (
        select other, likeness from duplicate_pairs where one = ?1
        union all select one, likeness from duplicate_pairs where other = ?1)
    select its.id, near.likeness, its.sha, mine.sha as my_sha, its.name, mine.name as my_name,
           of_it.value as told_of_it, of_mine.value as told_of_mine,
           coalesce(its.top_id, its.id) = coalesce(mine.top_id, mine.id) as stacked,
           its.width * its.height is not mine.width * mine.height as resized,
           its_shot.at is my_shot.at as at_once
    from near join assets its on its.id = near.id join assets mine on mine.id = ?1
    left join shots its_shot on its_shot.asset_id = its.id
    left join shots my_shot on my_shot.asset_id = mine.id
    left join claims of_it on of_it.asset_id = its.id
                              and of_it.field = ?2 and of_it.source = 'person'
    left join claims of_mine on of_mine.asset_id = mine.id
                                and of_mine.field = ?2 and of_mine.source = 'person'
    where its.trashed_at is null and mine.trashed_at is null"""
