"""The names that bytes go by elsewhere: SHA-1 and MD5 besides our own SHA-256, in one pass.

They are only for recognising a file; what a person may rely on is proven with SHA-256.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from albums.vault.rereading import read_from_disk

_BUFFER = 4 << 20  # bytes read at once past the page cache


@dataclass(frozen=True)
class Digests:
    """Of one file, hex, and its length in bytes."""

    sha: str  # SHA-256
    sha1: str
    md5: str
    size: int


class Digesting:
    """Hashes a stream. SHA-1 and MD5 are made beside, in `threads`: MD5 is slower than most disks,
    and hashlib lets other threads run meanwhile."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._sha, self._sha1, self._md5 = hashlib.sha256(), _plain("sha1"), _plain("md5")
        self._size = 0
        self._beside: Future[None] | None = None

    def update(self, chunk: bytes) -> None:
        self._wait()
        self._beside = self._threads.submit(self._update_others, chunk)
        self._sha.update(chunk)
        self._size += len(chunk)

    def finish(self) -> Digests:
        self._wait()
        return Digests(
            self._sha.hexdigest(), self._sha1.hexdigest(), self._md5.hexdigest(), self._size
        )

    def _update_others(self, chunk: bytes) -> None:
        self._sha1.update(chunk)
        self._md5.update(chunk)

    def _wait(self) -> None:
        if self._beside:
            self._beside.result()


def _plain(name: str) -> hashlib._Hash:
    return hashlib.new(name, usedforsecurity=False)


def digest_file(path: Path) -> Digests:
    """All three of a file on disk."""
    sha, sha1, md5, size = hashlib.sha256(), _plain("sha1"), _plain("md5"), 0
    with path.open("rb") as file:
        while chunk := file.read(_BUFFER):
            size += len(chunk)
            for digest in (sha, sha1, md5):
                digest.update(chunk)
    return Digests(sha.hexdigest(), sha1.hexdigest(), md5.hexdigest(), size)


def sha_from_disk(path: Path) -> tuple[str, int]:
    """SHA-256 and length of what the disk itself holds now, not of what memory remembers of it.

    Reads with O_DIRECT; where a file system has none, as well as `read_from_disk` can.
    Raises OSError.
    """
    if hasattr(os, "O_DIRECT"):
        try:
            return _read(os.open(path, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC))
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    found = read_from_disk(path)
    return found.sha, found.size


def _read(descriptor: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    length = min(_BUFFER, -(-max(1, os.fstat(descriptor).st_size) // mmap.PAGESIZE) * mmap.PAGESIZE)
    try:
        with mmap.mmap(-1, length) as buffer:  # aligned to a page, as O_DIRECT asks
            while count := os.readv(descriptor, [buffer]):
                with memoryview(buffer) as whole, whole[:count] as part:
                    digest.update(part)
                size += count
    finally:
        os.close(descriptor)
    return digest.hexdigest(), size
