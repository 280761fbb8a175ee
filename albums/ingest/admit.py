"""The rows of what arrived: asset, arrival, claims and work, in the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from albums.ingest.arrival import Receipt
from albums.library.arrivals import insert_arrival, insert_asset
from albums.library.audit import Audit
from albums.library.collections import add_to_collection
from albums.library.facts import Claim, add_claims, claim_from_json, settle
from albums.library.ledger import Ledger
from albums.library.tombstones import forget


def admit(
    db: sqlite3.Connection,
    sidecar: dict[str, Any],
    *,
    ledger: Ledger,
    audit: Audit,
    home: tzinfo,
) -> Receipt:
    """Write the rows of what a sidecar describes; a second arrival only adds to the first. What is
    in the trash stays there, unless the arrival asks for it `again`. Collections: see `join`."""
    arrival = sidecar["arrivals"][-1]
    row = db.execute(
        "select id, trashed_at from assets where sha = ?", (sidecar["sha"],)
    ).fetchone()
    asset_id = row["id"] if row else insert_asset(db, sidecar, arrival)
    before = _said(db, asset_id)
    insert_arrival(db, asset_id, arrival)
    add_claims(db, asset_id, (claim_from_json(content) for content in sidecar["claims"]))
    if not row:  # at the very least it is known when it came in
        came = Claim("captured_at", arrival["at"], "arrival", 0.01, "when it arrived")
        add_claims(db, asset_id, [came])
    settle(db, asset_id, home)
    status = "duplicate" if row else "ingested"
    thrown = row["trashed_at"] if row else None
    if thrown and arrival.get("again"):
        db.execute("update assets set trashed_at = null where id = ?", (asset_id,))
        status, thrown = "restored", None
    if row:
        for step in _outdated(before, _said(db, asset_id)):
            ledger.reopen(db, step, [asset_id])
    else:
        forget(db, sidecar["sha"])
        ledger.enroll(db, [asset_id])
    audit.record(
        db, arrival["origin"], status, sidecar["sha"], name=arrival["name"], size=sidecar["size"]
    )
    return Receipt(
        sidecar["sha"],
        "deleted" if thrown else "duplicate" if row else "ingested",
        asset_id,
        arrival["name"],
        sidecar["size"],
        arrival["at"],
        thrown,
    )


def join(db: sqlite3.Connection, asset_id: int, collections: Iterable[str]) -> bool:
    """Put an asset into collections. Returns whether it was not in all of them before."""
    before = db.total_changes
    for name in collections:
        add_to_collection(db, name, [asset_id])
    return db.total_changes > before


@dataclass(frozen=True)
class _Said:
    """What arrivals said of an asset: names, folders and times; and claims."""

    arrivals: frozenset[tuple[Any, ...]]
    claims: frozenset[tuple[Any, ...]]


def _said(db: sqlite3.Connection, asset_id: int) -> _Said:
    arrivals = db.execute(
        "select name, folder, modified_ns from arrivals where asset_id = ?", (asset_id,)
    )
    claims = db.execute(
        """select field, source, value from claims
           where asset_id = ? and source not in ('arrival', 'person')""",
        (asset_id,),
    )
    return _Said(frozenset(map(tuple, arrivals)), frozenset(map(tuple, claims)))


def _outdated(before: _Said, after: _Said) -> Iterable[str]:
    """Steps that would do better with what a further arrival said."""
    news = {claim[0] for claim in after.claims - before.claims}
    if news or after.arrivals - before.arrivals:
        yield from ("facts", "companions", "look")
    if "location" in news:
        yield "place"
    if news:
        yield from ("words", "record")
