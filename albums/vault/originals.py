"""Originals by SHA-256. Once kept, a file is never changed, moved or overwritten.

An original travels `incoming/<random>.part` -> `originals/<first two hex>/<sha256><extension>`.
Only whole, fsynced files ever stand under their final name.
"""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from albums.errors import NotFound, TooLarge
from albums.vault.aside import set_aside
from albums.vault.digests import Digesting
from albums.vault.durable import fsync_folder, make_folder, room_on_disk
from albums.vault.rereading import read_from_disk

_CHUNK = 1 << 20
HEAD = 64 * 1024  # enough for every format's magic bytes
_READ_ONLY = 0o444


@dataclass(frozen=True)
class Staged:
    """Bytes that arrived whole and are fsynced, but have no final name yet."""

    path: Path
    sha: str  # SHA-256, hex
    size: int  # bytes
    head: bytes  # the first HEAD bytes
    sha1: str | None = None  # None: `albums verify` makes it
    md5: str | None = None


class Originals:
    """The folder of originals."""

    def __init__(self, root: Path, incoming: Path) -> None:
        self.root = root
        self.incoming = incoming
        root.mkdir(parents=True, exist_ok=True)
        incoming.mkdir(parents=True, exist_ok=True)
        self._hashing = ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="hash")

    def path(self, sha: str, extension: str) -> Path:
        return self.root / sha[:2] / f"{sha}{extension}"

    def stage(self, stream: BinaryIO, limit: int | None = None) -> Staged:
        """Read `stream` once to its end into a synced file, hashing on the way.

        Raises DiskFull or, past `limit` bytes, TooLarge; either way nothing is left behind.
        """
        path = self.incoming / f"{uuid.uuid4().hex}.part"
        try:
            with room_on_disk("this file"):
                return _copy(stream, path, limit, Digesting(self._hashing))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def keep(self, staged: Staged, extension: str) -> Path:
        """Give staged bytes their final name and fsync the folder. Keeping twice is harmless."""
        final = self.path(staged.sha, extension)
        with room_on_disk("this file"):
            make_folder(final.parent)
            if not self._stands(final, staged):
                staged.path.chmod(_READ_ONLY)
                staged.path.replace(final)
                fsync_folder(final.parent)
        staged.path.unlink(missing_ok=True)
        return final

    def rename(self, sha: str, before: str, extension: str) -> None:
        """Let what is kept under one extension be kept under another."""
        with room_on_disk("this file"):
            self.path(sha, before).replace(self.path(sha, extension))
            fsync_folder(self.root / sha[:2])

    def discard(self, staged: Staged) -> None:
        staged.path.unlink(missing_ok=True)

    @staticmethod
    def _stands(final: Path, staged: Staged) -> bool:
        """Does it stand there whole? If it is damaged, the bytes in hand heal it."""
        try:
            return final.stat().st_size == staged.size and read_from_disk(final).sha == staged.sha
        except OSError:
            return False

    def open(self, sha: str, extension: str) -> BufferedReader:
        """The original's bytes. Raises NotFound when the file is gone from disk."""
        try:
            return self.path(sha, extension).open("rb")
        except FileNotFoundError as error:
            raise NotFound(
                f"The original {sha} is missing from the disk",
                hint="Restore it from a backup, or send the file again: it will be put back",
            ) from error

    def reread(self, sha: str, extension: str) -> bool:
        """Read the original from the disk itself, past memory: does it still have its hash?

        Raises NotFound when the file is gone.
        """
        self.open(sha, extension).close()
        return read_from_disk(self.path(sha, extension)).sha == sha

    def set_aside(self, sha: str, extension: str, why: str = "other bytes than were kept") -> None:
        """Take the final name from a damaged file, so that whole bytes can have it again."""
        set_aside(self.root.parent, self.path(sha, extension), why)


def _copy(stream: BinaryIO, path: Path, limit: int | None, digesting: Digesting) -> Staged:
    size, head = 0, b""
    with path.open("xb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if limit is not None and size > limit:
                raise TooLarge(
                    f"The file is larger than {limit} bytes",
                    hint="Raise upload_limit_gb in albums.toml",
                )
            digesting.update(chunk)
            file.write(chunk)
            if len(head) < HEAD:
                head += chunk[: HEAD - len(head)]
        file.flush()
        os.fsync(file.fileno())
    digests = digesting.finish()
    return Staged(path, digests.sha, size, head, digests.sha1, digests.md5)
