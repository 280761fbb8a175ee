"""Originals by SHA-256. Once kept, a file is never changed, moved or overwritten.

An original travels `incoming/<random>.part` -> `originals/<first two hex>/<sha256><extension>`.
Only whole, synced files ever stand under their final name.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from albums.errors import NotFound, TooLarge
from albums.vault.aside import set_aside
from albums.vault.digests import Digesting
from albums.vault.durable import fsync_folder, room_on_disk, sync_all
from albums.vault.rereading import read_from_disk

_CHUNK = 1 << 20
HEAD = 64 * 1024  # enough for every format's magic bytes
_READ_ONLY = 0o444


@dataclass(frozen=True)
class Staged:
    """Bytes that arrived whole, but have no final name yet."""

    path: Path
    sha: str  # SHA-256, hex
    size: int  # bytes
    head: bytes  # the first HEAD bytes
    sha1: str | None = None  # None: `albums verify` makes it
    md5: str | None = None
    synced: bool = True  # False: `sync_all` must come before `keep_all`


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

    def stage(self, stream: BinaryIO, limit: int | None = None, *, synced: bool = True) -> Staged:
        """Read `stream` once to its end into a file, hashing on the way.

        Not `synced`: for many files, staged by several threads and then synced at once.
        Raises DiskFull or, past `limit` bytes, TooLarge; either way nothing is left behind.
        """
        path = self.incoming / f"{uuid.uuid4().hex}.part"
        try:
            with room_on_disk("this file"):
                return _copy(stream, path, limit, Digesting(self._hashing), synced=synced)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def keep(self, staged: Staged, extension: str) -> Path:
        """As `keep_all`, for one; returns its path."""
        self.keep_all([(staged, extension)])
        return self.path(staged.sha, extension)

    def keep_all(self, batch: Sequence[tuple[Staged, str]]) -> None:
        """Give staged bytes their final names (each with its extension), which survive a power cut
        when this returns. Keeping twice is harmless. Raises DiskFull."""
        changed = set[Path]()
        with room_on_disk("this file"):
            for staged, extension in batch:
                final = self.path(staged.sha, extension)
                if not self._stands(final, staged):
                    changed |= self._rename(staged.path, final)
                else:
                    staged.path.unlink(missing_ok=True)
            sync_all(changed)

    def _rename(self, part: Path, final: Path) -> set[Path]:
        """Returns which folders changed."""
        changed = {final.parent}
        part.chmod(_READ_ONLY)
        try:
            part.replace(final)
        except FileNotFoundError:
            final.parent.mkdir(exist_ok=True)
            part.replace(final)
            changed.add(self.root)
        return changed

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
            raise _gone(sha) from error

    def reread(self, sha: str, extension: str) -> bool:
        """Read the original from the disk itself, past memory: does it still have its hash?

        May run in several threads at once. Raises NotFound when the file is gone.
        """
        try:
            return read_from_disk(self.path(sha, extension)).sha == sha
        except FileNotFoundError as error:
            raise _gone(sha) from error

    def set_aside(self, sha: str, extension: str, why: str = "other bytes than were kept") -> None:
        """Take the final name from a damaged file, so that whole bytes can have it again."""
        set_aside(self.root.parent, self.path(sha, extension), why)


def _gone(sha: str) -> NotFound:
    return NotFound(
        f"The original {sha} is missing from the disk",
        hint="Restore it from a backup, or send the file again: it will be put back",
    )


def _copy(
    stream: BinaryIO, path: Path, limit: int | None, digesting: Digesting, *, synced: bool
) -> Staged:
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
        if synced:
            file.flush()
            os.fsync(file.fileno())
    digests = digesting.finish()
    return Staged(path, digests.sha, size, head, digests.sha1, digests.md5, synced)
