"""The names that bytes go by elsewhere: SHA-1 and MD5 besides our own SHA-256, in one pass.

They are only for recognising a file; what a person may rely on is proven with SHA-256.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Executor, Future
from dataclasses import dataclass

_BEGINNING = 1 << 20  # bytes; handing over takes as long as hashing some of them


@dataclass(frozen=True)
class Digests:
    """Of one file, hex, and its length in bytes."""

    sha: str  # SHA-256
    sha1: str
    md5: str
    size: int


class Digesting:
    """Hashes a stream. SHA-1 and MD5 of all but its beginning are made beside, in `threads`: MD5 is
    slower than most disks, and hashlib lets other threads run meanwhile."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._sha, self._sha1, self._md5 = (
            hashlib.sha256(),
            plain_digest("sha1"),
            plain_digest("md5"),
        )
        self._size = 0
        self._beside: list[Future[None]] = []

    def update(self, chunk: bytes) -> None:
        self._wait()
        for digest in (self._sha1, self._md5):
            if self._size < _BEGINNING:
                digest.update(chunk)
            else:
                self._beside.append(self._threads.submit(digest.update, chunk))
        self._sha.update(chunk)
        self._size += len(chunk)

    def finish(self) -> Digests:
        self._wait()
        return Digests(
            self._sha.hexdigest(), self._sha1.hexdigest(), self._md5.hexdigest(), self._size
        )

    def _wait(self) -> None:
        while self._beside:
            self._beside.pop().result()


def plain_digest(name: str) -> hashlib._Hash:
    """SHA-1 or MD5, to recognise by, also where a system's rules forbid them for safety."""
    return hashlib.new(name, usedforsecurity=False)
