"""Corrects the times of many assets at once, shows beforehand what would become of them, and takes
a whole correction back.

What the person says wins over every file, and what was before is kept beside it.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from albums.curate.rooms import Rooms
from albums.curate.sidecars import owe_all, pay
from albums.curate.time_acts import Act
from albums.errors import Conflict, NotFound
from albums.library import corrections as kept
from albums.library.assets import chosen_ids, now
from albums.library.corrections import Entry
from albums.library.facts import PARTLY, Claim, add_claims, claim_from_json, rank, settle
from albums.library.stacks import stacked_with

_SAMPLES = 12
_NO_TIME = "arrival"  # the source of times at which nothing was taken


@dataclass(frozen=True)
class Sample:
    """One asset, before and after."""

    sha: str
    name: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Corrected:
    """What was done, or would be; `id` None: nothing was. `assets` counts all that were meant, with
    what lies in a stack with them: `changed`, `same` (nothing changes) and `undated` (no time is
    known of them, or only its day). `assumed`: how many of the changed had no zone, so that the
    library's was taken for it. `samples` are spread over time."""

    id: str | None
    how: str
    assets: int
    changed: int
    same: int
    undated: int
    assumed: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Undone:
    """`left`: assets that were changed again since, and are as they were."""

    id: str
    assets: int
    left: int


@dataclass(frozen=True)
class _Known:
    """An asset's time and what was said of it."""

    asset_id: int
    sha: str
    name: str
    captured_at: str | None
    claims: tuple[Claim, ...]

    @property
    def has_time(self) -> bool:
        times = [claim for claim in self.claims if claim.field == "captured_at"]
        best = max(times, key=rank, default=None)
        return best is not None and best.source != _NO_TIME and not best.detail.endswith(PARTLY)

    @property
    def said(self) -> Claim | None:
        mine = (c for c in self.claims if c.field == "captured_at" and c.source == "person")
        return next(mine, None)


@dataclass(frozen=True)
class _Plan:
    changes: tuple[tuple[_Known, str], ...]  # with the time afterwards
    same: int
    undated: int


def preview(rooms: Rooms, shas: Iterable[str], act: Act) -> Corrected:
    """What `correct` would do; nothing is changed. Raises NotFound, BadInput."""
    with rooms.library.read() as db:
        return _told(_plan(rooms, db, shas, act), act)


def correct(
    rooms: Rooms, shas: Iterable[str], act: Act, *, query: str = "", expected: int | None = None
) -> Corrected:
    """Correct the times of assets, all of them or none, with what lies in a stack with them.

    `query` is how they were found, for the log; `expected` how many a preview said would change.
    Raises NotFound, BadInput, and Conflict where it would be another number.
    """
    with rooms.library.write() as db:
        plan = _plan(rooms, db, shas, act)
        done = _told(plan, act)
        if expected is not None and expected != done.changed:
            raise Conflict(
                f"{done.changed} would change now, not {expected}",
                why="Something came or went, or was changed, since you looked",
                hint="Look at the preview again",
            )
        if not plan.changes:
            return done
        done = replace(done, id=secrets.token_hex(5))
        _write(rooms, db, plan, act, str(done.id))
        rooms.audit.record(
            db, rooms.actor, kept.DONE,
            correction=done.id, act=act.as_json(), how=act.said(), query=query,
            assets=done.changed,
        )  # fmt: skip
    pay(rooms)
    return done


def undo(rooms: Rooms, correction_id: str) -> Undone:
    """Take a whole correction back, but where something was said since. Raises NotFound, and
    Conflict where it was taken back before."""
    with rooms.library.write() as db:
        found = kept.correction(db, correction_id)
        if found is None:
            raise NotFound(f"There is no correction {correction_id[:50]!r}")
        known = _known(db, kept.corrected_by(db, correction_id))
        if not known:
            raise Conflict(
                f"The correction {correction_id} holds of no asset any more",
                why=f"It was undone at {found.undone_at[:16]}" if found.undone_at else "",
            )
        undone = [k.asset_id for k in known if _take_back(rooms, db, k, correction_id)]
        left = len(known) - len(undone)
        _reopen(rooms, db, undone)
        rooms.audit.record(
            db, rooms.actor, kept.UNDONE, correction=correction_id, assets=len(undone), left=left
        )
    pay(rooms)
    return Undone(correction_id, len(undone), left)


