"""What each device finds in its WebDAV inbox: a tree of names, kept for as long as it lists them.

A file's bytes lie in `dav/` until the library took them; from then on its row only remembers them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

ROOT = ""


@dataclass(frozen=True)
class Entry:
    """A file or folder. `path` is NFC, without slashes at its ends."""

    owner: str  # whose inbox
    origin: str  # tailscale://galaxy-s24, as it was called then
    path: str
    is_folder: bool
    size: int  # bytes
    sha: str  # SHA-256, hex; '' for a folder
    bytes: str | None  # under which name they lie in dav/; None once the library took them
    created_ns: int
    modified_ns: int
    changed_at: float  # when it was last written or named, seconds since 1970
    properties: Mapping[str, str]  # {namespace}name -> XML, as a client left it

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return parent_of(self.path)


def parent_of(path: str) -> str:
    return path.rpartition("/")[0]


def find_entry(db: sqlite3.Connection, owner: str, path: str) -> Entry | None:
    row = db.execute(
        "select * from dav_files where owner = ? and path = ?", (owner, path)
    ).fetchone()
    return _entry(row) if row else None


def entries_in(db: sqlite3.Connection, owner: str, folder: str) -> list[Entry]:
    """What lies directly in a folder, by name."""
    rows = db.execute(
        "select * from dav_files where owner = ? and parent = ? and path != '' order by path",
        (owner, folder),
    )
    return [_entry(row) for row in rows]


def entries_below(db: sqlite3.Connection, owner: str, path: str) -> list[Entry]:
    """`path` itself and all that lies below it, folders before what they hold."""
    rows = db.execute(
        """select * from dav_files where owner = ?1
           and (path = ?2 or (path > ?2 || '/' and path < ?2 || '0')) order by path""",
        (owner, path),
    )
    return [_entry(row) for row in rows]


def put_entry(db: sqlite3.Connection, entry: Entry) -> None:
    """Write an entry in place of what had its path."""
    db.execute(
        """insert or replace into dav_files (owner, origin, path, parent, is_folder, size, sha,
                 bytes, created_ns, modified_ns, changed_at, properties)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            entry.owner, entry.origin, entry.path, entry.folder, entry.is_folder, entry.size,
            entry.sha, entry.bytes, entry.created_ns, entry.modified_ns, entry.changed_at,
            json.dumps(dict(entry.properties)),
        ),
    )  # fmt: skip


def remove_entries(db: sqlite3.Connection, owner: str, path: str) -> None:
    """Take a file, or a folder with all that it holds, off the list."""
    for entry in entries_below(db, owner, path):
        db.execute("delete from dav_files where owner = ? and path = ?", (owner, entry.path))


def copied(entry: Entry, source: str, target: str, at: float) -> Entry:
    """An entry of the tree `source` as it stands in the tree `target`."""
    return replace(entry, path=target + entry.path[len(source) :], changed_at=at)


def waiting(db: sqlite3.Connection, before: float) -> list[Entry]:
    """Files that the library has not taken, untouched since `before`."""
    rows = db.execute(
        "select * from dav_files where bytes is not null and changed_at <= ? order by changed_at",
        (before,),
    )
    return [_entry(row) for row in rows]


def took(db: sqlite3.Connection, bytes_id: str) -> None:
    """The library has these bytes now, whatever names they go by here."""
    db.execute("update dav_files set bytes = null where bytes = ?", (bytes_id,))


def unused(db: sqlite3.Connection, ids: Iterable[str | None]) -> set[str]:
    """Those of the names in dav/ that no file has any more."""
    return {
        one
        for one in ids
        if one and not db.execute("select 1 from dav_files where bytes = ?", (one,)).fetchone()
    }


def add_folders(db: sqlite3.Connection, entry: Entry) -> None:
    """The folders above an entry, where they are missing."""
    folder = entry.folder
    while folder and find_entry(db, entry.owner, folder) is None:
        above = replace(
            entry, path=folder, is_folder=True, size=0, sha="", bytes=None, properties={}
        )
        put_entry(db, above)
        folder = above.folder


def relist(db: sqlite3.Connection, otherwise: str) -> None:
    """List again what came this way, once in each database: it may have been made anew.

    `otherwise`: the owner of what no known device brought.
    """
    if not db.execute("insert or ignore into notes values ('dav_files', 'listed')").rowcount:
        return
    rows = db.execute(
        """select coalesce(devices.stable_id, ?) as owner, arrivals.origin, arrivals.folder,
                  arrivals.name, arrivals.size, arrivals.modified_ns, assets.sha
           from arrivals join assets on assets.id = asset_id
           left join devices on 'tailscale://' || devices.name = arrivals.origin
           where arrivals.source = 'webdav' order by arrivals.id""",
        (otherwise,),
    ).fetchall()
    for row in rows:
        path = "/".join(part for part in (row["folder"], row["name"]) if part)
        moment = row["modified_ns"] or 0
        entry = Entry(
            row["owner"], row["origin"], path, False, row["size"], row["sha"], None, moment, moment,
            0.0, {},
        )  # fmt: skip
        add_folders(db, entry)
        put_entry(db, entry)


def _entry(row: sqlite3.Row) -> Entry:
    found = dict(row)
    del found["parent"]
    found["is_folder"] = bool(found["is_folder"])
    found["properties"] = json.loads(found["properties"])
    return Entry(**found)
