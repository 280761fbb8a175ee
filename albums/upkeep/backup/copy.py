"""Copying so that it can be relied on: hashed on the way, fsynced, and read again from the disk."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from albums.errors import AlbumsError
from albums.upkeep.backup.manifest import BackupDamaged
from albums.vault.rereading import read_from_disk

_CHUNK = 1 << 20


class SourceUnreadable(AlbumsError):
    """The file that is to be copied is missing, cannot be read, or is not what it should be."""


def copy_whole(
    source: Path, final: Path, sha: str, step: Callable[[int], None] = lambda count: None
) -> int:
    """Copy a file whose SHA-256 is to be `sha` to `final`, replacing it. Returns its bytes.

    The folder of `final` is not fsynced. Raises SourceUnreadable, with nothing left behind;
    BackupDamaged when the disk does not give back what was written; OSError from writing.
    """

    def expect(size: int, found: str) -> None:
        if found != sha:
            raise SourceUnreadable(f"{source} was changed: it does not have its hash any more")

    return _put(final, _read(source, step), expect)[0]


def copy_log(source: Path, final: Path, size: int) -> str:
    """As `copy_whole`, the first `size` bytes of a file that only grows. Returns their SHA-256."""

    def expect(found: int, sha: str) -> None:
        if found != size:
            raise SourceUnreadable(f"{source} became shorter while it was copied")

    return _put(final, _read(source, limit=size), expect)[1]


def write_whole(content: bytes, final: Path) -> str:
    """As `copy_whole`, with bytes in hand. Returns their SHA-256."""
    return _put(final, iter([content]))[1]


def _put(
    final: Path,
    chunks: Iterator[bytes],
    expect: Callable[[int, str], None] = lambda size, sha: None,
) -> tuple[int, str]:
    """Returns bytes and SHA-256; `expect` may raise for them."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".{uuid.uuid4().hex}.part")
    size, digest = 0, hashlib.sha256()
    try:
        with temporary.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        sha = digest.hexdigest()
        expect(size, sha)
        _read_again(temporary, sha, final)
        temporary.replace(final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return size, sha


def _read_again(path: Path, sha: str, final: Path) -> None:
    if read_from_disk(path).sha != sha:
        raise BackupDamaged(
            f"The disk does not give back what was written to {final}",
            hint="Do not trust this disk; use another one",
        )


def _read(
    source: Path, step: Callable[[int], None] = lambda count: None, limit: int | None = None
) -> Iterator[bytes]:
    """At most `limit` bytes of it."""
    try:
        file = source.open("rb")
    except FileNotFoundError as error:
        raise SourceUnreadable(f"{source} is missing") from error
    except OSError as error:
        raise SourceUnreadable(f"{source} cannot be read", why=error.strerror or "") from error
    left = float("inf") if limit is None else limit
    with file:
        while left and (chunk := _chunk(file.read, source, int(min(_CHUNK, left)))):
            left -= len(chunk)
            step(len(chunk))
            yield chunk


def _chunk(read: Callable[[int], bytes], source: Path, size: int) -> bytes:
    try:
        return read(size)
    except OSError as error:  # a bad sector
        raise SourceUnreadable(f"{source} cannot be read", why=error.strerror or "") from error