# --- what would become of them


def _plan(rooms: Rooms, db: sqlite3.Connection, shas: Iterable[str], act: Act) -> _Plan:
    known = _known(db, stacked_with(db, chosen_ids(db, list(dict.fromkeys(shas)))))
    timed = [k for k in known if act.kind == "set" or (k.captured_at and k.has_time)]
    after = [(k, act.of(k.captured_at or "", rooms.home)) for k in timed]
    changes = tuple((k, value) for k, value in after if value != k.captured_at)
    return _Plan(changes, len(after) - len(changes), len(known) - len(timed))


def _known(db: sqlite3.Connection, asset_ids: Iterable[int]) -> list[_Known]:
    these = json.dumps(sorted(asset_ids))
    claims: dict[int, list[Claim]] = {}
    for row in db.execute(
        f"""select asset_id, field, source, value, confidence, detail from claims
            where asset_id in (select value from json_each(?))
            and field in ('captured_at', '{kept.FIELD}')""",
        (these,),
    ):
        content = dict(row) | {"value": json.loads(row["value"])}
        claims.setdefault(row["asset_id"], []).append(claim_from_json(content))
    rows = db.execute(
        """select id, sha, name, captured_at from assets
           where id in (select value from json_each(?)) order by captured_utc, id""",
        (these,),
    )
    return [
        _Known(r["id"], r["sha"], r["name"], r["captured_at"], tuple(claims.get(r["id"], ())))
        for r in rows
    ]


def _told(plan: _Plan, act: Act) -> Corrected:
    changed = len(plan.changes)
    assumed = 0
    if act.kind == "keep-moment":
        assumed = sum(not _has_zone(known.captured_at) for known, _ in plan.changes)
    spread = sorted({round(n * (changed - 1) / (_SAMPLES - 1)) for n in range(_SAMPLES)})
    samples = [plan.changes[at] for at in spread] if changed else []
    return Corrected(
        None,
        act.said(),
        changed + plan.same + plan.undated,
        changed,
        plan.same,
        plan.undated,
        assumed,
        tuple(Sample(k.sha, k.name, k.captured_at, after) for k, after in samples),
    )


def _has_zone(captured_at: str | None) -> bool:
    return captured_at is not None and captured_at[19:].lstrip(".0123456789") != ""


# --- done and undone


def _write(rooms: Rooms, db: sqlite3.Connection, plan: _Plan, act: Act, id: str) -> None:
    at = now()
    for known, after in plan.changes:
        said = known.said.as_json() if known.said else None
        entry = Entry(id, at, act.said(), known.captured_at, said, after)
        entries = [*kept.entries_of(known.claims), entry]
        detail = f"{act.said()}, from {known.captured_at or 'no time'}"
        _say(rooms, db, known, Claim("captured_at", after, "person", 1.0, detail), entries)
    _reopen(rooms, db, [known.asset_id for known, _ in plan.changes])


def _take_back(rooms: Rooms, db: sqlite3.Connection, known: _Known, id: str) -> bool:
    """False where something else was said since."""
    entries = kept.entries_of(known.claims)
    last = entries[-1]
    if last.id != id or known.said is None or known.said.value != last.now:
        return False
    before = claim_from_json(last.said) if last.said else None
    _say(rooms, db, known, before, entries[:-1])
    return True


def _say(
    rooms: Rooms,
    db: sqlite3.Connection,
    known: _Known,
    captured: Claim | None,
    entries: Sequence[Entry],
) -> None:
    db.execute(
        f"""delete from claims where asset_id = ? and source = 'person'
            and field in ('captured_at', '{kept.FIELD}')""",
        (known.asset_id,),
    )
    history: list[dict[str, Any]] = [entry.as_json() for entry in entries]
    said = [captured] if captured else []
    if history:
        said.append(Claim(kept.FIELD, history, "person", 1.0))
    add_claims(db, known.asset_id, said)
    settle(db, known.asset_id, rooms.home)


def _reopen(rooms: Rooms, db: sqlite3.Connection, asset_ids: Sequence[int]) -> None:
    rooms.ledger.reopen(db, "zone", asset_ids)  # whose time was wrong tells others nothing
    rooms.ledger.reopen(db, "rules", asset_ids)  # their conditions ask for dates
    owe_all(db, asset_ids)
