"""Collections as a person makes them; `collections.json` in the library folder holds them all.

Where a source put an asset into a collection, its sidecar says so. The file says the rest: order,
descriptions, collections without assets, and (`removed`) what the person took out again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from albums.curate.rooms import Rooms
from albums.errors import BadInput, Conflict, NotFound
from albums.library.assets import asset_by_sha, now
from albums.library.collections import (
    add_to_collection,
    members,
    remove_from_collection,
    write_file,
)
from albums.vault.durable import replace_synced

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
        _write_file(rooms, db)
        return _size(db, name)


def remove(rooms: Rooms, name: str, shas: Sequence[str]) -> int:
    """Take assets out of a collection; they stay in the library. Returns its size."""
    with rooms.library.write() as db:
        _expect(db, name)
        assets = [asset_by_sha(db, sha) for sha in shas]
        remove_from_collection(db, name, [asset.id for asset in assets])
        full = [asset.sha for asset in assets]
        rooms.audit.record(db, rooms.actor, "removed-from-collection", collection=name, assets=full)
        _write_file(rooms, db, (name, full))
        return _size(db, name)


def delete(rooms: Rooms, name: str) -> None:
    """Forget a collection; its assets stay in the library."""
    with rooms.library.write() as db:
        _expect(db, name)
        inside = members(db, name)
        db.execute("delete from collections where name = ?", (name,))
        rooms.audit.record(db, rooms.actor, "deleted-collection", collection=name, assets=inside)
        _write_file(rooms, db, (name, inside))


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


def _size(db: sqlite3.Connection, name: str) -> int:
    return len(members(db, name))


def _write_file(
    rooms: Rooms, db: sqlite3.Connection, taken_out: tuple[str, Sequence[str]] = ("", ())
) -> None:
    write_file(db, rooms.folder, replace_synced, taken_out)
