"""The thread that looks after the inbox, and what it says of itself."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import AlbumsError, BadInput
from albums.ingest.receive import Receiver
from albums.library.assets import now
from albums.sources.inbox.files import Folder, Found, files_in, folders
from albums.sources.inbox.notes import remove_old_notes, write_note
from albums.sources.inbox.removing import recover
from albums.sources.inbox.seen import Pace, Watched
from albums.sources.inbox.taking import Outcome, take

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)
_BATCH_FILES = 32
_BATCH_BYTES = 64 << 20
_LISTED = 1000  # names that a report holds; the rest is only counted
_CALM = 5  # a look may take this part of the time: many thousand files are not listed all the time


@dataclass(frozen=True)
class InboxReport:
    """How the inbox is. Counts of what was taken are since the box started."""

    folder: str
    running: bool
    notified: bool  # False: changes are only seen now and then
    waiting: int  # not whole yet, or not reached yet
    waiting_files: list[str]
    taken: int
    new: int  # of those taken, whose bytes were not in the library before
    last_taken_at: str | None
    left: int
    left_files: list[tuple[str, str]]  # name, why
    trouble: str  # why nothing is taken now


class Inbox:
    """A folder whose files are taken in. `start()` once, `stop()` at the end."""

    def __init__(self, folder: Path, receiver: Receiver, pace: Pace | None = None) -> None:
        """Raises BadInput where the library keeps its own files in `folder`."""
        self.folder = os.path.realpath(folder)
        _refuse_unfit(self.folder, os.path.realpath(receiver.library.path.parent))
        self._receiver = receiver
        self._pace = pace or Pace()
        self._watched = Watched(self.folder, self._pace)
        self._stopping = threading.Event()
        self._changed = threading.Event()
        self._thread: threading.Thread | None = None
        self._observer: BaseObserver | None = None
        self._report = InboxReport(self.folder, False, False, 0, [], 0, 0, None, 0, [], "")
        self._trouble = ""
        self._look_took = 0.0  # seconds
        self._taken = self._new = 0
        self._last_taken_at: str | None = None

    def start(self) -> None:
        """Look after the folder until `stop`; it is made whenever there is none."""
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand. What is not taken yet is taken after the next start."""
        self._stopping.set()
        self._changed.set()
        if self._thread:
            self._thread.join()

    def report(self) -> InboxReport:
        """As of the last look. From any thread."""
        return self._report

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._changed.clear()
            self._trouble = self._round()
            self._say()
            if self._trouble:
                self._stopping.wait(self._pace.full)
            elif not self._stopping.wait(max(self._pace.gather, _CALM * self._look_took)):
                self._changed.wait(self._watched.next_due())
        self._stop_observing()
        self._say()

    def _round(self) -> str:
        """Look at everything once and take what is whole. Returns the trouble, if there is any."""
        try:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
            self._observe()
            began = time.monotonic()
            ripe = list(self._watched.update(self._look()))
            self._look_took = time.monotonic() - began
            self._say()
            for batch in _batches(self._leave_what_is_wrong(ripe)):
                if self._stopping.is_set():
                    break
                done = take(batch, self.folder, self._receiver, self._stopping)
                self._note(done.outcomes)
                if done.trouble:
                    raise done.trouble
            self._watched.sweep()
        except (AlbumsError, OSError, sqlite3.Error) as error:
            log.warning("the inbox waits: %s", error)
            return str(error)
        return ""

    def _look(self) -> Iterator[Found]:
        for folder in folders(self.folder):
            if isinstance(folder, Folder):
                recover(folder)
                remove_old_notes(folder)
                yield from files_in(folder)
            else:
                yield folder

    def _leave_what_is_wrong(self, ripe: Iterable[Found]) -> Iterator[Found]:
        for file in ripe:
            if file.wrong:
                self._leave(file, file.wrong)
            else:
                yield file

    def _leave(self, file: Found, why: str) -> None:
        log.info("left in the inbox: %s: %s", file.path.encode(errors="replace").decode(), why)
        self._watched.leave(file, why)
        write_note(file, why)

    def _note(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self._new += outcome.new
            match outcome.state:
                case "taken":
                    self._watched.taken(outcome.file)
                    self._taken += 1
                    self._last_taken_at = now()
                case "left":
                    self._leave(outcome.file, outcome.why)
                case "again":
                    self._watched.again(outcome.file)
        self._say()

    def _say(self) -> None:
        waiting, left = self._watched.waiting(), self._watched.left()
        self._report = InboxReport(
            self.folder,
            not self._stopping.is_set(),
            self._observer is not None and _hears(self._observer),
            len(waiting),
            waiting[:_LISTED],
            self._taken,
            self._new,
            self._last_taken_at,
            len(left),
            left[:_LISTED],
            self._trouble,
        )

    def _observe(self) -> None:
        """Have the system tell of changes. Where it cannot, the regular look finds them."""
        if self._observer and _hears(self._observer):
            return
        self._stop_observing()
        from watchdog.events import (
            DirCreatedEvent,
            DirMovedEvent,
            FileClosedEvent,
            FileCreatedEvent,
            FileDeletedEvent,
            FileModifiedEvent,
            FileMovedEvent,
            FileSystemEventHandler,
        )
        from watchdog.observers import Observer

        changed = self._changed

        class Wake(FileSystemEventHandler):
            def on_any_event(self, event: object) -> None:
                changed.set()

        wanted = [DirCreatedEvent, DirMovedEvent, FileClosedEvent, FileCreatedEvent,
                  FileDeletedEvent, FileModifiedEvent, FileMovedEvent]  # fmt: skip
        observer = Observer()
        try:
            observer.schedule(Wake(), self.folder, recursive=True, event_filter=wanted)
            observer.start()
        except OSError as error:  # no such folder, or no watches left
            log.info("changes in the inbox are looked for now and then: %s", error)
            return
        self._observer = observer

    def _stop_observing(self) -> None:
        if self._observer:
            self._observer.stop()
            self._observer.join()
            self._observer = None


def _hears(observer: BaseObserver) -> bool:
    """All threads live that bring events here. What watches a folder ends with the folder."""
    from watchdog.observers.inotify_c import InotifyFD

    reader = InotifyFD.get_instance()  # one for all observers
    return all(thread.is_alive() for thread in (observer, *observer.emitters, reader))


def _refuse_unfit(folder: str, library: str) -> None:
    own = [os.path.join(library, name) for name in ("originals", "pictures", "incoming")]  # noqa: PTH118
    inside = any(Path(folder).is_relative_to(path) for path in own)
    if inside or Path(library).is_relative_to(folder):
        raise BadInput(
            f"inbox = {folder!r}: the library keeps its own files there",
            why="What is in the inbox is taken and then removed from it",
            hint="Name a folder of its own",
        )


def _batches(files: Iterable[Found]) -> Iterator[list[Found]]:
    """Few enough files and bytes that the first are acknowledged soon."""
    batch: list[Found] = []
    for file in files:
        batch.append(file)
        size = sum(found.look.size for found in batch)
        if len(batch) == _BATCH_FILES or size >= _BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch
