"""Edited copies and their originals, as exports say which is which (claims of `variant_of`).

Each stays an asset of its own: what becomes of one becomes of no other.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from albums.library.facts import Claim


def original_of(db: sqlite3.Connection, claims: list[Claim]) -> dict[str, Any] | None:
    """SHA-256 and name of what this is an edited copy of, unless it is gone or in the trash.

    `claims`: of one asset, best believed first.
    """
    said = next((claim.value for claim in claims if claim.field == "variant_of"), None)
    row = db.execute(
        "select sha, name from assets where sha = ? and trashed_at is null", (said,)
    ).fetchone()
    return dict(row) if row else None


def versions_of(db: sqlite3.Connection, sha: str) -> list[dict[str, Any]]:
    """SHA-256 and name of the edited copies of this asset that are not in the trash."""
    rows = db.execute(
        """select distinct sha, name from claims join assets on assets.id = asset_id
           where field = 'variant_of' and value = ? and trashed_at is null
           order by name, sha""",
        (json.dumps(sha),),
    )
    return [dict(row) for row in rows]
