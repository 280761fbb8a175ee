"""The rows of what arrived: asset, arrival, claims and work, in the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from albums.ingest.arrival import Receipt
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
    """Write the rows of what a sidecar describes; a second arrival only adds to the first."""
    arrival = sidecar["arrivals"][-1]
    row = db.execute("select id from assets where sha = ?", (sidecar["sha"],)).fetchone()
    asset_id = row["id"] if row else _insert_asset(db, sidecar, arrival)
    before = _said(db, asset_id)
    _insert_arrival(db, asset_id, arrival)
    add_claims(db, asset_id, (claim_from_json(content) for content in sidecar["claims"]))
    if not row:  # at the very least it is known when it came in
        came = Claim("captured_at", arrival["at"], "arrival", 0.01, "when it arrived")
        add_claims(db, asset_id, [came])
    settle(db, asset_id, home)
    for name in sidecar["collections"]:
        add_to_collection(db, name, [asset_id])
    status = "duplicate" if row else "ingested"
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
        "duplicate" if row else "ingested",
        asset_id,
        arrival["name"],
        sidecar["size"],
        arrival["at"],
    )


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
        yield "facts"
    if "location" in news:
        yield "place"
    if news:
        yield from ("words", "record")


def _insert_asset(db: sqlite3.Connection, sidecar: dict[str, Any], arrival: dict[str, Any]) -> int:
    cursor = db.execute(
        """insert into assets (sha, name, folder, extension, mime, kind, size,
                               source, origin, received_at)
           values (:sha, :name, :folder, :extension, :mime, :kind, :size,
                   :source, :origin, :at)""",
        {**arrival, **sidecar},
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _insert_arrival(db: sqlite3.Connection, asset_id: int, arrival: dict[str, Any]) -> None:
    db.execute(
        """insert into arrivals (asset_id, at, source, origin, key, name, folder, size, modified_ns)
           values (:asset_id, :at, :source, :origin, :key, :name, :folder, :size, :modified_ns)
           on conflict (source, key) where key is not null do update
           set asset_id = excluded.asset_id, at = excluded.at, size = excluded.size,
               modified_ns = excluded.modified_ns""",
        arrival | {"asset_id": asset_id},
    )
