"""Collections: what people call albums. An asset is stored once and may be in many."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from albums.library.assets import now


def add_to_collection(db: sqlite3.Connection, name: str, asset_ids: Iterable[int]) -> int:
    """Put assets at the end of the collection called `name`, made if it is new. Returns its id."""
    db.execute("insert or ignore into collections (name, created_at) values (?, ?)", (name, now()))
    row = db.execute("select id from collections where name = ?", (name,)).fetchone()
    collection_id = int(row["id"])
    last = db.execute(
        "select coalesce(max(position), 0) as p from collection_assets where collection_id = ?",
        (collection_id,),
    ).fetchone()["p"]
    db.executemany(
        """insert or ignore into collection_assets (collection_id, asset_id, position)
           values (?, ?, ?)""",
        [(collection_id, asset_id, last + i) for i, asset_id in enumerate(asset_ids, 1)],
    )
    return collection_id


def remove_from_collection(db: sqlite3.Connection, name: str, asset_ids: Iterable[int]) -> None:
    db.executemany(
        """delete from collection_assets where asset_id = ?
           and collection_id = (select id from collections where name = ?)""",
        [(asset_id, name) for asset_id in asset_ids],
    )


def all_collections(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every collection with its number of assets, by name."""
    rows = db.execute("""
        select name, description, created_at, count(asset_id) as assets
        from collections left join collection_assets on collection_id = id
        group by id order by name""")
    return [dict(row) for row in rows]


def collections_of(db: sqlite3.Connection, asset_id: int) -> list[str]:
    rows = db.execute(
        """select name from collections join collection_assets on collection_id = id
           where asset_id = ? order by name""",
        (asset_id,),
    )
    return [row["name"] for row in rows]
