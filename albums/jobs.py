"""Long jobs inside the box, a thread each: how far they have come, and why they ended early."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from albums.errors import AlbumsError, Conflict, NotFound

log = logging.getLogger(__name__)


class Progress(Protocol):
    """How far a job has come. Written by the job, read by whoever shows it."""

    def end(self, state: Literal["done", "stopped"]) -> None: ...

    def as_json(self) -> dict[str, Any]: ...


P = TypeVar("P", bound=Progress)
Work = Callable[[threading.Event], None]


@dataclass
class Job(Generic[P]):
    """One of them. `error` is why it ended early; it ends soon after `stop` is set."""

    progress: P
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    stop: threading.Event = field(default_factory=threading.Event)
    error: AlbumsError | None = None
    _thread: threading.Thread | None = None

    def start(self, work: Work, name: str) -> None:
        """Run `work` in a thread called so; it is to call `progress.end` and return."""
        self._thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        """Until it has ended."""
        if self._thread:
            self._thread.join()

    def as_json(self) -> dict[str, Any]:
        """How far it has come, and how it ended."""
        running = self.running  # first: of a job that ended meanwhile the rest would be too old
        error = self.error
        return self.progress.as_json() | {
            "id": self.id,
            "running": running,
            "error": str(error) if error else None,
            "error_code": error.code if error else None,
        }

    def _run(self, work: Work) -> None:
        try:
            work(self.stop)
        except AlbumsError as error:
            self._end_early(error)
            log.warning("the job %s ended early: %s", threading.current_thread().name, error)
        except BaseException:
            self._end_early(AlbumsError("It broke off", hint="See the box's log"))
            raise  # a bug: the thread's own handler logs it

    def _end_early(self, error: AlbumsError) -> None:
        self.progress.end("stopped")
        self.error = error


class Jobs(Generic[P]):
    """All of one kind since the box started.

    `kind` is how people call one. `busy`: only one runs at a time; who wants another is told this.
    `remembered`: how many that ended.
    """

    def __init__(
        self, kind: str, *, busy: Callable[[], Conflict] | None = None, remembered: int = 50
    ) -> None:
        self._kind, self._busy, self._remembered = kind, busy, remembered
        self._jobs: dict[str, Job[P]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def start(self, progress: P, work: Work) -> Job[P]:
        """Run `work` in a thread; it is to end soon after its event is set. Raises Conflict."""
        job = Job(progress)
        with self._lock:
            if self._closed:
                raise Conflict("The box is ending", hint="Try again once it is running")
            if self._busy and any(other.running for other in self._jobs.values()):
                raise self._busy()
            self._forget()
            self._jobs[job.id] = job
            job.start(work, f"{self._kind}-{job.id}")
        return job

    def _forget(self) -> None:
        ended = [job.id for job in self._jobs.values() if not job.running]
        for job_id in ended[: max(0, len(ended) - self._remembered)]:
            del self._jobs[job_id]

    def get(self, job_id: str) -> Job[P]:
        """Raises NotFound."""
        with self._lock:
            if job_id not in self._jobs:
                raise NotFound(
                    f"There is no {self._kind} {job_id!r}",
                    why="They are forgotten when the box stops",
                )
            return self._jobs[job_id]

    def all(self) -> list[Job[P]]:
        """Oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def close(self) -> None:
        """Stop all, wait for them, and start no more; what was acknowledged is kept."""
        with self._lock:
            self._closed = True
        for job in self.all():
            job.stop.set()
        for job in self.all():
            job.wait()
