"""Corrections of many times at once: what an asset had before, and which there were.

Each asset keeps its own part as the person's claim `corrections`, so that it is in the sidecar and
comes back with it; what was asked for as a whole is in the audit log.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from albums.library.facts import Claim

FIELD = "corrections"
DONE, UNDONE = "corrected-times", "undid-correction"  # actions of the audit log


@dataclass(frozen=True)
class Entry:
    """One correction of one asset. `was`: the time that was believed; `said`: the person's claim
    before it, if there was one; `now`: what it is since."""

    id: str
    at: str  # UTC
    how: str  # in words
    was: str | None
    said: dict[str, Any] | None
    now: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Correction:
    """One correction as a whole, as the audit log has it."""

    id: str
    at: str
    actor: str
    act: dict[str, str]
    how: str
    query: str
    assets: int
    undone_at: str | None
    left: int  # of assets that were not undone: they had been changed since


def entries_of(claims: Iterable[Claim]) -> list[Entry]:
    """The corrections of an asset, oldest first."""
    said: list[dict[str, Any]] = next(
        (c.value for c in claims if c.field == FIELD and c.source == "person"), []
    )
    return [Entry(**entry) for entry in said]


def corrected_by(db: sqlite3.Connection, correction_id: str) -> list[int]:
    """Ids of the assets that this correction still holds of."""
    rows = db.execute(
        f"""select asset_id from claims indexed by claims_of_corrections
            where field = '{FIELD}' and source = 'person'
            and exists (select 1 from json_each(claims.value) as entry
                        where entry.value ->> 'id' = ?)""",
        (correction_id,),
    )
    return sorted(row["asset_id"] for row in rows)


def corrections(db: sqlite3.Connection, limit: int = 100) -> list[Correction]:
    """The newest first."""
    rows = db.execute(
        f"""select at, actor, action, detail from audit indexed by audit_of_corrections
            where action in ('{DONE}', '{UNDONE}') order by id desc"""
    )
    undone: dict[str, tuple[str, int]] = {}
    found: list[Correction] = []
    for row in rows:
        detail = json.loads(row["detail"])
        if row["action"] == UNDONE:
            undone.setdefault(detail["correction"], (row["at"], detail["left"]))
            continue
        at, left = undone.get(detail["correction"], (None, 0))
        found.append(
            Correction(
                detail["correction"], row["at"], row["actor"], detail["act"], detail["how"],
                detail["query"], detail["assets"], at, left,
            )
        )  # fmt: skip
        if len(found) == limit:
            break
    return found


def correction(db: sqlite3.Connection, correction_id: str) -> Correction | None:
    """One of them, or None."""
    return next((c for c in corrections(db, 1_000_000) if c.id == correction_id), None)
