"""Backups and drills inside the box: one at a time, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from albums.errors import AlbumsError, BadInput, Conflict
from albums.jobs import Job, Jobs
from albums.library.database import Library
from albums.settings import Settings
from albums.upkeep.backup import record
from albums.upkeep.backup.check import check_backup
from albums.upkeep.backup.make import back_up
from albums.upkeep.backup.report import Progress

_REMEMBERED = 20  # jobs that ended


class Stopped(AlbumsError):
    """Somebody stopped it, or the box ends."""


@dataclass
class Task:
    """One backup or drill. `report` once it is done."""

    kind: Literal["backup", "check"]
    target: str
    step: Progress = field(default_factory=Progress)
    report: dict[str, Any] | None = None
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    def end(self, state: Literal["done", "stopped"]) -> None:
        self.ended = time.monotonic()

    def as_json(self) -> dict[str, Any]:
        until = self.ended or time.monotonic()
        return vars(self.step) | {
            "kind": self.kind,
            "target": self.target,
            "seconds": round(until - self.began, 1),
            "report": self.report,
        }


BackupJob = Job[Task]


def _busy() -> Conflict:
    return Conflict("Another backup or drill is running", hint="Wait until it has ended")


class Backups:
    """Those of one open library."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library, self._settings = library, settings
        self._jobs: Jobs[Task] = Jobs("backup or drill", busy=_busy, remembered=_REMEMBERED)

    def back_up(
        self, target: str = "", *, keep: int | None = None, new_disk: bool = False
    ) -> BackupJob:
        """Start a backup to this folder (absolute; default: `backup_to`). Raises Conflict."""
        task = Task("backup", self._target(target))
        kept = self._settings.backup_keep if keep is None else keep

        def work(show: Callable[[Progress], None]) -> dict[str, Any]:
            return back_up(
                self._library, Path(task.target), keep=kept or None, new_disk=new_disk, show=show
            ).as_json()

        return self._start(task, work)

    def check(self, target: str = "", *, snapshot: str | None = None, into: str = "") -> BackupJob:
        """Start a drill. `into`: the folder of the temporary place (default: the library's).

        How it ended is remembered.
        """
        task = Task("check", self._target(target))
        library = self._library.path.parent
        place = _absolute(into) if into else library

        def work(show: Callable[[Progress], None]) -> dict[str, Any]:
            def shown(files: int, total: int, size: int) -> None:
                show(Progress("Restoring", files, total, size))

            drill = check_backup(Path(task.target), place, snapshot, shown).as_json()
            good = {"last_good_drill": drill} if drill["whole"] else {}
            record.note(library, Path(task.target), last_drill=drill, **good)
            return drill

        return self._start(task, work)

    def get(self, job_id: str) -> BackupJob:
        """Raises NotFound."""
        return self._jobs.get(job_id)

    def jobs(self) -> list[BackupJob]:
        """Since the box started, oldest first."""
        return self._jobs.all()

    def close(self) -> None:
        """Stop what runs; the next run goes on."""
        self._jobs.close()

    def _target(self, given: str) -> str:
        target = given or self._settings.backup_to
        if not target:
            raise BadInput("Where to?", hint="Name a folder, or set backup_to in albums.toml")
        return str(_absolute(target))

    def _start(
        self, task: Task, work: Callable[[Callable[[Progress], None]], dict[str, Any]]
    ) -> BackupJob:
        def run(stop: threading.Event) -> None:
            def show(step: Progress) -> None:
                task.step = step
                if stop.is_set():
                    raise Stopped("It was stopped", hint="What was copied counts for the next run")

            task.report = work(show)
            task.end("done")

        return self._jobs.start(task, run)


def _absolute(path: str) -> Path:
    """Raises BadInput."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise BadInput("The name of this folder is not valid UTF-8") from error
    if not Path(path).is_absolute() or "\0" in path:
        raise BadInput(f"{path!r} is not an absolute path")
    return Path(path)
