"""What the owner put aside: out of every list, but whole until it is purged."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class Trashed:
    """An asset in the trash."""

    sha: str
    name: str
    kind: str
    size: int  # bytes
    trashed_at: str  # UTC
    trashed_by: str  # who, as the audit log writes it


def trashed(db: sqlite3.Connection, until: str | None = None) -> list[Trashed]:
    """Everything in the trash, longest there first; with `until` (UTC) only what was there then."""
    rows = db.execute(
        """select sha, name, kind, size, trashed_at,
                  coalesce((select actor from audit where audit.sha = assets.sha
                            and action = 'trashed' order by audit.id desc limit 1), '')
                      as trashed_by
           from assets where trashed_at is not null and (?1 is null or trashed_at <= ?1)
           order by trashed_at, id""",
        (until,),
    )
    return [Trashed(**dict(row)) for row in rows]
