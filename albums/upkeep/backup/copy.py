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
    return _put(final, sha, _read(source, sha, step))


def write_whole(content: bytes, final: Path) -> str:
    """As `copy_whole`, with bytes in hand. Returns their SHA-256."""
    sha = hashlib.sha256(content).hexdigest()
    _put(final, sha, iter([content]))
    return sha


def _put(final: Path, sha: str, chunks: Iterator[bytes]) -> int:
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".{uuid.uuid4().hex}.part")
    size = 0
    try:
        with temporary.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        _read_again(temporary, sha, final)
        temporary.replace(final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return size


def _read_again(path: Path, sha: str, final: Path) -> None:
    if read_from_disk(path).sha != sha:
        raise BackupDamaged(
            f"The disk does not give back what was written to {final}",
            hint="Do not trust this disk; use another one",
        )


def _read(source: Path, sha: str, step: Callable[[int], None]) -> Iterator[bytes]:
    digest = hashlib.sha256()
    try:
        file = source.open("rb")
    except FileNotFoundError as error:
        raise SourceUnreadable(f"{source} is missing") from error
    except OSError as error:
        raise SourceUnreadable(f"{source} cannot be read", why=error.strerror or "") from error
    with file:
        while chunk := _chunk(file.read, source):
            digest.update(chunk)
            step(len(chunk))
            yield chunk
    if digest.hexdigest() != sha:
        raise SourceUnreadable(f"{source} was changed: it does not have its hash any more")


def _chunk(read: Callable[[int], bytes], source: Path) -> bytes:
    try:
        return read(_CHUNK)
    except OSError as error:  # a bad sector
        raise SourceUnreadable(f"{source} cannot be read", why=error.strerror or "") from error
