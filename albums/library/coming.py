"""How an asset came in, and what proves that it is still whole."""

from __future__ import annotations

import sqlite3
from typing import Any


def coming_of(db: sqlite3.Connection, asset_id: int, sha: str) -> dict[str, Any]:
    """`arrivals` (each time it was handed over, oldest first), `receipts` (what devices were told),
    `imports` (exports it lay in), `checked` (when its bytes were last read, and what was wrong)."""
    return {
        "arrivals": _rows(
            db,
            """select at, source, origin, name, folder, size from arrivals
               where asset_id = ? order by id limit 50""",
            asset_id,
        ),
        "receipts": _rows(
            db,
            """select id, number, origin, kept_at, reread_at from receipts
               where sha = ? order by number limit 50""",
            sha,
        ),
        "imports": _rows(
            db,
            """select distinct imports.id as number, imports.source, imports.name, path
               from import_entries join import_parts on import_parts.id = part_id
               join imports on imports.id = import_id
               where import_entries.sha = ? order by imports.id limit 50""",
            sha,
        ),
        "checked": next(
            iter(_rows(db, "select checked_at, finding from checks where asset_id = ?", asset_id)),
            None,
        ),
    }


def _rows(db: sqlite3.Connection, sql: str, value: object) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(sql, (value,))]
