"""Backups and drills inside the box: one at a time, in a thread, by hand or by the clock."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from albums.errors import AlbumsError, BadInput, Conflict, NotFound
from albums.library.database import Library
from albums.settings import Settings
from albums.upkeep.backup import record
from albums.upkeep.backup.check import check_backup
from albums.upkeep.backup.make import back_up
from albums.upkeep.backup.report import Progress

log = logging.getLogger(__name__)
_REMEMBERED = 20  # jobs that ended
_LOOK_EVERY = 60.0  # seconds
_TRY_AGAIN = timedelta(hours=1)  # after a backup by the clock that failed


class Stopped(AlbumsError):
    """Somebody stopped it, or the box ends."""


@dataclass
class Job:
    """One backup or drill. `report` once it is done, `error` when it ended early."""

    kind: Literal["backup", "check"]
    target: str
    progress: Progress = field(default_factory=Progress)
    report: dict[str, Any] | None = None
    error: AlbumsError | None = None
    began: float = field(default_factory=time.monotonic)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    def show(self, progress: Progress) -> None:
        """Raises Stopped."""
        self.progress = progress
        if self.stop.is_set():
            raise Stopped("It was stopped", hint="What was copied counts for the next run")


class Backups:
    """Those of one open library."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library, self._settings = library, settings
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._clock = threading.Thread(target=self._run_clock, name="backups", daemon=True)

    # --- by hand

    def back_up(self, target: str = "", *, keep: int | None = None, new_disk: bool = False) -> Job:
        """Start a backup to this folder (absolute; default: `backup_to`). Raises Conflict."""
        job = Job("backup", self._target(target))
        kept = self._settings.backup_keep if keep is None else keep

        def work() -> dict[str, Any]:
            return back_up(
                self._library, Path(job.target), keep=kept or None, new_disk=new_disk, show=job.show
            ).as_json()

        return self._start(job, work)

    def check(self, target: str = "", *, snapshot: str | None = None, into: str = "") -> Job:
        """Start a drill. `into`: the folder of the temporary place (default: the library's).

        How it ended is remembered.
        """
        job = Job("check", self._target(target))
        library = self._library.path.parent
        place = _absolute(into) if into else library

        def show(files: int, total: int, size: int) -> None:
            job.show(Progress("Restoring", files, total, size))

        def work() -> dict[str, Any]:
            drill = check_backup(Path(job.target), place, snapshot, show).as_json()
            good = {"last_good_drill": drill} if drill["whole"] else {}
            record.note(library, Path(job.target), last_drill=drill, **good)
            return drill

        return self._start(job, work)

    def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        with self._lock:
            if job_id not in self._jobs:
                raise NotFound(
                    f"There is no backup or drill {job_id!r}",
                    why="They are forgotten when the box stops",
                )
            return self._jobs[job_id]

    def jobs(self) -> list[Job]:
        """Since the box started, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def close(self) -> None:
        """Stop what runs; the next run goes on."""
        self._ending.set()
        for job in self.jobs():
            job.stop.set()
        for thread in [self._clock, *(job.thread for job in self.jobs())]:
            if thread and thread.is_alive():
                thread.join()

    def _target(self, given: str) -> str:
        target = given or self._settings.backup_to
        if not target:
            raise BadInput("Where to?", hint="Name a folder, or set backup_to in albums.toml")
        return str(_absolute(target))

    def _start(self, job: Job, work: Callable[[], dict[str, Any]]) -> Job:
        with self._lock:
            if self._ending.is_set() or any(other.running for other in self._jobs.values()):
                raise Conflict("Another backup or drill is running", hint="Wait until it has ended")
            for old in list(self._jobs)[:-_REMEMBERED]:
                del self._jobs[old]
            self._jobs[job.id] = job
            job.thread = threading.Thread(
                target=_run, args=(job, work), name=f"backup-{job.id}", daemon=True
            )
            job.thread.start()
        return job

    # --- by the clock

    def start_clock(self) -> None:
        """From now on make and try backups as the settings say."""
        if self._settings.backup_to:
            self._clock.start()

    def _run_clock(self) -> None:
        while not self._ending.wait(_LOOK_EVERY):
            try:
                self.look()
            except AlbumsError as error:
                log.warning("the backup by the clock did not begin: %s", error)

    def look(self) -> Job | None:
        """Begin what is due. The first backup to a place is made by hand: nothing here can know
        whether a disk is to be mounted there."""
        library, target = self._library.path.parent, self._target("")
        about = record.read_record(library).get(target, {})
        if any(job.running for job in self.jobs()) or not about.get("last_backup"):
            return None
        failed = record.age((about.get("failed") or {}).get("at"))
        if failed is not None and abs(failed) < _TRY_AGAIN:
            return None
        if _due(about["last_backup"], self._settings.backup_every_days):
            return self._noting_failure(self.back_up())
        drilled = about.get("last_drill") or about["last_backup"] | {"at": about["first_backup"]}
        if _due(drilled, self._settings.backup_check_every_days):
            return self._noting_failure(self.check())
        return None

    def _noting_failure(self, job: Job) -> Job:
        assert job.thread
        job.thread.join()
        if job.error and not isinstance(job.error, Stopped):
            at = datetime.now(UTC).isoformat(timespec="seconds")
            failed = {"at": at, "why": str(job.error)}
            record.note(self._library.path.parent, Path(job.target), failed=failed)
        return job


def _due(last: dict[str, Any], days: int) -> bool:
    found = record.age(last["at"])
    return bool(days and found and abs(found) >= timedelta(days=days))


def _absolute(path: str) -> Path:
    """Raises BadInput."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise BadInput("The name of this folder is not valid UTF-8") from error
    if not Path(path).is_absolute() or "\0" in path:
        raise BadInput(f"{path!r} is not an absolute path")
    return Path(path)


def _run(job: Job, work: Callable[[], dict[str, Any]]) -> None:
    try:
        job.report = work()
    except AlbumsError as error:
        job.error = error
        log.warning("%s of %s ended early: %s", job.kind, job.target, error)
    finally:
        if job.report is None:
            # A bug goes on to the thread's own handler, which logs it.
            job.error = job.error or AlbumsError("It broke off", hint="See the box's log")
