"""The rows of the library-wide files: audit log, receipts, imports, tombstones, preferences, rules,
owner and devices, collections.

Which files of a source held what was deleted is in none of them: the tombstone keeps it out, and
the next import of that source reads such a file once more to know it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from albums.errors import BadInput, LibraryUnusable
from albums.library import collections, imports, preferences, receipts, rules, tombstones
from albums.library.audit import insert_entries, read_entries
from albums.library.device_records import put_owner, put_rows, read_file

AUDIT, DEVICES = "audit.jsonl", "devices.json"

# Name of a collection -> hashes of what a source put there, with when it came in.
Memberships = dict[str, dict[str, str]]


CarriedOver = dict[str, list[dict[str, Any]]]

# Uploads under way, files that are to go, and how far the box's own rounds are; not what belongs
# to one database only.
_CARRIED = {
    "uploads": "select * from uploads",
    "purging": "select * from purging",
    "notes": "select * from notes where name not in ('swept', 'dav_files')",
}


def carried_over(db: sqlite3.Connection) -> CarriedOver:
    """Rows by table that no file holds, for as long as the old database can be read."""
    return {table: [dict(row) for row in db.execute(sql)] for table, sql in _CARRIED.items()}


def carry_over(db: sqlite3.Connection, over: CarriedOver) -> None:
    for table, rows in over.items():
        for row in rows:
            columns = ", ".join(row)
            values = ", ".join(f":{column}" for column in row)
            db.execute(f"insert into {table} ({columns}) values ({values})", row)


def put_records_back(db: sqlite3.Connection, folder: Path) -> dict[str, int]:
    """All but the collections, which need the assets. Returns how many of each.

    Raises LibraryUnusable for a file that is damaged: what it held would be lost.
    """
    for file, fill in (
        (folder / AUDIT, _fill_audit),
        (folder / receipts.FILE, _fill_receipts),
        (folder / imports.FILE, imports.fill_imports),
        (folder / tombstones.FILE, _fill_tombstones),
        (folder / preferences.FILE, _fill_preferences),
        (folder / rules.FILE, _fill_rules),
        (folder / DEVICES, _fill_devices),
    ):
        if file.exists():
            with _said_plainly(file):
                fill(db, file)
    return {
        table: db.execute(f"select count(*) from {table}").fetchone()[0]
        for table in ("audit", "receipts", "tombstones", "devices", "imports")
    }


def put_collections_back(db: sqlite3.Connection, folder: Path, said: Memberships) -> int:
    """As the file says; what sidecars say besides (`said`) counts unless the person took it out.

    Returns how many there are. Raises LibraryUnusable when the file is damaged.
    """
    file = folder / collections.FILE
    with _said_plainly(file):
        listed = json.loads(file.read_bytes())["collections"] if file.exists() else []
        removed = collections.removed_in(file)
        for collection in listed:
            _put_collection(db, collection, collection["assets"])
            _put_more(db, collection)
        for once, shas in said.items():
            name = collections.current_name(db, once)
            left = {sha: at for sha, at in shas.items() if sha not in removed.get(name, set())}
            if left:
                first = {"name": name, "description": "", "created_at": min(left.values())}
                _put_collection(db, first, list(left))
    [count] = db.execute("select count(*) from collections").fetchone()
    return int(count)


def _put_collection(db: sqlite3.Connection, collection: dict[str, Any], shas: list[str]) -> None:
    db.execute(
        """insert or ignore into collections (name, description, created_at)
           values (:name, :description, :created_at)""",
        collection,
    )
    ids = [
        row["id"]
        for row in db.execute(
            """select assets.id from json_each(?) as listed join assets on assets.sha = listed.value
               order by listed.key""",
            (json.dumps(shas),),
        )
    ]
    collections.add_to_collection(db, collection["name"], ids)


def _put_more(db: sqlite3.Connection, collection: dict[str, Any]) -> None:
    """What the files of older programs do not say."""
    db.execute(
        """update collections set query = ?, sort = ?,
           cover_id = (select id from assets where sha = ?) where name = ?""",
        (
            collection.get("query"),
            collection.get("sort", "newest"),
            collection.get("cover"),
            collection["name"],
        ),
    )
    db.executemany(
        """insert into collection_names (name, collection_id)
           select ?, id from collections where name = ?""",
        [(former, collection["name"]) for former in collection.get("formerly", [])],
    )


def _fill_audit(db: sqlite3.Connection, file: Path) -> None:
    insert_entries(db, read_entries(file))


def _fill_receipts(db: sqlite3.Connection, file: Path) -> None:
    receipts.insert_receipts(db, receipts.read_receipts(file))


def _fill_tombstones(db: sqlite3.Connection, file: Path) -> None:
    tombstones.from_file(db, file.read_bytes())


def _fill_preferences(db: sqlite3.Connection, file: Path) -> None:
    preferences.from_file(db, file.read_bytes())


def _fill_rules(db: sqlite3.Connection, file: Path) -> None:
    rules.from_file(db, file.read_bytes())


def _fill_devices(db: sqlite3.Connection, file: Path) -> None:
    found = read_file(file)
    if found is None:
        raise ValueError("what is left of it was set aside")
    put_owner(db, found[0])
    put_rows(db, found[1])


@contextmanager
def _said_plainly(file: Path) -> Iterator[None]:
    try:
        yield
    except (
        ValueError, KeyError, TypeError, AttributeError, BadInput, sqlite3.Error
    ) as error:  # fmt: skip
        raise LibraryUnusable(
            f"{file.name} is damaged, so nothing was changed",
            why=f"{type(error).__name__}: {error}",
            hint="Put back the file of a backup, or move it away to go on without what it held",
        ) from error
