"""Counted lists to browse by, and the numbers of the library as a whole."""

from __future__ import annotations

import sqlite3
from typing import Any

_SHOWN = "assets.trashed_at is null and assets.hidden = 0 and assets.top_id is null"


def tags(db: sqlite3.Connection, limit: int) -> list[dict[str, Any]]:
    """Tags with the number of assets that have them, most first."""
    return _rows(
        db,
        f"""select tag as name, count(distinct asset_id) as assets from tags
            join assets on assets.id = asset_id where {_SHOWN}
            group by tag order by assets desc, tag limit ?""",
        limit,
    )


def cameras(db: sqlite3.Connection, limit: int) -> list[dict[str, Any]]:
    """Cameras by their canonical names, most used first."""
    return _rows(
        db,
        f"""select camera as name, count(*) as assets from assets
            where camera is not null and {_SHOWN}
            group by camera order by assets desc, camera limit ?""",
        limit,
    )


def places(db: sqlite3.Connection, limit: int) -> list[dict[str, Any]]:
    """Cities with their country, most photographed first."""
    return _rows(
        db,
        f"""select city, region, country, country_code, count(*) as assets from places
            join assets on assets.id = asset_id where country is not null and {_SHOWN}
            group by country, region, city order by assets desc, country, city limit ?""",
        limit,
    )


def totals(db: sqlite3.Connection) -> dict[str, Any]:
    """How many files there are, of which kind, and how large; how many of them lie under another
    in a stack, and how many are in the trash."""
    kinds = db.execute(
        """select kind, count(*) as n, sum(size) as bytes from assets
           where trashed_at is null group by kind order by n desc"""
    ).fetchall()
    stacked = db.execute("select count(*) as n from assets where top_id is not null")
    trashed = db.execute("select count(*) as n from assets where trashed_at is not null")
    return {
        "total": sum(row["n"] for row in kinds),
        "by_kind": {row["kind"]: row["n"] for row in kinds},
        "bytes": sum(row["bytes"] for row in kinds),
        "stacked": stacked.fetchone()["n"],
        "trashed": trashed.fetchone()["n"],
    }


def _rows(db: sqlite3.Connection, sql: str, limit: int) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(sql, (limit,))]
