"""Acts on many assets: all of them or none, seen beforehand, and undone as a whole."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from albums.curate import corrections
from albums.curate.bulk_acts import BulkAct, Times
from albums.curate.corrections import Corrected, Sample
from albums.curate.rooms import Rooms
from albums.curate.sidecars import owe_all, pay
from albums.curate.undoing import undoable
from albums.errors import Conflict
from albums.library import acts as kept
from albums.library.assets import assets_by_id, chosen_ids
from albums.library.stacks import stacked_with

_SAMPLES = 12
_IN_NO_SIDECAR = ("steps", "collect", "uncollect")


@dataclass(frozen=True)
class Done:
    """What was done, or would be. `id`: to undo it by; None where there is nothing to undo.
    `assets` counts all that were meant, with what lies in a stack with them where the act means
    stacks; `changed` those that were not so already. `samples` are spread over the changed."""

    id: str | None
    kind: str
    words: str
    assets: int
    changed: int
    samples: tuple[Sample, ...] = ()


def preview(rooms: Rooms, shas: Sequence[str], act: BulkAct | Times) -> Done:
    """What `perform` would do; nothing is changed. Raises NotFound, BadInput, Conflict."""
    if isinstance(act, Times):
        return _as_done(corrections.preview(rooms, shas, act.act))
    with rooms.library.read() as db:
        return _plan(rooms, db, shas, act)[0]


def perform(
    rooms: Rooms,
    shas: Sequence[str],
    act: BulkAct | Times,
    *,
    query: str = "",
    expected: int | None = None,
) -> Done:
    """Do it to all of them or to none. `query` is how they were found, for the log; `expected` how
    many a preview said would change.

    Raises NotFound, BadInput, and Conflict where it would be another number.
    """
    if isinstance(act, Times):
        corrected = corrections.correct(rooms, shas, act.act, query=query, expected=expected)
        return _as_done(corrected)
    with ExitStack() as held:
        if act.kind == "trash":  # a full disk does not keep anybody from making room
            held.enter_context(rooms.vault.reserve.lent())
        with rooms.library.write() as db:
            done = _perform(rooms, db, shas, act, query, expected)
        pay(rooms)
    return done


def _perform(
    rooms: Rooms,
    db: sqlite3.Connection,
    shas: Sequence[str],
    act: BulkAct,
    query: str,
    expected: int | None,
) -> Done:
    done, touched = _plan(rooms, db, shas, act)
    if expected is not None and expected != done.changed:
        raise Conflict(
            f"{done.changed} would change now, not {expected}",
            why="Something came or went, or was changed, since you looked",
            hint="Look at the preview again",
        )
    if not touched:
        return done
    with undoable(rooms, db, act.kind, done.words, touched) as act_id:
        act.do(rooms, db, touched)
        if act.kind not in _IN_NO_SIDECAR:
            owe_all(db, touched)
    rooms.audit.record(
        db, rooms.actor, "acted",
        act=act_id, words=done.words, what=act.as_json(), query=query, assets=done.changed,
    )  # fmt: skip
    return replace(done, id=act_id if kept.act(db, act_id) else None)


def _plan(
    rooms: Rooms, db: sqlite3.Connection, shas: Sequence[str], act: BulkAct
) -> tuple[Done, list[int]]:
    named = set(chosen_ids(db, shas))
    meant = _by_time(db, stacked_with(db, named) if act.stacks else named)
    touched = act.touched(rooms, db, meant)
    all_of_them = len(set(meant) | set(touched))
    samples = _samples(db, touched)
    return Done(None, act.kind, act.said(), all_of_them, len(touched), samples), touched


def _by_time(db: sqlite3.Connection, ids: set[int]) -> list[int]:
    """The order in which they come into a collection."""
    rows = db.execute(
        """select id from assets where id in (select value from json_each(?))
           order by captured_utc is null, captured_utc, id""",
        (json.dumps(sorted(ids)),),
    )
    return [row["id"] for row in rows]


def _samples(db: sqlite3.Connection, ids: Sequence[int]) -> tuple[Sample, ...]:
    spread = sorted({round(n * (len(ids) - 1) / (_SAMPLES - 1)) for n in range(_SAMPLES)})
    assets = {asset.id: asset for asset in assets_by_id(db, [ids[at] for at in spread if ids])}
    chosen = [assets[ids[at]] for at in spread if ids]
    return tuple(Sample(asset.sha, asset.name, None, "") for asset in chosen)


def _as_done(done: Corrected) -> Done:
    return Done(done.id, "times", done.how, done.assets, done.changed, done.samples)
