"""The ledger of work: nobody calls the next step, the runner asks here what is due.

A row is `open` (due now or later), `waiting` (a step it needs is not closed), or closed: `done`
(perhaps with a warning), `skipped` (nothing to do, with why) or `failed` (with why; `retry` opens
it again).
Attempts are counted when work is taken, so that a step that kills the process is given up in time;
what could not be done for the disk's sake does not count as one.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

MAX_ATTEMPTS = 4
_BACK_OFF = (30.0, 300.0, 3600.0)  # seconds before the second, third and fourth attempt
_SOON = 15.0  # seconds that work waits which was put off
Ended = Literal["open", "done", "skipped", "failed"]
_SWEPT = "swept"  # the note that says for which steps
_STATES = ("open", "waiting", "done", "skipped", "failed")


@dataclass(frozen=True)
class Plan:
    """What the ledger needs to know of a step.

    `needs` must be closed first; when one of `needs` or `follows` is done and brought something
    new, the work is done anew.
    """

    step: str
    version: str
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """How the work on one asset ended; `open`: it is put off for a short while. `again` asks for
    another attempt later; without `changed` what builds on the result stands."""

    asset_id: int
    state: Ended
    why: str = ""
    again: bool = False
    changed: bool = True


class Ledger:
    """The table `work`. All methods take the connection of the caller's transaction."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = {plan.step: plan for plan in plans}

    def set_version(self, step: str, version: str) -> None:
        old = self.plans[step]
        self.plans[step] = Plan(step, version, old.needs, old.follows)

    def keep(self, db: sqlite3.Connection, step: str, version: str) -> None:
        """What is done stands under a new version; who changed it reopens what it concerns."""
        self.set_version(step, version)
        db.execute("update work set version = ? where step = ?", (version, step))

    def enroll(self, db: sqlite3.Connection, asset_ids: Iterable[int]) -> None:
        """Give new assets a row for every step."""
        db.executemany(
            "insert or ignore into work (step, asset_id, version, state) values (?, ?, ?, ?)",
            [
                (p.step, asset_id, p.version, "waiting" if p.needs else "open")
                for asset_id in asset_ids
                for p in self.plans.values()
            ],
        )

    def sweep(self, db: sqlite3.Connection) -> int:
        """Open work that is missing or outdated, drop work of steps that are gone.

        Returns how many rows changed. A new step or model backfills the library through this.
        Looks at no row where the last sweep was for the same steps: rows come with their asset.
        """
        if self._is_swept(db):
            return 0
        changed = self._drop_unknown(db)
        for plan in self.plans.values():
            changed += db.execute(
                """insert into work (step, asset_id, version, state)
                   select ?, id, ?, 'open' from assets
                   where id not in (select asset_id from work where step = ?)""",
                (plan.step, plan.version, plan.step),
            ).rowcount
            changed += db.execute(
                """update work set version = ?, state = 'open', attempts = 0, due = 0, error = ''
                   where step = ? and version != ?""",
                (plan.version, plan.step, plan.version),
            ).rowcount
        if changed:
            for plan in self.plans.values():
                self._hold_back(db, plan)
        db.execute("insert or replace into notes values (?, ?)", (_SWEPT, self._steps()))
        return changed

    def _is_swept(self, db: sqlite3.Connection) -> bool:
        note = db.execute("select value from notes where name = ?", (_SWEPT,)).fetchone()
        # Rows may have been deleted by hand, to have a step done again.
        totals = {t[0] for t in db.execute("select sum(assets) from work_counts group by step")}
        [has_assets] = db.execute("select exists (select 1 from assets)").fetchone()
        whole = len(totals) == 1 and 0 not in totals if has_assets else True
        return whole and note is not None and note[0] == self._steps()

    def _steps(self) -> str:
        return json.dumps([astuple(plan) for plan in self.plans.values()])

    def redo(self, db: sqlite3.Connection, step: str) -> None:
        """The result of `step` is gone for all assets: do it again, and then what builds on it."""
        db.execute(
            """update work set state = 'open', attempts = 0, due = 0, error = ''
               where step = ?""",
            (step,),
        )
        for plan in self.plans.values():
            self._hold_back(db, plan)

    def redo_latest(self, db: sqlite3.Connection, step: str, seconds: float) -> int:
        """Do `step` again where it was done in the last seconds before it was last done at all.
        Returns for how many assets."""
        done = "step = ? and state = 'done'"
        last = db.execute(f"select max(at) from work where {done}", (step,)).fetchone()[0]
        if last is None:
            return 0
        since = (datetime.fromisoformat(last) - timedelta(seconds=seconds)).isoformat(
            timespec="seconds"
        )
        rows = db.execute(f"select asset_id from work where {done} and at >= ?", (step, since))
        latest = [row["asset_id"] for row in rows]
        self.reopen(db, step, latest)
        return len(latest)

    def _drop_unknown(self, db: sqlite3.Connection) -> int:
        return db.execute(
            "delete from work where step not in (select value from json_each(?))",
            (json.dumps(list(self.plans)),),
        ).rowcount

    def _hold_back(self, db: sqlite3.Connection, plan: Plan) -> None:
        """Open rows whose needs are not closed wait."""
        for need in plan.needs:
            db.execute(
                """update work set state = 'waiting' where step = ? and state = 'open'
                   and asset_id in (select asset_id from work
                                    where step = ? and state in ('open', 'waiting'))""",
                (plan.step, need),
            )

    def has_open(self, db: sqlite3.Connection, step: str, taken: set[int]) -> bool:
        """Is there due work of `step` besides what is `taken`?"""
        rows = db.execute(
            """select asset_id from work indexed by work_open
               where step = ? and state = 'open' and due <= ? limit ?""",
            (step, time.time(), len(taken) + 1),
        )
        return any(row["asset_id"] not in taken for row in rows)

    def take(
        self, db: sqlite3.Connection, step: str, limit: int, taken: set[int]
    ) -> dict[int, int]:
        """The newest assets whose `step` is due, with their attempts including this one.

        Leaves out those in `taken` (another thread has them). An asset that was tried before
        comes alone, so that it cannot drag others down with it.
        """
        rows = db.execute(
            # Without the hint SQLite walks the primary key, past all that is done.
            f"""select asset_id, attempts from work indexed by work_open
                where step = ? and state = 'open' and due <= ?
                order by asset_id desc limit {limit + len(taken)}""",
            (step, time.time()),
        ).fetchall()
        free = [(r["asset_id"], r["attempts"] + 1) for r in rows if r["asset_id"] not in taken]
        hopeless = [asset_id for asset_id, attempt in free if attempt > MAX_ATTEMPTS]
        if hopeless:  # never closed: the process ended each time
            why = f"the program ended {MAX_ATTEMPTS} times while working on this"
            self.close(db, step, [Result(asset_id, "failed", why) for asset_id in hopeless])
        free = [pair for pair in free if pair[0] not in hopeless]
        fresh = [pair for pair in free if pair[1] == 1][:limit]
        chosen = dict(fresh or free[:1])
        db.executemany(
            "update work set attempts = attempts + 1 where step = ? and asset_id = ?",
            [(step, asset_id) for asset_id in chosen],
        )
        return chosen

    def unfinished_of(
        self, db: sqlite3.Connection, step: str, asset_ids: Iterable[int]
    ) -> dict[int, bool]:
        """Which of these are not closed, in the same order, and whether each may be taken now."""
        sql = "select state, due, attempts from work where step = ? and asset_id = ?"
        found = {}
        for asset_id in asset_ids:
            row = db.execute(sql, (step, asset_id)).fetchone()
            if row and row["state"] in ("open", "waiting"):
                due = row["due"] <= time.time() and row["attempts"] < MAX_ATTEMPTS
                found[asset_id] = due and row["state"] == "open"
        return found

    def take_this(self, db: sqlite3.Connection, step: str, asset_id: int) -> None:
        """Count an attempt at what may be taken."""
        db.execute(
            "update work set attempts = attempts + 1 where step = ? and asset_id = ?",
            (step, asset_id),
        )

    def close(self, db: sqlite3.Connection, step: str, results: Sequence[Result]) -> None:
        """Write down how work ended and open what waited for it or follows it.

        Work that was opened anew since it was taken stays open: its result is outdated.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        final, later, news = [], [], []
        for result in results:
            attempts = self._attempts(db, step, result.asset_id)
            if attempts == 0:
                continue
            if result.state == "open":
                due = time.time() + _SOON
                later.append((due, result.why, attempts - 1, step, result.asset_id))
            elif result.state == "failed" and result.again and attempts < MAX_ATTEMPTS:
                due = time.time() + _BACK_OFF[min(attempts, len(_BACK_OFF)) - 1]
                later.append((due, result.why, attempts, step, result.asset_id))
            else:
                final.append((result.state, result.why, now, step, result.asset_id))
                if result.state == "done" and result.changed:
                    news.append(result.asset_id)
        db.executemany(
            """update work set due = ?, error = ?, attempts = ?
               where step = ? and asset_id = ?""",
            later,
        )
        db.executemany(
            """update work set state = ?, error = ?, at = ?, due = 0
               where step = ? and asset_id = ?""",
            final,
        )
        closed = [row[4] for row in final]
        self._open_dependents(db, step, closed, news)

    def _attempts(self, db: sqlite3.Connection, step: str, asset_id: int) -> int:
        """How often it was taken; 0 where it was opened anew since."""
        row = db.execute(
            "select attempts from work where step = ? and asset_id = ?", (step, asset_id)
        ).fetchone()
        return int(row["attempts"]) if row else 0

    def _open_dependents(
        self, db: sqlite3.Connection, step: str, closed: list[int], news: list[int]
    ) -> None:
        for plan in self.plans.values():
            if step in plan.needs:
                self._open(db, plan, closed, from_states=("waiting",))
            if step in plan.needs + plan.follows:
                self._open(db, plan, self._not_restored(db, plan, news))
                self._end_restoring(db, plan, closed)

    def _not_restored(self, db: sqlite3.Connection, plan: Plan, asset_ids: list[int]) -> list[int]:
        """Without those whose result came back from a sidecar while what it builds on is refilled:
        it was made with the same."""
        rows = db.execute(
            """select asset_id from work where step = ? and restored = 1
               and asset_id in (select value from json_each(?))""",
            (plan.step, json.dumps(asset_ids)),
        )
        restored = {row["asset_id"] for row in rows}
        return [asset_id for asset_id in asset_ids if asset_id not in restored]

    def _end_restoring(self, db: sqlite3.Connection, plan: Plan, asset_ids: list[int]) -> None:
        """From now on news is news for those for which all is refilled."""
        db.execute(
            """update work set restored = 0 where step = ?1 and restored = 1
               and asset_id in (select value from json_each(?2))
               and not exists (
                   select 1 from work as other where other.asset_id = work.asset_id
                   and other.step in (select value from json_each(?3))
                   and other.state in ('open', 'waiting'))""",
            (plan.step, json.dumps(asset_ids), json.dumps(plan.needs + plan.follows)),
        )

    def _open(
        self,
        db: sqlite3.Connection,
        plan: Plan,
        asset_ids: Iterable[int],
        from_states: tuple[str, ...] = _STATES,
    ) -> None:
        """Open work, or let it wait for what it needs. With no attempts, as if it was never taken:
        the result of who has it in hand will not count."""
        db.execute(
            """update work set attempts = 0, due = 0, restored = 0, state = case when exists (
                   select 1 from work as need where need.asset_id = work.asset_id
                   and need.step in (select value from json_each(?4))
                   and need.state in ('open', 'waiting')) then 'waiting' else 'open' end
               where step = ?1 and asset_id in (select value from json_each(?2))
               and state in (select value from json_each(?3))""",
            (
                plan.step,
                json.dumps(list(asset_ids)),
                json.dumps(from_states),
                json.dumps(plan.needs),
            ),
        )

    def reopen(self, db: sqlite3.Connection, step: str, asset_ids: Iterable[int]) -> None:
        """What was said of assets outdates `step`: do it again, where the pipeline has it."""
        if step in self.plans:
            self._open(db, self.plans[step], asset_ids)

    def retry(
        self, db: sqlite3.Connection, step: str | None = None, asset_id: int | None = None
    ) -> int:
        """Open failed work again (all, or of one step or asset), of one asset also what was done
        with a warning. Returns how many rows."""
        return db.execute(
            """update work set state = 'open', attempts = 0, due = 0
               where (state = 'failed' or (state = 'open' and due > 0)
                      or (?2 is not null and state = 'done' and error != ''))
               and (?1 is null or step = ?1) and (?2 is null or asset_id = ?2)""",
            (step, asset_id),
        ).rowcount

    def progress(self, db: sqlite3.Connection) -> dict[str, dict[str, int]]:
        """Rows by step and state, steps in pipeline order."""
        counts = {step: {} for step in self.plans}  # type: dict[str, dict[str, int]]
        for row in db.execute("select * from work_counts where assets > 0"):
            counts.setdefault(row["step"], {})[row["state"]] = row["assets"]
        return counts

    def unfinished(self, db: sqlite3.Connection) -> bool:
        """Is anything open or waiting, other than what is put off after a failure?"""
        row = db.execute(
            """select 1 from work indexed by work_open
               where state = 'open' and due <= ? limit 1""",
            (time.time(),),
        ).fetchone()
        return row is not None

    def of(self, db: sqlite3.Connection, asset_id: int) -> list[dict[str, object]]:
        """What was done to one asset, in pipeline order."""
        order = {step: position for position, step in enumerate(self.plans)}
        rows = [
            dict(row)
            for row in db.execute(
                """select step, version, state, attempts, due, error, at
                   from work where asset_id = ?""",
                (asset_id,),
            )
        ]
        return sorted(rows, key=lambda row: order.get(str(row["step"]), len(order)))
