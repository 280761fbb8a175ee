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
SORTS = ("newest", "oldest", "hand")  # the orders in which one may be shown


def current_name(db: sqlite3.Connection, name: str) -> str:
    """What the collection is called today that was once called `name`; else `name` itself."""
    if db.execute("select 1 from collections where name = ?", (name,)).fetchone():
        return name
    row = db.execute(
        """select collections.name from collection_names as former
           join collections on collections.id = collection_id where former.name = ?""",
        (name,),
    ).fetchone()
    return row["name"] if row else name


def former_names(db: sqlite3.Connection, name: str) -> list[str]:
    rows = db.execute(
        """select former.name from collection_names as former
           join collections on collections.id = collection_id
           where collections.name = ? order by former.name""",
        (name,),
    )
    return [row["name"] for row in rows]


def rename(db: sqlite3.Connection, name: str, new: str) -> None:
    """Sources that go on saying the old name fill the same collection."""
    db.execute("delete from collection_names where name = ?", (new,))
    db.execute(
        """insert or replace into collection_names (name, collection_id)
           select name, id from collections where name = ?""",
        (name,),
    )
    db.execute("update collections set name = ? where name = ?", (new, name))


def add_to_collection(db: sqlite3.Connection, name: str, asset_ids: Iterable[int]) -> int:
    """Put assets at the end of the collection called `name`, made if it is new. Returns its id."""
    name = current_name(db, name)
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
    """Every collection with its number of assets outside the trash that were put there, by name."""
    rows = db.execute(f"""
        {
        _COLLECTIONS.format(
            more=''',
               (select count(*) from collection_assets join assets on assets.id = asset_id
                where collection_id = collections.id and trashed_at is null) as assets'''
        )
    }
        order by name""")
    return [_whole(row) for row in rows]


def every_collection(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """What `one_collection` says of each, by name."""
    rows = db.execute(f"{_COLLECTIONS.format(more='')} order by name")
    return [_whole(row) for row in rows]


def one_collection(db: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    """name, description, created_at, query (None: filled by hand), cover (SHA-256 or None), sort
    and formerly (names); None where there is none of this name, today or formerly."""
    row = db.execute(
        f"{_COLLECTIONS.format(more='')} where collections.name = ?", (current_name(db, name),)
    ).fetchone()
    return _whole(row) if row else None


_COLLECTIONS = """
    select collections.name, description, created_at, query, sort,
           (select sha from assets where assets.id = cover_id) as cover,
           (select json_group_array(name) from collection_names
            where collection_id = collections.id) as formerly{more}
    from collections"""


def _whole(row: sqlite3.Row) -> dict[str, Any]:
    return dict(row) | {"formerly": sorted(json.loads(row["formerly"]))}


def collections_of(db: sqlite3.Connection, asset_id: int) -> list[str]:
    rows = db.execute(
        """select name from collections join collection_assets on collection_id = id
           where asset_id = ? order by name""",
        (asset_id,),
    )
    return [row["name"] for row in rows]


def members(db: sqlite3.Connection, name: str) -> list[str]:
    """SHA-256 of what was put in a collection, in its order by hand."""
    rows = db.execute(
        """select sha from collections
           join collection_assets on collection_id = collections.id
           join assets on assets.id = asset_id
           where collections.name = ? order by position, sha""",
        (name,),
    )
    return [row["sha"] for row in rows]


def ids_in_order(db: sqlite3.Connection, name: str) -> list[int]:
    """What was put in a collection, in the order in which it is shown."""
    order = {
        "hand": "position, sha",
        "oldest": "captured_utc is null, captured_utc, assets.id",
        "newest": "captured_utc is null, captured_utc desc, assets.id desc",
    }
    sort = db.execute("select sort from collections where name = ?", (name,)).fetchone()["sort"]
    rows = db.execute(
        f"""select asset_id from collections
            join collection_assets on collection_id = collections.id
            join assets on assets.id = asset_id
            where collections.name = ? order by {order[sort]}""",
        (name,),
    )
    return [row["asset_id"] for row in rows]


def shown_in_order(db: sqlite3.Connection, name: str) -> dict[str, int]:
    """The same as they are shown: what lies under another in a stack, and what is in the trash, is
    not; what a stack shows for it is. SHA-256 -> id."""
    ids = json.dumps(ids_in_order(db, name))
    rows = db.execute(
        """select top.sha, top.id from json_each(?) as listed
           join assets lower on lower.id = listed.value
           join assets top on top.id = coalesce(lower.top_id, lower.id)
           where top.trashed_at is null order by listed.key""",
        (ids,),
    )
    return {row["sha"]: row["id"] for row in rows}


def put_in_order(db: sqlite3.Connection, name: str, asset_ids: Iterable[int]) -> None:
    """The order by hand of all that is in a collection."""
    row = db.execute("select id from collections where name = ?", (name,)).fetchone()
    db.executemany(
        """update collection_assets set position = ?
           where collection_id = ? and asset_id = ?""",
        [(position, row["id"], asset_id) for position, asset_id in enumerate(asset_ids, 1)],
    )


def write_file(
    db: sqlite3.Connection,
    folder: Path,
    replace_file: Callable[[Path, bytes], None],
    *taken_out: tuple[str, Iterable[str]],
) -> None:
    """Bring FILE in `folder` up to date, before the commit. `taken_out`: collections, each with
    what the person just took out; by a rebuild no source puts that back."""
    file = folder / FILE
    removed = removed_in(file)
    for name, shas in taken_out:
        removed[name] = removed.get(name, set()) | set(shas)
    collections = [
        {
            "name": c["name"],
            "description": c["description"],
            "created_at": c["created_at"],
            "query": c["query"],
            "cover": c["cover"],
            "sort": c["sort"],
            "formerly": c["formerly"],
            "assets": members(db, c["name"]),
        }
        for c in every_collection(db)
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
