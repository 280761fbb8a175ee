"""What the owner deleted stays deleted: its hash is remembered, its bytes are not."""

from __future__ import annotations

import sqlite3

from albums.library.assets import Asset, now


def is_deleted(db: sqlite3.Connection, sha: str) -> bool:
    return db.execute("select 1 from tombstones where sha = ?", (sha,)).fetchone() is not None


def bury(db: sqlite3.Connection, asset: Asset) -> None:
    """Remember that the owner deleted this asset for good."""
    db.execute(
        "insert or replace into tombstones (sha, name, size, deleted_at) values (?, ?, ?, ?)",
        (asset.sha, asset.name, asset.size, now()),
    )


def forget(db: sqlite3.Connection, sha: str) -> None:
    """It was explicitly taken in again."""
    db.execute("delete from tombstones where sha = ?", (sha,))
