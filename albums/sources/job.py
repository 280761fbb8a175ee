"""Imports that run inside the box, one thread each, and how far they have come."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from albums.errors import AlbumsError, NotFound
from albums.sources.source import Progress

log = logging.getLogger(__name__)
_REMEMBERED = 50  # jobs that ended


@dataclass
class Job:
    """One import. `error` is why it ended early."""

    progress: Progress
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    stop: threading.Event = field(default_factory=threading.Event)
    error: AlbumsError | None = None
    thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class Jobs:
    """All imports since the box started."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, progress: Progress, work: Callable[[threading.Event], None]) -> Job:
        """Run `work` in a thread; it is to end soon after its event is set."""
        job = Job(progress)
        job.thread = threading.Thread(
            target=_run, args=(job, work), name=f"import-{job.id}", daemon=True
        )
        with self._lock:
            ended = [old.id for old in self._jobs.values() if not old.running]
            for old in ended[: max(0, len(ended) - _REMEMBERED)]:
                del self._jobs[old]
            self._jobs[job.id] = job
        job.thread.start()
        return job

    def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        with self._lock:
            if job_id not in self._jobs:
                raise NotFound(
                    f"There is no import {job_id!r}", why="Imports are forgotten when the box stops"
                )
            return self._jobs[job_id]

    def all(self) -> list[Job]:
        """Oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def close(self) -> None:
        """Stop all; what was acknowledged is kept."""
        for job in self.all():
            job.stop.set()
        for job in self.all():
            if job.thread:
                job.thread.join()


def _run(job: Job, work: Callable[[threading.Event], None]) -> None:
    try:
        work(job.stop)
    except AlbumsError as error:
        job.error = error
        log.warning("import %s ended early: %s", job.id, error)
    finally:
        if job.progress.ended is None:
            job.progress.end("stopped")
            # A bug goes on to the thread's own handler, which logs it.
            job.error = job.error or AlbumsError("The import broke off", hint="See the box's log")
