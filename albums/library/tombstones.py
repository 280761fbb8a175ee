"""What the owner deleted stays deleted: its hash is remembered, its bytes are not.

So are the files that held it, by a source's own name for them, so that they need not be read again.
"""

from __future__ import annotations

import json
import sqlite3

from albums.library.assets import Asset, now

FILE = "tombstones.json"  # in the library's folder; holds the same as the table


def deleted_at(db: sqlite3.Connection, sha: str) -> str | None:
    """When the owner deleted these bytes (UTC), or None where they did not."""
    row = db.execute("select deleted_at from tombstones where sha = ?", (sha,)).fetchone()
    return row["deleted_at"] if row else None


def beginning_with(db: sqlite3.Connection, sha: str) -> list[tuple[str, str]]:
    """Name and `deleted_at` of what was deleted for good and whose SHA-256 begins so; of those
    that the library does not hold again. At most two: more is as good as many."""
    rows = db.execute(
        """select name, deleted_at from tombstones where sha >= ?1 and sha < ?1 || 'g'
           and not exists (select 1 from assets where assets.sha >= ?1 and assets.sha < ?1 || 'g')
           limit 2""",
        (sha,),
    )
    return [(row["name"], row["deleted_at"]) for row in rows] if len(sha) >= 6 else []


def bury(db: sqlite3.Connection, asset: Asset, actor: str = "") -> None:
    """Remember that the owner deleted this asset for good. Call while its rows are there.

    Who did it and when is what the trash knows; `actor` and now where it never was in the trash.
    """
    thrown = db.execute(
        "select actor from audit where sha = ? and action = 'trashed' order by id desc limit 1",
        (asset.sha,),
    ).fetchone()
    db.execute(
        """insert or replace into tombstones
               (sha, name, size, deleted_at, deleted_by, purged_at, sha1, md5)
           select sha, name, size, coalesce(trashed_at, ?1), ?2, ?1, sha1, md5
           from assets where id = ?3""",
        (now(), thrown["actor"] if thrown else actor, asset.id),
    )
    db.execute(
        """insert or replace into deleted_files (source, key, sha, size, modified_ns)
           select source, key, ?, size, modified_ns from arrivals
           where asset_id = ? and key is not null""",
        (asset.sha, asset.id),
    )


def came_again(
    db: sqlite3.Connection, sha: str, source: str, key: str, size: int, modified_ns: int | None
) -> None:
    """A source brought what the owner deleted: remember which of its files that is."""
    db.execute(
        """insert or replace into deleted_files (source, key, sha, size, modified_ns)
           values (?, ?, ?, ?, ?)""",
        (source, key, sha, size, modified_ns),
    )


def forget(db: sqlite3.Connection, sha: str) -> bool:
    """It was explicitly taken in again. Returns whether there was a tombstone."""
    db.execute("delete from deleted_files where sha = ?", (sha,))
    return db.execute("delete from tombstones where sha = ?", (sha,)).rowcount > 0


def as_file(db: sqlite3.Connection) -> bytes:
    """The content of FILE."""
    rows = db.execute("select * from tombstones order by deleted_at, sha")
    return json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1).encode()


def from_file(db: sqlite3.Connection, content: bytes) -> None:
    """Fill the table from what `as_file` wrote, also by an older program."""
    for stone in json.loads(content):
        whole = {"deleted_by": "", "purged_at": stone["deleted_at"], "sha1": None, "md5": None}
        db.execute(
            """insert or replace into tombstones
                   (sha, name, size, deleted_at, deleted_by, purged_at, sha1, md5)
               values (:sha, :name, :size, :deleted_at, :deleted_by, :purged_at, :sha1, :md5)""",
            whole | stone,
        )
