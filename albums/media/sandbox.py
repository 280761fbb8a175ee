"""Runs decoders in worker processes with limits: a bad file costs one file, never the service."""

from __future__ import annotations

import dataclasses
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from albums.errors import AlbumsError, Undecodable
from albums.media import frames

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

LARGEST = 128 * 2**20  # bytes of an answer: pictures and tags are far smaller
PASSING = ("timeout", "memory", "crash")  # the box may have been busy, and not the file broken
CALLS = 500  # then a worker makes room for a fresh one, as libraries leak
START = 60.0  # seconds that a worker may take to start on a busy box
KEPT = "The original is kept as it is"
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
}


class Died(Exception):
    """A worker is gone, or must go: `why` says it for a person, `reason` for a program."""

    def __init__(self, reason: str, why: str) -> None:
        super().__init__(why)
        self.reason = reason
        self.why = why


class Sandbox:
    """A few worker processes, started when first needed. Calls may come from many threads."""

    def __init__(
        self, workers: int = 2, memory_mb: int = 2048, seconds: float = 60, niceness: int = 10
    ) -> None:
        self._settings = {"memory": memory_mb * 2**20, "seconds": seconds, "niceness": niceness}
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(workers)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False
        self._lock = threading.Lock()

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`function(*args)` in a worker: a function of a module, with plain arguments and result
        (or a dataclass of plain fields). Waits for a free worker.

        Raises Undecodable, with `facts["reason"]`: what the function itself says, or error,
        timeout, memory, crash, too-large; and with `facts["again"]` where the file may not be to
        blame. Raises AlbumsError where no worker can be started.
        """
        if kwargs:
            raise TypeError("Arguments go to the sandbox by position.")
        request = {"module": function.__module__, "name": function.__qualname__, "args": args}
        with self._places:
            worker = self._take()
            answer: dict[str, object] = {}
            try:
                answer = worker.ask(request, self._seconds)
            except Died as death:
                if self._closed:
                    raise _shut_down() from death
                raise _undecodable(death.reason, death.why) from death
            finally:
                self._give_back(worker, bool(answer) and answer.get("failed") != "memory")
        return cast("R", _result(function, answer))

    def close(self) -> None:
        """Ends all workers. A call in progress raises AlbumsError: its file is not to blame."""
        with self._lock:
            self._closed = True
            for worker in self._busy:
                worker.stop()
            for worker in self._idle:
                worker.kill()
            self._idle.clear()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> _Worker:
        with self._lock:
            worker = self._reusable()
        worker = worker or _Worker(self._settings)
        with self._lock:
            if self._closed:
                worker.kill()
                raise _shut_down()
            self._busy.add(worker)
        return worker

    def _reusable(self) -> _Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive():
                return worker
            worker.kill()
        return None

    def _give_back(self, worker: _Worker, usable: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            if usable and not self._closed and worker.calls < CALLS:
                self._idle.append(worker)
            else:
                worker.kill()


class _Worker:
    """One decoder process and the pipes to it. Used by one thread at a time."""

    def __init__(self, settings: dict[str, float]) -> None:
        self.calls = 0
        # Not multiprocessing: it would run the program's main module again in each worker.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "albums.media.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ
            | ONE_THREAD
            | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            ready = self._exchange(settings, START)
        except Died as death:
            self.kill()
            raise _no_worker(death.why) from death
        if ready != {"ready": True}:
            self.kill()
            raise _no_worker("it answered nonsense")

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, object], seconds: float) -> dict[str, object]:
        """The worker's answer. Raises Died where there is none in time or none at all."""
        self.calls += 1
        answer = self._exchange(request, seconds)
        if not isinstance(answer, dict) or not answer.keys() & {"result", "failed"}:
            raise Died("crash", "the decoder answered nonsense")
        return answer

    def stop(self) -> None:
        """Ends the process; the thread that waits for it learns so from the pipe."""
        self._process.kill()

    def kill(self) -> None:
        """Ends the process and forgets its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)

    def _exchange(self, request: object, seconds: float) -> object:
        deadline = time.monotonic() + seconds
        content = frames.pack(request)
        try:
            os.write(self._fileno(self._process.stdin), struct.pack("<I", len(content)) + content)
        except BrokenPipeError:
            raise self._death() from None
        (size,) = struct.unpack("<I", self._read(4, deadline))
        if size > LARGEST:
            raise Died("too-large", f"the result has {size} bytes")
        try:
            return frames.unpack(self._read(size, deadline))
        except ValueError as error:
            raise Died("crash", "the decoder answered nonsense") from error

    def _read(self, size: int, deadline: float) -> bytes:
        pipe = self._fileno(self._process.stdout)
        content = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while len(content) < size:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise Died("timeout", "it took longer than the limit allows")
                part = os.read(pipe, min(size - len(content), 2**20))
                if not part:
                    raise self._death()
                content += part
        return bytes(content)

    def _death(self) -> Died:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return Died("crash", "the decoder closed its pipe")
        if code < 0:
            return Died("crash", f"the decoder crashed ({signal.Signals(-code).name})")
        return Died("crash", f"the decoder ended with status {code}")

    def _fileno(self, pipe: IO[bytes] | None) -> int:
        assert pipe is not None
        return pipe.fileno()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was still to be sent has no reader any more


def _result(function: Callable[..., object], answer: dict[str, object]) -> object:
    """What the function returned; its own annotation says whether that is a dataclass."""
    failed = answer.get("failed")
    if failed == "undecodable":
        raise _said(answer)
    if failed == "memory":
        raise _undecodable("memory", "it needs more memory than the limit allows")
    if failed is not None:
        raise _undecodable("error", str(answer.get("why", "")))
    result = answer["result"]
    # By name: the other annotations may be imports that only a type checker makes.
    named = function.__annotations__.get("return")
    kind = getattr(sys.modules[function.__module__], str(named), named)
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
        return result
    try:
        return kind(**cast("dict[str, Any]", result))
    except TypeError as error:
        raise _undecodable("crash", "the decoder answered nonsense") from error


def _said(answer: dict[str, object]) -> Undecodable:
    facts = answer.get("facts")
    what, why, hint = (str(answer.get(name, "")) for name in ("what", "why", "hint"))
    facts = facts if isinstance(facts, dict) else {}
    reason = str(facts.get("reason", "error"))
    return Undecodable(what, why=why, hint=hint, reason=reason)


def _shut_down() -> AlbumsError:
    return AlbumsError("The decoders are shut down", hint="The file is tried again at next start")


def _undecodable(reason: str, why: str) -> Undecodable:
    again = reason in PASSING
    return Undecodable(
        "The file could not be opened", why=why, hint=KEPT, reason=reason, again=again
    )


def _no_worker(why: str) -> AlbumsError:
    return AlbumsError(
        "A decoder process could not be started",
        why=why,
        hint="Nothing is lost; `albums doctor` says what is wrong with the installation",
    )
