"""The rows of one asset, from its sidecar: the reverse of what receive, curate and the step
`record` write there. Tables that steps fill are left to the steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from albums.library.arrivals import insert_arrival, insert_asset
from albums.library.facts import Claim, add_claims, claim_from_json, settle
from albums.library.tags import add_tags, refuse_tags, replace_tags

CAPTION_STEP = "caption"
_ARRIVAL = {"folder": "", "key": None, "modified_ns": None}  # where nothing is said


def restore_asset(db: sqlite3.Connection, sidecar: dict[str, Any], home: tzinfo) -> int:
    """Write everything but its collections; returns the asset's id.

    Raises KeyError, TypeError, ValueError, AttributeError or sqlite3.Error for a sidecar that makes
    no sense; then some rows may be there already.
    """
    arrivals = [_ARRIVAL | {"size": sidecar["size"]} | found for found in sidecar["arrivals"]]
    if not arrivals:
        raise ValueError("it does not say how the original came in")
    machine, person = sidecar.get("machine") or {}, sidecar.get("person") or {}
    asset_id = insert_asset(db, sidecar, arrivals[0])
    for arrival in arrivals:
        insert_arrival(db, asset_id, arrival)
    add_claims(db, asset_id, _claims(sidecar, machine, person))
    _restore_tags(db, asset_id, machine.get("tags", []), person)
    _restore_captions(db, asset_id, machine.get("caption"), person)
    trashed_at = person.get("trashed_at")
    db.execute("update assets set trashed_at = ? where id = ?", (trashed_at, asset_id))
    settle(db, asset_id, home)
    return asset_id


def _claims(
    sidecar: dict[str, Any], machine: dict[str, Any], person: dict[str, Any]
) -> Iterable[Claim]:
    """In the order in which the library believed them: the last of a field and source stands."""
    at = sidecar["arrivals"][0]["at"]
    yield Claim("captured_at", at, "arrival", 0.01, "when it arrived")
    for part in (machine, sidecar, person):
        for content in part.get("claims", []):
            yield claim_from_json(content)


def _restore_tags(
    db: sqlite3.Connection, asset_id: int, found: list[dict[str, Any]], person: dict[str, Any]
) -> None:
    refuse_tags(db, asset_id, person.get("refused_tags", []))
    add_tags(db, asset_id, person.get("tags", []))
    for source in dict.fromkeys(tag["source"] for tag in found):
        said = [(tag["tag"], tag["score"]) for tag in found if tag["source"] == source]
        replace_tags(db, asset_id, source, said)


def _restore_captions(
    db: sqlite3.Connection, asset_id: int, model: dict[str, Any] | None, person: dict[str, Any]
) -> None:
    if model:
        db.execute(
            """insert into captions
                   (asset_id, author, title, description, model, engine, version, written_at)
               values (:asset_id, 'model', :title, :description, :model, :engine, :version,
                       :written_at)""",
            model | {"asset_id": asset_id},
        )
        # Of another version than the captioner's, it is opened again by the ledger's sweep.
        db.execute(
            """insert into work (step, asset_id, version, state, at, restored)
               values (?, ?, ?, 'done', ?, 1)""",
            (CAPTION_STEP, asset_id, model["version"], model["written_at"]),
        )
    written = person["caption"] if "caption" in person else _caption_said(model, person)
    if written:
        db.execute(
            """insert into captions (asset_id, author, title, description, written_at)
               values (:asset_id, 'person', :title, :description, :written_at)""",
            written | {"asset_id": asset_id},
        )


def _caption_said(model: dict[str, Any] | None, person: dict[str, Any]) -> dict[str, Any] | None:
    """Sidecars did not always have the person's caption as a whole."""
    claims = person.get("claims", [])
    said = {c["field"]: c["value"] for c in claims if c["field"] in ("title", "description")}
    if not said:
        return None
    words = model or {"title": "", "description": ""}
    return {"title": words["title"], "description": words["description"]} | said | {
        "written_at": person["at"]
    }  # fmt: skip
