"""Makes films playable in processes of their own, with limits: a bad film costs one process.

The result is written to a file that the caller opened; the process is lent its descriptor.
"""

from __future__ import annotations

import errno
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from albums.errors import Conflict, Undecodable
from albums.media import frames
from albums.media.film_job import Made, Wanted
from albums.media.sandbox import KEPT, ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANSWER = 1 << 20  # bytes
# Each thread of a process may take so much of its memory for itself; one shared place will do.
_ENVIRONMENT = {**ONE_THREAD, "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}
_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)


@dataclass(frozen=True)
class Limits:
    """Of one process. `stall`: seconds without progress; `seconds`: for the whole film."""

    memory_mb: int = 2048
    seconds: float = 12 * 3600
    stall: float = 180
    niceness: int = 15


class Transcoder:
    """As many processes as callers wait for at once."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._processes = set[subprocess.Popen[bytes]]()
        self._lock = threading.Lock()
        self._stopped = False

    def make(self, wanted: Wanted, target: BinaryIO, largest: int) -> Made:
        """Write the playable film into `target`, at most `largest` bytes.

        Raises Undecodable for what is in the film, with `facts["again"]` where the box may be to
        blame; OSError where the disk is; Conflict where `stop` was called.
        """
        limits = self._limits
        job = {name: getattr(wanted, name) for name in Wanted.__annotations__} | {
            "target": target.fileno(),
            "memory": limits.memory_mb * 2**20,
            "niceness": limits.niceness,
            "largest": largest,
        }
        process = self._start(target.fileno())
        try:
            return _made(_exchange(process, job, limits))
        except Undecodable as error:
            raise (_stopping() if self._stopped else error) from None
        finally:
            with self._lock:
                self._processes.discard(process)
            _end(process)

    def stop(self) -> None:
        """End what is being made; nothing is made from now on."""
        with self._lock:
            self._stopped = True
            for process in self._processes:
                process.kill()

    def _start(self, descriptor: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise _stopping()
            process = subprocess.Popen(
                [sys.executable, "-m", "albums.media.transcode"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=(descriptor,),
                env=os.environ | _ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
            )
            self._processes.add(process)
        return process


def _exchange(
    process: subprocess.Popen[bytes], job: Mapping[str, object], limits: Limits
) -> dict[str, object]:
    """The answer of the process."""
    content = frames.pack(dict(job))
    assert process.stdin is not None
    try:
        process.stdin.write(struct.pack("<I", len(content)) + content)
        process.stdin.flush()
    except BrokenPipeError:
        raise _death(process) from None
    until = time.monotonic() + limits.seconds
    while True:
        told = _frame(process, until, limits.stall)
        if not isinstance(told, dict):
            raise _failed("the process answered nonsense", again=True)
        if "at" not in told:
            return told


def _frame(process: subprocess.Popen[bytes], until: float, stall: float) -> object:
    (size,) = struct.unpack("<I", _read(process, 4, until, stall))
    try:
        return frames.unpack(_read(process, min(size, _ANSWER), until, stall))
    except ValueError:
        return None


def _read(process: subprocess.Popen[bytes], size: int, until: float, stall: float) -> bytes:
    assert process.stdout is not None
    content = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(content) < size:
            left = until - time.monotonic()
            if left <= 0:
                raise _failed("it takes longer than the limit allows")
            if not selector.select(min(left, stall)):
                if left > stall:
                    raise _failed("it made no progress for too long", again=True)
                continue
            part = os.read(process.stdout.fileno(), size - len(content))
            if not part:
                raise _death(process)
            content += part
    return bytes(content)


def _death(process: subprocess.Popen[bytes]) -> Undecodable:
    try:
        code = process.wait(5)
    except subprocess.TimeoutExpired:
        return _failed("the process closed its pipe", again=True)
    said = signal.Signals(-code).name if code < 0 else f"status {code}"
    return _failed(f"the process ended ({said})", again=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if pipe is not None:
                pipe.close()


def _made(answer: Mapping[str, object]) -> Made:
    if answer.get("failed") == "memory":
        raise _failed("it needs more memory than the limit allows", again=True)
    if answer.get("failed") == "undecodable":
        raise Undecodable(str(answer.get("what")), why=str(answer.get("why")), hint=KEPT)
    number = answer.get("errno")
    if number == errno.EFBIG:
        raise _failed("what is made of it becomes larger than it may")
    if isinstance(number, int) and number in _WRITING:
        raise OSError(number, os.strerror(number))
    if "failed" in answer:
        raise _failed(str(answer.get("why")))
    try:
        return Made(**cast("dict[str, Any]", answer["result"]))
    except (TypeError, KeyError) as error:
        raise _failed("the process answered nonsense", again=True) from error


def _failed(why: str, *, again: bool = False) -> Undecodable:
    return Undecodable("The film could not be made playable", why=why, hint=KEPT, again=again)


def _stopping() -> Conflict:
    return Conflict("The box is stopping", hint="The film is made playable after the next start")
