"""What every source of an import is, and how far one has come."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from albums.ingest.receive import Receiver

_LISTED = 1000  # paths that a report names in full; the rest is only counted


# matching, saying and proving: only exports, whose files are spoken of by others among them
State = Literal["listing", "reading", "matching", "saying", "proving", "done", "stopped"]


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that was not taken in, and why."""

    path: str
    why: str

    def as_json(self) -> dict[str, str]:
        return {"path": self.path, "why": self.why}


@dataclass
class Progress:
    """How far an import has come. Written by the import, read by whoever shows it."""

    folder: str
    state: State = "listing"
    found: int = 0  # files
    known: int = 0  # unchanged since they came in: not read again
    ingested: int = 0
    duplicate: int = 0  # the same bytes are kept already
    deleted: int = 0  # the owner deleted these bytes before
    bytes_total: int = 0  # of the files that have to be read
    bytes_done: int = 0
    skipped: int = 0  # hidden and system files
    failed: int = 0
    skipped_files: list[LeftOut] = field(default_factory=list)
    failed_files: list[LeftOut] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    reading_began: float | None = None
    ended: float | None = None

    def skip(self, path: str, why: str) -> None:
        self.skipped += 1
        if self.skipped <= _LISTED:
            self.skipped_files.append(LeftOut(path, why))

    def fail(self, path: str, why: str) -> None:
        self.failed += 1
        if self.failed <= _LISTED:
            self.failed_files.append(LeftOut(path, why))

    def give_up(self, path: str, why: str, size: int) -> None:
        """A file of `size` bytes that was to be read cannot be."""
        self.fail(path, why)
        self.bytes_total -= size

    def begin_reading(self, bytes_total: int) -> None:
        self.begin_counting(bytes_total)
        self.state = "reading"

    def begin_counting(self, bytes_total: int) -> None:
        """Rate and time left are those of what begins now."""
        self.bytes_total, self.bytes_done, self.reading_began = bytes_total, 0, time.monotonic()

    def took(self, status: Literal["ingested", "duplicate", "deleted"], size: int) -> None:
        """One file is acknowledged."""
        setattr(self, status, getattr(self, status) + 1)
        self.bytes_done += size

    def end(self, state: Literal["done", "stopped"]) -> None:
        self.state, self.ended = state, time.monotonic()

    @property
    def new(self) -> int:
        """Files whose bytes were read and acknowledged."""
        return self.ingested + self.duplicate + self.deleted

    def as_json(self) -> dict[str, Any]:
        """Counts, bytes, seconds, files and bytes a second, seconds left (null: not known yet)."""
        until = self.ended or time.monotonic()
        reading = until - self.reading_began if self.reading_began else 0.0
        rate = self.bytes_done / reading if reading else 0.0
        plain = ("folder", "state", "found", "known", "ingested", "duplicate", "deleted",
                 "skipped", "failed", "bytes_total", "bytes_done")  # fmt: skip
        return {name: getattr(self, name) for name in plain} | {
            "seconds": round(until - self.began, 3),
            "files_per_second": round(self.new / reading, 1) if reading else 0.0,
            "bytes_per_second": round(rate),
            "seconds_left": round((self.bytes_total - self.bytes_done) / rate, 1) if rate else None,
            "skipped_files": [left.as_json() for left in list(self.skipped_files)],
            "failed_files": [left.as_json() for left in list(self.failed_files)],
        }


class BringIn(Protocol):
    """As in `Source`."""

    def __call__(
        self,
        path: Path,
        receiver: Receiver,
        progress: Progress,
        stop: threading.Event,
        /,
        *,
        again: bool = False,
    ) -> None: ...


@dataclass(frozen=True)
class Source:
    """A way in that brings files by itself, when the person asks for it.

    bring_in(path, receiver, progress, stop, again=) ends when all is acknowledged or `stop` is
    set; with `again` it takes in even what the owner deleted before.
    """

    name: str  # what its arrivals carry as `source`
    about: str
    bring_in: BringIn
