"""Which films browsers play as they are, and which were made playable. Written by
ingest/steps/playable.py."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from albums.library.ledger import Ledger
from albums.library.moving import moving_of

STEP = "playable"
State = Literal["as it is", "made", "being made", "not"]


@dataclass(frozen=True)
class Playable:
    """`why`: what no browser plays of the original; "" where every browser plays all of it. The
    rest is of the version that was made: pixels, bytes."""

    why: str
    width: int | None = None
    height: int | None = None
    size: int | None = None


def make_table(db: sqlite3.Connection) -> None:
    db.execute("""
        create table if not exists playable (
            asset_id integer primary key references assets on delete cascade,
            why text not null,                 -- what no browser plays; '' for nothing
            width integer,                     -- pixels, of the version that was made
            height integer,
            size integer                       -- bytes
        )""")


def keep_playable(db: sqlite3.Connection, asset_id: int, playable: Playable) -> None:
    """Replace what was known of the asset."""
    db.execute(
        "insert or replace into playable values (?, ?, ?, ?, ?)",
        (asset_id, playable.why, playable.width, playable.height, playable.size),
    )


def playable_of(db: sqlite3.Connection, asset_id: int) -> Playable | None:
    row = db.execute(
        "select why, width, height, size from playable where asset_id = ?", (asset_id,)
    ).fetchone()
    return Playable(**dict(row)) if row else None


def play_state(
    db: sqlite3.Connection, ledger: Ledger, asset_id: int
) -> tuple[State, str, Playable | None]:
    """How far the film of this asset is, and why so."""
    playable = playable_of(db, asset_id)
    work = next((row for row in ledger.of(db, asset_id) if row["step"] == STEP), None)
    if work and work["state"] == "done" and playable:
        return ("made" if playable.why else "as it is"), playable.why, playable
    if work is None or work["state"] in ("open", "waiting"):
        return "being made", str(work["error"]) if work else "", playable
    return "not", str(work["error"]), playable


def shown_play(
    db: sqlite3.Connection, ledger: Ledger, asset_id: int, kind: str
) -> dict[str, Any] | None:
    """For a person: whether the film of this asset, or what moves in it, plays; None where there
    is nothing to play."""
    moving = moving_of(db, asset_id) if kind == "photo" else None
    if moving is None and kind != "video":
        return None
    state, why, made = play_state(db, ledger, moving.asset_id if moving else asset_id)
    return {
        "state": state,
        "why": why,
        "width": made.width if made else None,
        "height": made.height if made else None,
        "size": made.size if made else None,
    }
