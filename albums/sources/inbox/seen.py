"""Which files of the inbox are whole by now, which are left there, and which folders it emptied."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from albums.sources.folder import printable
from albums.sources.inbox.files import EMPTY, UNFINISHED, Found, Look
from albums.sources.inbox.reading import writer_of


@dataclass(frozen=True)
class Pace:
    """How patient the inbox is, in seconds."""

    settle: float = 5  # a file that nobody writes is whole when it did not change for so long
    unsure: float = 120  # the same where the system cannot say whether somebody writes
    stale: float = 86_400  # a file whose name says that it is not finished
    gather: float = 1  # between two looks, so that many events cost one
    look: float = 60  # to the next look without any event: network disks send none
    retry: float = 3600  # what was left is tried again
    full: float = 30  # after a full disk
    sweep: float = 600  # a folder that the inbox emptied goes


@dataclass
class _Seen:
    look: Look
    since: float  # monotonic: for so long it looks like this
    due: float
    why: str = ""  # it is left


class Watched:
    """What lies in the inbox, and for how long it looks as it does. For one thread."""

    def __init__(self, inbox: str, pace: Pace) -> None:
        self._inbox = inbox
        self._pace = pace
        self._files: dict[str, _Seen] = {}
        self._emptied: dict[str, float] = {}

    def update(self, found: Iterable[Found]) -> Iterator[Found]:
        """Take note of all that lies there now; yields what is ripe: whole, or wrong for good."""
        now, before, self._files = time.monotonic(), self._files, {}
        for file in found:
            seen = before.get(file.path)
            if seen is None or seen.look != file.look:
                seen = _Seen(file.look, now, now + self._patience(file))
            self._files[file.path] = seen
            if now >= seen.due and self._is_ripe(file, seen, now):
                yield file

    def _patience(self, file: Found) -> float:
        patience = {EMPTY: self._pace.unsure, UNFINISHED: self._pace.stale}
        return patience.get(file.wrong, self._pace.settle)

    def _is_ripe(self, file: Found, seen: _Seen, now: float) -> bool:
        written = None if file.wrong else writer_of(file.path)
        if written:
            seen.due = now + self._pace.settle
            return False
        if written is None and not file.wrong:
            seen.due = max(seen.due, seen.since + self._pace.unsure)
        return now >= seen.due

    def leave(self, file: Found, why: str) -> None:
        """It stays; it is tried again when it changes, or after a long while."""
        seen = self._files[file.path]
        seen.why, seen.due = why, time.monotonic() + self._pace.retry

    def again(self, file: Found) -> None:
        """It changed under our hands."""
        seen = self._files[file.path]
        seen.why, seen.since = "", time.monotonic()
        seen.due = seen.since + self._patience(file)

    def taken(self, file: Found) -> None:
        del self._files[file.path]
        self._emptied[os.path.dirname(file.path)] = time.monotonic()  # noqa: PTH120

    def sweep(self) -> None:
        """Remove folders that the inbox emptied a while ago, and what is empty above them."""
        now = time.monotonic()
        for path in [p for p, at in self._emptied.items() if now >= at + self._pace.sweep]:
            del self._emptied[path]
            if path != self._inbox:
                with suppress(OSError):  # it is not empty, or gone
                    os.rmdir(path)  # noqa: PTH106 - names may not be UTF-8
                    self._emptied[os.path.dirname(path)] = now - self._pace.sweep  # noqa: PTH120

    def next_due(self) -> float:
        """Seconds until something is to be done, at most until the next look."""
        now = time.monotonic()
        sweeps = [at + self._pace.sweep for at in self._emptied.values()]
        due = min([seen.due for seen in self._files.values()] + sweeps, default=now + 1e9)
        return max(0.0, min(due - now, self._pace.look))

    def waiting(self) -> list[str]:
        """Names below the inbox of what is not whole yet or was not reached yet."""
        return [self._readable(path) for path, seen in self._files.items() if not seen.why]

    def left(self) -> list[tuple[str, str]]:
        """Names below the inbox of what stays there, and why."""
        return [(self._readable(p), seen.why) for p, seen in self._files.items() if seen.why]

    def _readable(self, path: str) -> str:
        return printable(os.path.relpath(path, self._inbox))
