"""The numbers of the whole library. Counting a million assets takes a while, so it is not done
for everybody who looks: numbers may be as old as ten times what counting them took."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from albums.assembly import Albums
from albums.library.browse import totals
from albums.web.pace import Counts

_PATIENCE = 10
_QUICK = 0.05  # seconds; what takes less is always counted anew


@dataclass(frozen=True)
class Numbers:
    """`work` is by step and state; `assets` as `library.browse.totals` says."""

    work: Counts
    assets: dict[str, Any]
    idle: bool
    until: float  # they serve until then


class Overview:
    """Counts, and remembers."""

    def __init__(self, albums: Albums) -> None:
        self._albums = albums
        self._last: Numbers | None = None
        self._lock = threading.Lock()

    def numbers(self) -> Numbers:
        """One caller counts when it is time, or when work began or ended; the others go on with
        what there is."""
        if not self._lock.acquire(blocking=self._last is None):
            assert self._last
            return self._last
        try:
            idle = self._albums.runner.idle()
            last = self._last
            if last is None or last.idle != idle or time.monotonic() >= last.until:
                last = self._last = self._count(idle)
            return last
        finally:
            self._lock.release()

    def _count(self, idle: bool) -> Numbers:
        began = time.monotonic()
        with self._albums.library.read() as db:
            work, assets = self._albums.ledger.progress(db), totals(db)
        ended = time.monotonic()
        took = ended - began
        until = ended + took * _PATIENCE if took > _QUICK else ended
        return Numbers(work, assets, idle, until)
