"""Collections as a person makes them; `collections.json` in the library folder holds them all.

Where a source put an asset into a collection, its sidecar says so. The file says the rest: order,
descriptions, collections without assets, and (`removed`) what the person took out again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict, NotFound
from albums.library.assets import asset_by_sha, now
from albums.library.collections import (
    add_to_collection,
    all_collections,
    remove_from_collection,
)
from albums.vault.durable import replace_synced

FILE = "collections.json"
_LONGEST_NAME = 200


def create(rooms: Rooms, name: str, description: str = "") -> str:
    """Make an empty collection; returns its name as it is kept.

    Raises BadInput for an empty name, Conflict when there is one of this name.
    """
    name = _clean(name)
    with rooms.library.write() as db:
        if _exists(db, name):
            raise Conflict(f"There is already a collection called {name!r}")
        db.execute(
            "insert into collections (name, description, created_at) values (?, ?, ?)",
            (name, description.strip(), now()),
        )
        rooms.audit.record(db, rooms.actor, "created-collection", collection=name)
        _write_file(rooms, db)
    return name


def add(rooms: Rooms, name: str, shas: Sequence[str]) -> int:
    """Put assets at the end of a collection; those in it stay where they are. Returns its size."""
    with rooms.library.write() as db:
        _expect(db, name)
        assets = [asset_by_sha(db, sha) for sha in shas]
        add_to_collection(db, name, [asset.id for asset in assets])
        full = [asset.sha for asset in assets]
        rooms.audit.record(db, rooms.actor, "added-to-collection", collection=name, assets=full)
        _write_file(rooms, db, {name: lambda removed: removed - set(full)})
        return _size(db, name)


def remove(rooms: Rooms, name: str, shas: Sequence[str]) -> int:
    """Take assets out of a collection; they stay in the library. Returns its size."""
    with rooms.library.write() as db:
        _expect(db, name)
        assets = [asset_by_sha(db, sha) for sha in shas]
        remove_from_collection(db, name, [asset.id for asset in assets])
        full = [asset.sha for asset in assets]
        rooms.audit.record(db, rooms.actor, "removed-from-collection", collection=name, assets=full)
        _write_file(rooms, db, {name: lambda removed: removed | set(full)})
        return _size(db, name)


def delete(rooms: Rooms, name: str) -> None:
    """Forget a collection; its assets stay in the library."""
    with rooms.library.write() as db:
        _expect(db, name)
        members = [str(row["sha"]) for row in _members(db, name)]
        db.execute("delete from collections where name = ?", (name,))
        rooms.audit.record(db, rooms.actor, "deleted-collection", collection=name, assets=members)
        _write_file(rooms, db, {name: lambda removed: removed | set(members)})


def _clean(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > _LONGEST_NAME:
        raise BadInput(f"A collection's name has 1 to {_LONGEST_NAME} characters")
    return cleaned


def _exists(db: sqlite3.Connection, name: str) -> bool:
    return db.execute("select 1 from collections where name = ?", (name,)).fetchone() is not None


def _expect(db: sqlite3.Connection, name: str) -> None:
    if not _exists(db, name):
        raise NotFound(f"There is no collection called {name!r}")


def _members(db: sqlite3.Connection, name: str) -> list[sqlite3.Row]:
    return db.execute(
        """select sha from collections
           join collection_assets on collection_id = collections.id
           join assets on assets.id = asset_id
           where collections.name = ? order by position""",
        (name,),
    ).fetchall()


def _size(db: sqlite3.Connection, name: str) -> int:
    return len(_members(db, name))


def _write_file(
    rooms: Rooms,
    db: sqlite3.Connection,
    removals: dict[str, Callable[[set[str]], set[str]]] | None = None,
) -> None:
    """Bring the file up to date, before the commit. `removals` change what was taken out."""
    path = rooms.folder / FILE
    removed = _removed(path)
    for name, change in (removals or {}).items():
        removed[name] = change(removed.get(name, set()))
    collections = [
        {
            "name": c["name"],
            "description": c["description"],
            "created_at": c["created_at"],
            "assets": [row["sha"] for row in _members(db, c["name"])],
        }
        for c in all_collections(db)
    ]
    content: dict[str, Any] = {
        "collections": collections,
        "removed": {name: sorted(shas) for name, shas in sorted(removed.items()) if shas},
    }
    replace_synced(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _removed(path: Path) -> dict[str, set[str]]:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    return {name: set(shas) for name, shas in content["removed"].items()}
