"""Writing so that it stays written: fsync the file, rename it, fsync the folder."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from albums.errors import DiskFull, LibraryUnusable
from albums.vault.whole_disk import sync_file_system

_TEMPORARY = ".new"
_MANY = 8  # files; syncing so many each by itself takes longer than syncing the disk
_FULL = {errno.ENOSPC, errno.EDQUOT}
# The disk is worn out, was pulled, turned read-only, or belongs to somebody else now.
_UNUSABLE = {
    errno.EACCES, errno.EIO, errno.ENODEV, errno.ENXIO, errno.EPERM, errno.EROFS, errno.ESTALE,
}  # fmt: skip


@contextmanager
def room_on_disk(what: str) -> Iterator[None]:
    """Say DiskFull or LibraryUnusable where the system says so."""
    try:
        yield
    except OSError as error:
        raise disk_trouble(error, what) or error from error


def disk_trouble(error: OSError, what: str) -> DiskFull | LibraryUnusable | None:
    """In plain words, where it is the disk's fault and not ours."""
    if error.errno in _FULL:
        return DiskFull(
            f"There is no room to keep {what}",
            why=str(error),
            hint="Free some space on the library's disk and send it again",
        )
    if error.errno in _UNUSABLE:
        return LibraryUnusable(
            f"The library's disk does not keep {what}",
            why=str(error),
            hint="Look after the disk and who may write to it; nothing that was acknowledged is "
            "lost by this",
        )
    return None


def sync_all(paths: Collection[Path]) -> None:
    """Make files (what they hold) and folders (the names in them) survive a power cut. All of them
    on one file system, which is synced as a whole where they are many. Raises OSError."""
    if len(paths) >= _MANY and sync_file_system(next(iter(paths)).parent):
        return
    for path in paths:
        _fsync(path)


def fsync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut."""
    _fsync(folder)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make one folder, if it is missing; it survives a power cut."""
    with suppress(FileExistsError):
        folder.mkdir()
        fsync_folder(folder.parent)


def write_synced(path: Path, content: bytes) -> None:
    """Write and fsync a new file; nothing stays behind when the disk is full."""
    write_new(path, content, synced=True)


def write_new(path: Path, content: bytes, *, synced: bool = False) -> None:
    """The same; without `synced`, `sync_all` must follow."""
    try:
        with room_on_disk(path.name), path.open("xb") as file:
            file.write(content)
            if synced:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def replace_synced(path: Path, content: bytes) -> None:
    """Replace `path` by `content` at once: a reader sees the old file or the new one, whole."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_TEMPORARY}")
    write_synced(temporary, content)
    temporary.replace(path)
    fsync_folder(path.parent)


def sweep_replaced(folder: Path) -> None:
    """Remove what `replace_synced` left in this folder when it was cut off."""
    for temporary in folder.glob(f".*{_TEMPORARY}"):
        temporary.unlink(missing_ok=True)
