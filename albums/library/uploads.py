"""Uploads that come in pieces: how far each one is. The offset here is the only truth."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from albums.errors import NotFound

State = Literal["open", "done", "wrong"]


@dataclass(frozen=True)
class Upload:
    """One file on its way. `offset` bytes of it are on the disk for certain."""

    id: str  # nobody guesses it
    owner: str  # the device that may go on with it
    origin: str  # tailscale://galaxy-s24, as it was called then
    length: int  # bytes
    offset: int
    metadata: Mapping[str, str]  # as the client said it, decoded
    again: bool  # take in even what was deleted before
    created_at: float  # seconds since 1970
    expires_at: float
    state: State  # wrong: whole, but not what the client said that it would be
    sha: str | None  # SHA-256, hex, once it is whole
    status: str | None  # ingested, duplicate or deleted, once it is done

    @property
    def whole(self) -> bool:
        return self.offset == self.length


def add_upload(db: sqlite3.Connection, upload: Upload) -> None:
    db.execute(
        """insert into uploads (id, owner, origin, length, offset, metadata, again, created_at,
                                expires_at, state)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')""",
        (
            upload.id, upload.owner, upload.origin, upload.length, upload.offset,
            json.dumps(dict(upload.metadata)), upload.again, upload.created_at, upload.expires_at,
        ),
    )  # fmt: skip


def find_upload(db: sqlite3.Connection, upload_id: str, owner: str, now: float) -> Upload:
    """Raises NotFound; also for what belongs to another device or has expired."""
    row = db.execute(
        "select * from uploads where id = ? and owner = ? and expires_at > ?",
        (upload_id, owner, now),
    ).fetchone()
    if row is None:
        raise NotFound(
            "There is no such upload",
            why="It has expired, was ended, or was begun by another device",
            hint="Begin a new one",
        )
    return _upload(row)


def whole_uploads(db: sqlite3.Connection) -> list[Upload]:
    """All bytes are there, but they have not passed the door."""
    rows = db.execute("select * from uploads where state = 'open' and offset = length")
    return [_upload(row) for row in rows]


def promised(db: sqlite3.Connection, expiring_after: float) -> int:
    """Bytes that are still to come, of uploads that will not expire before."""
    row = db.execute(
        "select sum(length - offset) from uploads where state = 'open' and expires_at > ?",
        (expiring_after,),
    ).fetchone()
    return row[0] or 0


def unfinished(db: sqlite3.Connection, owner: str) -> int:
    """How many uploads a device has not brought to an end."""
    row = db.execute(
        "select count(*) from uploads where owner = ? and state != 'done'", (owner,)
    ).fetchone()
    return int(row[0])


def move_on(db: sqlite3.Connection, upload_id: str, offset: int, expires_at: float) -> None:
    """These bytes are on the disk. Raises NotFound when the upload was ended meanwhile."""
    moved = db.execute(
        "update uploads set offset = ?, expires_at = ? where id = ? and state = 'open'",
        (offset, expires_at, upload_id),
    )
    if not moved.rowcount:
        raise NotFound("This upload was ended", hint="Begin a new one")


def end_upload(
    db: sqlite3.Connection,
    upload_id: str,
    state: State,
    sha: str,
    status: str | None,
    expires_at: float,
) -> None:
    """The file is whole: it passed the door (`done`) or is not what it should be (`wrong`)."""
    db.execute(
        """update uploads set offset = length, state = ?, sha = ?, status = ?, expires_at = ?
           where id = ?""",
        (state, sha, status, expires_at, upload_id),
    )


def forget_upload(db: sqlite3.Connection, upload_id: str) -> None:
    db.execute("delete from uploads where id = ?", (upload_id,))


def forget_expired(db: sqlite3.Connection, now: float, but: set[str]) -> int:
    """Forget what expired, except what is being written just now and what is whole but has not
    passed the door. Returns how many."""
    rows = db.execute(
        """select id from uploads
           where expires_at <= ? and not (state = 'open' and offset = length)""",
        (now,),
    ).fetchall()
    expired = [row["id"] for row in rows if row["id"] not in but]
    for upload_id in expired:
        forget_upload(db, upload_id)
    return len(expired)


def with_files(db: sqlite3.Connection) -> set[str]:
    """Ids of the uploads whose bytes are still to be kept."""
    return {row["id"] for row in db.execute("select id from uploads where state != 'done'")}


def _upload(row: sqlite3.Row) -> Upload:
    found: dict[str, Any] = dict(row)
    found["metadata"] = json.loads(found["metadata"])
    found["again"] = bool(found["again"])
    return Upload(**found)
