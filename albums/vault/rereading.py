"""Reading a file from the disk itself: what memory still holds of it proves nothing.

The system keeps in memory what was lately read or written, and answers from there. Those pages are
let go of before reading, so that the disk answers; and after it, so that reading a whole library
does not push out what searches need. Where a page is being written or mapped by somebody, or the
system cannot be asked (posix_fadvise), memory may answer all the same.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_FORGET = 8 << 20  # bytes


@dataclass(frozen=True)
class OnDisk:
    """What a file held when it was read."""

    sha: str  # SHA-256, hex
    size: int  # bytes
    steady: bool  # False: it was written to or replaced meanwhile


def read_from_disk(path: Path, on_read: Callable[[int], None] = lambda count: None) -> OnDisk:
    """Hash a regular file; `on_read` is told the bytes of each chunk and may raise.

    Raises OSError as the system says it, also for what is no regular file. Memory: one chunk.
    """
    # Opening a pipe would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        _forget(descriptor, 0, 0)
        sha, size = _hash(descriptor, on_read)
        steady = _state(before) == _state(os.fstat(descriptor)) == _state(path.stat())
        return OnDisk(sha, size, steady)
    finally:
        os.close(descriptor)


def _hash(descriptor: int, on_read: Callable[[int], None]) -> tuple[str, int]:
    digest, size, forgotten = hashlib.sha256(), 0, 0
    buffer = memoryview(bytearray(_CHUNK))
    while count := os.readv(descriptor, [buffer]):
        digest.update(buffer[:count])
        size += count
        if size - forgotten >= _FORGET:
            _forget(descriptor, forgotten, size - forgotten)
            forgotten = size
        on_read(count)
    _forget(descriptor, 0, 0)
    return digest.hexdigest(), size


def _forget(descriptor: int, start: int, count: int) -> None:
    """Let go of these pages in memory; 0 bytes means up to the end."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, start, count, os.POSIX_FADV_DONTNEED)


def _state(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
