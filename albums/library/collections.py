"""Collections: what people call albums. An asset is stored once and may be in many.

`collections.json` in the library's folder holds them all, in order, and what the person took out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from albums.library.assets import now

FILE = "collections.json"


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
    """Every collection with its number of assets outside the trash, by name."""
    rows = db.execute("""
        select name, description, created_at,
               (select count(*) from collection_assets join assets on assets.id = asset_id
                where collection_id = collections.id and trashed_at is null) as assets
        from collections order by name""")
    return [dict(row) for row in rows]


def collections_of(db: sqlite3.Connection, asset_id: int) -> list[str]:
    rows = db.execute(
        """select name from collections join collection_assets on collection_id = id
           where asset_id = ? order by name""",
        (asset_id,),
    )
    return [row["name"] for row in rows]


def members(db: sqlite3.Connection, name: str) -> list[str]:
    """SHA-256 of what is in a collection, in its order."""
    rows = db.execute(
        """select sha from collections
           join collection_assets on collection_id = collections.id
           join assets on assets.id = asset_id
           where collections.name = ? order by position, sha""",
        (name,),
    )
    return [row["sha"] for row in rows]


def write_file(
    db: sqlite3.Connection,
    folder: Path,
    replace_file: Callable[[Path, bytes], None],
    taken_out: tuple[str, Iterable[str]] = ("", ()),
) -> None:
    """Bring FILE in `folder` up to date, before the commit. `taken_out`: what the person just took
    out of a collection; a source that brings it again does not put it back there by a rebuild."""
    file = folder / FILE
    removed = removed_in(file)
    name, shas = taken_out
    removed[name] = removed.get(name, set()) | set(shas)
    collections = [
        {
            "name": c["name"],
            "description": c["description"],
            "created_at": c["created_at"],
            "assets": members(db, c["name"]),
        }
        for c in all_collections(db)
    ]
    inside = {c["name"]: set(c["assets"]) for c in collections}
    left = {name: sorted(out - inside.get(name, set())) for name, out in sorted(removed.items())}
    content = {"collections": collections, "removed": {k: v for k, v in left.items() if v}}
    replace_file(file, json.dumps(content, ensure_ascii=False, indent=1).encode())


def removed_in(file: Path) -> dict[str, set[str]]:
    """What the person took out, by collection, as FILE remembers it."""
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    return {name: set(shas) for name, shas in content["removed"].items()}
