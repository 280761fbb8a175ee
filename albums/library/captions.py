"""What captioners wrote, in the order in which they did."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """A model's caption."""

    sha: str
    name: str
    title: str
    description: str
    model: str
    written_at: str  # UTC


def written_since(db: sqlite3.Connection, since: str, limit: int) -> list[Written]:
    """Those that were written at `since` (UTC) or later, oldest first."""
    rows = db.execute(
        """select sha, name, captions.title, captions.description, model, written_at
           from captions indexed by captions_by_time join assets on assets.id = asset_id
           where author = 'model' and written_at >= ? order by written_at, asset_id limit ?""",
        (since, limit),
    )
    return [Written(**dict(row)) for row in rows]
