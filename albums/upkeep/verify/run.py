"""Reads every original again, from the disk, and compares it with its hash.

What was read longest ago is read first; what was read is written down as it goes, so a run that is
stopped, or killed, goes on where it was. Before it reads, it looks at which files are there at all
(sweep.py).
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from albums.library.assets import Asset
from albums.library.audit import Audit
from albums.library.checks import (
    Checked,
    begin_round,
    counts,
    end_run,
    left_to_read,
    never_read,
    read_longest_ago,
    record_checks,
    suspects,
    without_digests,
)
from albums.library.database import Library
from albums.upkeep.verify.copies import Copies
from albums.upkeep.verify.examine import examine
from albums.upkeep.verify.repair import Known, Repaired, nothing_known, repair
from albums.upkeep.verify.sweep import Places, sweep
from albums.vault import Vault

READERS = 2
_BATCH = 64  # originals
_WRITE_EVERY = 1.0  # seconds; as much is read again after a kill


class Stopped(Exception):
    """The person stopped the run in the middle of a file."""


@dataclass(frozen=True)
class Wanted:
    """What a run is to do."""

    seconds: float | None = None  # begin no further original after as many; None: to the end
    rate: float | None = None  # bytes a second
    anew: bool = False  # begin a new round, also where the last was cut off
    copies: Copies | None = None  # repair from there what is found
    actor: str = "local://upkeep"


@dataclass
class Progress:
    """How far a run has come. Written by the run, read by whoever shows it."""

    state: Literal["listing", "reading", "repairing", "done", "stopped"] = "listing"
    began_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    round: int = 0
    round_ended: bool = False  # every original was read in this round
    total: int = 0  # originals that this round had not read when the run began
    read: int = 0
    bytes_total: int = 0
    bytes_read: int = 0
    found: dict[str, int] = field(default_factory=dict)  # findings of each kind, all there are
    repaired: list[Repaired] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    reading_began: float | None = None
    ended: float | None = None

    def end(self, state: Literal["done", "stopped"]) -> None:
        self.state, self.ended = state, time.monotonic()

    def as_json(self) -> dict[str, Any]:
        """Counts, bytes, seconds, bytes a second, seconds left (null: not known yet)."""
        until = self.ended or time.monotonic()
        reading = until - self.reading_began if self.reading_began else 0.0
        rate = self.bytes_read / reading if reading else 0.0
        plain = ("state", "began_at", "round", "round_ended", "total", "read", "bytes_total",
                 "bytes_read", "found")  # fmt: skip
        return {name: getattr(self, name) for name in plain} | {
            "repaired": [repaired.as_json() for repaired in list(self.repaired)],
            "seconds": round(until - self.began, 3),
            "bytes_per_second": round(rate),
            "seconds_left": round(max(0, self.bytes_total - self.bytes_read) / rate, 1)
            if rate
            else None,
        }


class Pace:
    """Lets all readers together read so many bytes a second, and ends them when told to stop."""

    def __init__(self, rate: float | None, stop: threading.Event) -> None:
        self._rate = rate
        self._stop = stop
        self._lock = threading.Lock()
        self._due = time.monotonic()  # when what was read so far ought to have been read
        self.total = 0  # bytes

    def took(self, count: int) -> None:
        """So many bytes were read. Raises Stopped."""
        wait = 0.0
        with self._lock:
            self.total += count
            if self._rate:
                now = time.monotonic()
                self._due = max(self._due, now) + count / self._rate
                wait = self._due - now
        if self._stop.wait(wait) if wait else self._stop.is_set():
            raise Stopped


@dataclass(frozen=True)
class Verification:
    """One run over one library."""

    library: Library
    vault: Vault
    audit: Audit
    folder: Path  # of the library
    wanted: Wanted
    progress: Progress
    stop: threading.Event
    known: Known = nothing_known  # parts of a sidecar as the database has them
    readers: int = READERS

    def run(self) -> None:
        """Look, read, repair if wanted, and write down how it went."""
        pace = Pace(self.wanted.rate, self.stop)
        places = Places(self.library, self.vault, self.folder, pace.took)
        with self.library.write() as db:
            self.progress.round = begin_round(db, anew=self.wanted.anew)
        with suppress(Stopped):
            for _ in sweep(places):
                if self.stop.is_set():
                    raise Stopped
            self._read(pace)
            if self.wanted.copies:
                self.progress.state = "repairing"
                self._repair(places, self.wanted.copies)
        self._end()

    def _read(self, pace: Pace) -> None:
        with self.library.read() as db:
            self.progress.total, self.progress.bytes_total = left_to_read(db, self.progress.round)
        self.progress.state, self.progress.reading_began = "reading", time.monotonic()
        deadline = time.monotonic() + (
            float("inf") if self.wanted.seconds is None else self.wanted.seconds
        )

        def check(asset: Asset, others: bool) -> Checked | None:
            if time.monotonic() >= deadline or self.stop.is_set():
                return None
            on_read = self._counted(pace)
            return examine(self.vault, self.folder, asset, on_read, others=others)

        with ThreadPoolExecutor(self.readers, "verify") as readers:
            for batch in self._batches():
                with self.library.read() as db:
                    lacking = without_digests(db, [asset.id for asset in batch])
                others = [asset.id in lacking for asset in batch]
                if not self._record(readers.map(check, batch, others)):
                    return
        self.progress.round_ended = True

    def _batches(self) -> Iterator[list[Asset]]:
        """What is to be read, the suspicious first. Each batch is written down before the next."""
        for more in (suspects, never_read):
            after = 0
            while batch := self._ask(more, after):
                yield batch
                after = batch[-1].id
        while batch := self._ask(read_longest_ago, self.progress.round):
            yield batch

    def _ask(self, more: Callable[..., list[Asset]], position: int) -> list[Asset]:
        with self.library.read() as db:
            return more(db, position, _BATCH)

    def _counted(self, pace: Pace) -> Callable[[int], None]:
        def took(count: int) -> None:
            pace.took(count)
            self.progress.bytes_read = pace.total

        return took

    def _record(self, checks: Iterator[Checked | None]) -> bool:
        """Write down a batch now and then; whether the time was enough for all of it."""
        whole, waiting, written = True, [], time.monotonic()
        try:
            for check in checks:
                if check is None:
                    whole = False
                    continue
                waiting.append(check)
                if time.monotonic() - written >= _WRITE_EVERY:
                    self._write_down(waiting)
                    waiting, written = [], time.monotonic()
        finally:
            self._write_down(waiting)
        return whole

    def _write_down(self, checked: list[Checked]) -> None:
        """Not fsynced: what a power cut takes is read again. Hashes go into the sidecar first, so
        that a rebuild has them."""
        for check in checked:
            here = self.vault.sidecars.path(check.asset.sha).exists()
            if check.sha1 and here and not check.findings:
                self.vault.sidecars.update(check.asset.sha, partial(_put_digests, check))
        if checked:
            with self.library.write(durable=False) as db:
                record_checks(db, self.progress.round, checked)
                self.progress.found = counts(db)
            self.progress.read += len(checked)

    def _repair(self, places: Places, copies: Copies) -> None:
        for repaired in repair(places, copies, self.audit, self.wanted.actor, self.known):
            self.progress.repaired.append(repaired)
            if self.stop.is_set():
                raise Stopped

    def _end(self) -> None:
        self.progress.end("stopped" if self.stop.is_set() else "done")
        with self.library.write() as db:
            found = self.progress.found = counts(db)
            summary = self.progress.as_json()
            outcomes = Counter(repaired.outcome for repaired in self.progress.repaired)
            end_run(db, summary | {"repaired": outcomes}, round_ended=self.progress.round_ended)
            if found:
                self.audit.record(
                    db, self.wanted.actor, "verified", read=self.progress.read, found=found
                )


def _put_digests(check: Checked, sidecar: dict[str, Any]) -> None:
    sidecar |= {"sha1": check.sha1, "md5": check.md5}
