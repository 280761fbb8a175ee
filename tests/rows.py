"""Asset rows without files."""

from __future__ import annotations

import hashlib
import sqlite3


def insert_asset(db: sqlite3.Connection, number: int) -> int:
    """A row for asset `number`; returns its id."""
    sha = hashlib.sha256(str(number).encode()).hexdigest()
    cursor = db.execute(
        """insert into assets (sha, name, folder, extension, mime, kind, size, source, origin,
                               received_at)
           values (?, ?, '', '.jpg', 'image/jpeg', 'photo', 1, 'test', 'test://', '2024-01-01')""",
        (sha, f"{number}.jpg"),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid
