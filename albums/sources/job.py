"""Imports and exports that run inside the box, one thread each, and how far they have come."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from albums.errors import AlbumsError, NotFound

log = logging.getLogger(__name__)
_REMEMBERED = 50  # jobs that ended


class Ending(Protocol):
    """How far a job has come; `ended` is when, by the monotonic clock."""

    ended: float | None

    def end(self, state: Literal["done", "stopped"]) -> None: ...


P = TypeVar("P", bound=Ending)


@dataclass
class Job(Generic[P]):
    """One import or export. `error` is why it ended early."""

    progress: P
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    stop: threading.Event = field(default_factory=threading.Event)
    error: AlbumsError | None = None
    thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class Jobs(Generic[P]):
    """All imports, or all exports, since the box started. `kind` is how people call one."""

    def __init__(self, kind: str = "import") -> None:
        self._kind = kind
        self._jobs: dict[str, Job[P]] = {}
        self._lock = threading.Lock()

    def start(self, progress: P, work: Callable[[threading.Event], None]) -> Job[P]:
        """Run `work` in a thread; it is to end soon after its event is set."""
        job = Job(progress)
        job.thread = threading.Thread(
            target=_run, args=(job, work), name=f"{self._kind}-{job.id}", daemon=True
        )
        with self._lock:
            ended = [old.id for old in self._jobs.values() if not old.running]
            for old in ended[: max(0, len(ended) - _REMEMBERED)]:
                del self._jobs[old]
            self._jobs[job.id] = job
        job.thread.start()
        return job

    def get(self, job_id: str) -> Job[P]:
        """Raises NotFound."""
        with self._lock:
            if job_id not in self._jobs:
                raise NotFound(
                    f"There is no {self._kind} {job_id!r}",
                    why=f"An {self._kind} is forgotten when the box stops",
                )
            return self._jobs[job_id]

    def all(self) -> list[Job[P]]:
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


def _run(job: Job[P], work: Callable[[threading.Event], None]) -> None:
    try:
        work(job.stop)
    except AlbumsError as error:
        job.error = error
        log.warning("job %s ended early: %s", job.id, error)
    finally:
        if job.progress.ended is None:
            job.progress.end("stopped")
            # A bug goes on to the thread's own handler, which logs it.
            job.error = job.error or AlbumsError("It broke off", hint="See the box's log")
