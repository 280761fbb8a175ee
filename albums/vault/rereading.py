"""Reading a file from the disk itself: what memory still holds of it proves nothing.

The system keeps in memory what was lately read or written, and answers from there. O_DIRECT reads
past it, and leaves there what searches need. Where a file system has no O_DIRECT, the pages are let
go of before reading and after it; then those that somebody is writing or maps may still answer.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import queue
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from albums.vault.digests import plain_digest

_CHUNK = 4 << 20  # bytes
_DIRECT = getattr(os, "O_DIRECT", 0)
# New memory costs as much as reading from a quick disk: buffers are used again.
_BUFFERS: queue.LifoQueue[mmap.mmap] = queue.LifoQueue(maxsize=4)

OnRead = Callable[[int], None]


@dataclass(frozen=True)
class OnDisk:
    """What a file held when it was read."""

    sha: str  # SHA-256, hex
    size: int  # bytes
    steady: bool  # False: it was written to or replaced meanwhile
    sha1: str | None = None  # if asked for
    md5: str | None = None


def read_from_disk(
    path: Path, on_read: OnRead = lambda count: None, *, others: bool = False
) -> OnDisk:
    """Hash a regular file; `on_read` is told the bytes of each chunk and may raise.

    `others`: make SHA-1 and MD5, too. Raises OSError as the system says it, also for what is no
    regular file. Memory: one chunk.
    """
    if _DIRECT:
        try:
            return _read(path, on_read, others, _DIRECT)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    return _read(path, on_read, others, 0)


def _read(path: Path, on_read: OnRead, others: bool, direct: int) -> OnDisk:
    # Opening a pipe would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | direct)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.ENOTSUP, "it is not a regular file")
        hashes = [hashlib.sha256(), *(plain_digest(n) for n in ("sha1", "md5") if others)]
        size = 0
        for chunk in _chunks(descriptor, before.st_size, direct):
            for digest in hashes:
                digest.update(chunk)
            size += len(chunk)
            on_read(len(chunk))
        steady = _state(before) == _state(os.fstat(descriptor)) == _state(path.stat())
    finally:
        os.close(descriptor)
    sha, *rest = [digest.hexdigest() for digest in hashes]
    return OnDisk(sha, size, steady, *rest)


def _chunks(descriptor: int, expected: int, direct: int) -> Iterator[memoryview]:
    """The content, each chunk until the next is asked for."""
    with _buffer() as buffer:
        if not direct:
            _forget(descriptor)
        size = 0
        while count := os.readv(descriptor, [buffer]):
            with memoryview(buffer) as whole, whole[:count] as chunk:
                yield chunk
            size += count
            if not direct:
                _forget(descriptor)
            elif count % mmap.PAGESIZE and size >= expected:
                return  # O_DIRECT may not ask on from the middle of a page


@contextmanager
def _buffer() -> Iterator[mmap.mmap]:
    """Aligned to a page, as O_DIRECT asks."""
    try:
        buffer = _BUFFERS.get_nowait()
    except queue.Empty:
        buffer = mmap.mmap(-1, _CHUNK)
    try:
        yield buffer
    finally:
        try:
            _BUFFERS.put_nowait(buffer)
        except queue.Full:
            buffer.close()


def _forget(descriptor: int) -> None:
    """Let go of the file's pages in memory."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _state(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
