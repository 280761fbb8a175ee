"""Has the pipeline do steps again: of the assets that a person chose, or of all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from albums.curate.rooms import Rooms
from albums.errors import BadInput, NotFound


def reopen(
    rooms: Rooms,
    db: sqlite3.Connection,
    steps: Iterable[str],
    asset_ids: Collection[int],
    *,
    failed: bool = False,
) -> int:
    """Do `steps` of these assets again, inside the caller's transaction; then nudge the runner.
    With `failed` only where they failed or ended with a warning. Returns how many pieces of work
    will be done. Raises BadInput, NotFound.
    """
    pieces = 0
    for step in in_order(rooms, steps):  # what needs another waits for it
        chosen = _failed(db, step, asset_ids) if failed else list(asset_ids)
        rooms.ledger.reopen(db, step, chosen)
        pieces += len(chosen)
    return pieces


def reprocess(
    rooms: Rooms, steps: Sequence[str], shas: Iterable[str] | None, *, failed: bool = False
) -> int:
    """`reopen` of assets by their SHA-256 (None: of all), as one act that the log knows."""
    with rooms.library.write() as db:
        pieces = reopen(rooms, db, steps, _ids(db, shas), failed=failed)
        if pieces:
            rooms.audit.record(
                db, rooms.actor, "reprocessed", steps=list(steps), pieces=pieces, failed=failed
            )
    return pieces


def in_order(rooms: Rooms, steps: Iterable[str]) -> list[str]:
    """As the pipeline does them, each once. Raises BadInput for none, NotFound for what is none."""
    wanted, known = set(steps), rooms.ledger.plans
    if not wanted:
        raise BadInput("No step is named", hint=f"Steps: {', '.join(known)}")
    if unknown := wanted - set(known):
        raise NotFound(f"There is no step {min(unknown)!r}", hint=f"Steps: {', '.join(known)}")
    return [step for step in known if step in wanted]


def _failed(db: sqlite3.Connection, step: str, asset_ids: Iterable[int]) -> list[int]:
    rows = db.execute(
        """select asset_id from work where step = ? and (state = 'failed' or error != '')
           and state != 'skipped' and asset_id in (select value from json_each(?))""",
        (step, json.dumps(list(asset_ids))),
    )
    return [row["asset_id"] for row in rows]


def _ids(db: sqlite3.Connection, shas: Iterable[str] | None) -> list[int]:
    if shas is None:
        return [row["id"] for row in db.execute("select id from assets order by id")]
    rows = db.execute(
        "select id from assets where sha in (select value from json_each(?))",
        (json.dumps(list(shas)),),
    )
    return [row["id"] for row in rows]
