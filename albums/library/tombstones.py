"""What the owner deleted stays deleted: its hash is remembered, its bytes are not.

So are the files that held it, by a source's own name for them, so that they need not be read again.
"""

from __future__ import annotations

import sqlite3

from albums.library.assets import Asset, now


def is_deleted(db: sqlite3.Connection, sha: str) -> bool:
    return db.execute("select 1 from tombstones where sha = ?", (sha,)).fetchone() is not None


def bury(db: sqlite3.Connection, asset: Asset) -> None:
    """Remember that the owner deleted this asset for good. Call while its rows are there."""
    db.execute(
        "insert or replace into tombstones (sha, name, size, deleted_at) values (?, ?, ?, ?)",
        (asset.sha, asset.name, asset.size, now()),
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


def forget(db: sqlite3.Connection, sha: str) -> None:
    """It was explicitly taken in again."""
    db.execute("delete from tombstones where sha = ?", (sha,))
    db.execute("delete from deleted_files where sha = ?", (sha,))
