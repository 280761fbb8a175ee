"""Files that were taken together: a live photo and its film, a photo and its raw file.

Which belong together is computed by ingest/steps/companions.py from what each file says.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Part = Literal["photo", "raw", "film"]
_ROLES = {"film": "moving part", "raw": "raw file", "photo": "still photo"}


@dataclass(frozen=True)
class Taken:
    """What an asset says of being taken together with others."""

    asset_id: int
    part: Part
    content_id: str | None
    at: int | None  # seconds since 1970
    zone_known: bool  # without it, `at` may be off by the offset of a time zone
    places: frozenset[str]  # origin, folder and name without extension, as one text
    still: str | None = None  # SHA-256: a photo's own; of the photo that a film is said to move


def make_tables(db: sqlite3.Connection) -> None:
    db.execute("""
        create table if not exists taken (
            asset_id integer primary key references assets on delete cascade,
            part text not null,                -- photo, raw, film
            content_id text,
            at integer,                        -- seconds since 1970
            zone_known integer not null,
            still text                         -- SHA-256
        )""")
    for name in ("content_id", "still"):
        db.execute(f"""create index if not exists taken_by_{name} on taken ({name})
                       where {name} is not null""")
    db.execute("""
        create table if not exists taken_places (
            place text not null,
            asset_id integer not null references assets on delete cascade,
            primary key (place, asset_id)
        ) without rowid""")
    db.execute("create index if not exists taken_places_by_asset on taken_places (asset_id)")
    db.execute("""
        create table if not exists companions (
            photo_id integer not null references assets on delete cascade,
            other_id integer not null references assets on delete cascade,
            primary key (photo_id, other_id)
        ) without rowid""")
    db.execute("create index if not exists companions_by_other on companions (other_id)")


def keep_taken(db: sqlite3.Connection, taken: Taken) -> None:
    """Replace what was known of the asset."""
    db.execute(
        "insert or replace into taken values (?, ?, ?, ?, ?, ?)",
        (taken.asset_id, taken.part, taken.content_id, taken.at, taken.zone_known, taken.still),
    )
    db.execute("delete from taken_places where asset_id = ?", (taken.asset_id,))
    db.executemany(
        "insert into taken_places values (?, ?)", [(p, taken.asset_id) for p in taken.places]
    )


def perhaps_together(db: sqlite3.Connection, taken: Taken) -> list[Taken]:
    """Assets that share an identifier, a still or a name with this one, and are another part."""
    rows = db.execute(
        """select * from taken where part != ?1 and (part = 'photo' or ?1 = 'photo')
           and asset_id in (
               select asset_id from taken where content_id = ?2
               union select asset_id from taken where still = ?4
               union select asset_id from taken_places
               where place in (select value from json_each(?3)))""",
        (taken.part, taken.content_id, json.dumps(list(taken.places)), taken.still),
    ).fetchall()
    return [_taken(db, row) for row in rows]


def _taken(db: sqlite3.Connection, row: sqlite3.Row) -> Taken:
    asset_id = row["asset_id"]
    places = db.execute("select place from taken_places where asset_id = ?", (asset_id,))
    return Taken(
        asset_id,
        row["part"],
        row["content_id"],
        row["at"],
        bool(row["zone_known"]),
        frozenset(place["place"] for place in places),
        row["still"],
    )


def replace_companions(db: sqlite3.Connection, asset: Taken, others: Iterable[int]) -> None:
    """These and no others belong to `asset`."""
    mine, theirs = ("photo_id", "other_id") if asset.part == "photo" else ("other_id", "photo_id")
    db.execute(f"delete from companions where {mine} = ?", (asset.asset_id,))
    db.executemany(
        f"insert into companions ({mine}, {theirs}) values (?, ?)",
        [(asset.asset_id, other) for other in others],
    )


def companions_of(db: sqlite3.Connection, asset_id: int) -> list[dict[str, Any]]:
    """SHA-256, name and role of what was taken together with the asset and is not in the trash."""
    rows = db.execute(
        """select sha, name, part from assets join taken on asset_id = id
           where trashed_at is null and id in (
               select other_id from companions where photo_id = ?1
               union select photo_id from companions where other_id = ?1)
           order by part, name, sha""",
        (asset_id,),
    )
    return [{"sha": r["sha"], "name": r["name"], "role": _ROLES[r["part"]]} for r in rows]
