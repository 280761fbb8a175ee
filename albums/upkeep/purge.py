"""The trash empties itself: what has lain in it for `trash_days` goes for good.

Only by a clock that can be believed. It is looked at each hour; where it went back, or forward by
more than a day since the last look, nothing goes until the box has run a day with it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from albums.library.database import Library
from albums.upkeep.rounds import Rounds

log = logging.getLogger(__name__)
_ROUND = 3600.0  # seconds
_LEAP = timedelta(days=1)  # a box that was off for longer is doubted, too
_DOUBT = 86_400.0  # seconds
_NOTE = "trash_clock"


class Emptying:
    """Looks into the trash now and then, from `start()` on, until `close()`.

    `purge(until)` deletes for good some of what was thrown away then (UTC) or before, and returns
    how many assets; it is called until that is 0. `days` = 0: never.
    """

    def __init__(self, library: Library, purge: Callable[[str], int], days: int) -> None:
        self._library = library
        self._purge = purge
        self._days = days
        self._doubted_since: float | None = None
        self._rounds = Rounds("trash", _ROUND, self._look_now)

    def start(self) -> None:
        if self._days > 0:
            self._rounds.start()

    def close(self) -> None:
        self._rounds.close()

    def look(self, at: datetime, running: float) -> bool:
        """One round. `at` is what the clock says, `running` counts seconds whatever it says.
        Returns whether the clock was believed."""
        if not self._believes(at, running):
            log.warning("the clock leapt to %s: nothing in the trash goes by it yet", iso(at))
            return False
        with self._library.write(durable=False) as db:
            db.execute("insert or replace into notes values (?, ?)", (_NOTE, iso(at)))
        until = iso(at - timedelta(days=self._days))
        while not self._rounds.ending and self._purge(until):
            pass
        return True

    def _look_now(self) -> None:
        self.look(datetime.now(UTC), time.monotonic())

    def _believes(self, at: datetime, running: float) -> bool:
        if timedelta() <= at - self._last_look(at) <= _LEAP:
            self._doubted_since = None
            return True
        if self._doubted_since is None:
            self._doubted_since = running
        if running - self._doubted_since < _DOUBT:
            return False
        self._doubted_since = None
        return True

    def _last_look(self, at: datetime) -> datetime:
        """When the box looked last; before it ever did, when it last wrote into the audit log."""
        with self._library.read() as db:
            note = db.execute("select value from notes where name = ?", (_NOTE,)).fetchone()
            entry = db.execute("select at from audit order by id desc limit 1").fetchone()
        said = note["value"] if note else entry["at"] if entry else iso(at)
        return datetime.fromisoformat(said)


def days_left(trashed_at: str, days: int, at: datetime | None = None) -> int | None:
    """How many days until it goes by itself: 0 is the next round; None is never. `at` is now
    unless a test says otherwise."""
    if days <= 0:
        return None
    left = datetime.fromisoformat(trashed_at) + timedelta(days=days) - (at or datetime.now(UTC))
    return max(0, -(-left // timedelta(days=1)))


def iso(moment: datetime) -> str:
    """In UTC, as the library writes it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
