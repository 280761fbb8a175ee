"""How an asset came in: each time it was handed over is a row, as it is an entry of its sidecar."""

from __future__ import annotations

import sqlite3
from typing import Any

_THIS_VERY = """select 1 from arrivals where asset_id = :asset_id and at = :at and source = :source
    and origin = :origin and key is :key and name = :name and folder = :folder
    and size = :size and modified_ns is :modified_ns"""


def insert_arrival(db: sqlite3.Connection, asset_id: int, arrival: dict[str, Any]) -> None:
    """`arrival` as sidecars hold it. The very same arrival is kept once."""
    db.execute(
        f"""insert into arrivals
               (asset_id, at, source, origin, key, name, folder, size, modified_ns)
           select :asset_id, :at, :source, :origin, :key, :name, :folder, :size, :modified_ns
           where not exists ({_THIS_VERY})""",
        arrival | {"asset_id": asset_id},
    )


def is_listed(db: sqlite3.Connection, sha: str, arrival: dict[str, Any]) -> bool:
    """Is this very arrival among those of the asset?"""
    row = db.execute("select id as asset_id from assets where sha = ?", (sha,)).fetchone()
    return bool(row) and bool(db.execute(_THIS_VERY, arrival | dict(row)).fetchone())


def insert_asset(db: sqlite3.Connection, sidecar: dict[str, Any], arrival: dict[str, Any]) -> int:
    """The row of a new asset that first came in by `arrival`; returns its id."""
    cursor = db.execute(
        """insert into assets (sha, name, folder, extension, mime, kind, size,
                               source, origin, received_at, sha1, md5)
           values (:sha, :name, :folder, :extension, :mime, :kind, :size,
                   :source, :origin, :at, :sha1, :md5)""",
        {"sha1": None, "md5": None, **arrival, **sidecar},
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def extension_of(db: sqlite3.Connection, sha: str) -> str | None:
    """What the original's name ends with; None where there is no such asset."""
    row = db.execute("select extension from assets where sha = ?", (sha,)).fetchone()
    return row["extension"] if row else None


def first_key(db: sqlite3.Connection, asset_id: int, source: str) -> str | None:
    """What `source` calls the asset, if it was the one that first brought it."""
    row = db.execute(
        "select source, key from arrivals where asset_id = ? order by id limit 1", (asset_id,)
    ).fetchone()
    return row["key"] if row and row["source"] == source else None


def name_sent(db: sqlite3.Connection, asset_id: int, origin: str) -> str:
    """What `origin` last called the file; empty where it never sent it."""
    row = db.execute(
        "select name from arrivals where asset_id = ? and origin = ? order by at desc limit 1",
        (asset_id, origin),
    ).fetchone()
    return row["name"] if row else ""
