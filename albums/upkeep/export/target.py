"""The folder that an export writes to. Whole files get their name at once; none is overwritten."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from albums.errors import AlbumsError, BadInput, DiskFull
from albums.vault.durable import fsync_folder
from albums.vault.rereading import read_from_disk

_CHUNK = 1 << 20
_TEMPORARY = ".albums-export"
_SAME_MOMENT = 2.0  # seconds; FAT counts in twos
_NOT_ALLOWED = {errno.EROFS, errno.EACCES, errno.EPERM}
_NOT_THIS_FILE = {errno.EFBIG, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ}


class NotExported(AlbumsError):
    """One file cannot be exported; the sentence says why. The others can."""


@dataclass(frozen=True)
class _Staged:
    """A whole file that has no name yet. `over`: it replaces one of ours."""

    part: Path
    path: str
    over: bool


class Target:
    """An open folder to export to.

    Files are staged under temporary names. `finish` brings a batch of them to the disk at once,
    which takes as long as it does for one file, and only then gives them their names.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.temporary = root / _TEMPORARY
        self._staged: list[_Staged] = []
        with writing(root):
            self.temporary.mkdir(exist_ok=True)
            for left in self.temporary.glob("*.part"):  # of a run that was cut off
                left.unlink()

    def close(self) -> None:
        shutil.rmtree(self.temporary, ignore_errors=True)

    def __truediv__(self, path: str) -> Path:
        return self.root / path

    def expect_room(self, needed: int) -> None:
        """Raises DiskFull when `needed` bytes are surely more than fit."""
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise DiskFull(
                f"There is no room in {self.root}",
                why=f"{needed:,} bytes are to be written, {free:,} are free",
                hint="Free some space there or name another disk",
            )

    def holds(self, path: str, sha: str, size: int, seconds: int) -> bool:
        """Whether the file is there and equal; what its size and time already say is not read."""
        final = self / path
        try:
            found = final.lstat()
            if final.is_symlink() or found.st_size != size:
                return False
            if abs(found.st_mtime - seconds) <= _SAME_MOMENT:
                return True  # the check reads all of it anyway
            return read_from_disk(final).sha == sha
        except OSError:
            return False

    def date(self, path: str, seconds: int) -> None:
        """Give a file of ours its time, where it has another since its date was changed."""
        if abs((self / path).stat().st_mtime - seconds) > _SAME_MOMENT:
            _set_time(self / path, seconds)

    def put(self, path: str, source: Path, sha: str, seconds: int) -> int:
        """Copy an original; it gets the time at which it was captured. Returns its bytes.

        Raises NotExported; DiskFull and AlbumsError when nothing more can be written.
        """
        with self._new(path, seconds) as file:
            digest, size = hashlib.sha256(), 0
            for chunk in _chunks(source):
                digest.update(chunk)
                size += file(chunk)
            if digest.hexdigest() != sha:
                raise NotExported(
                    "Its original is damaged: it does not have its hash. See: albums verify"
                )
        return size

    def write(self, path: str, content: bytes, *, over: bool = False) -> str:
        """Write a small file and return its SHA-256. `over`: what is there is ours."""
        with self._new(path, None, over=over) as file:
            file(content)
        return hashlib.sha256(content).hexdigest()

    def finish(self) -> list[str]:
        """What was staged is on the disk and has its name; returns the paths where meanwhile a
        file of another program came to lie, which stays."""
        staged, self._staged = self._staged, []
        refused: list[str] = []
        if not staged:
            return refused
        with writing(self.root):
            _sync_disk(self.temporary)
            for file in staged:
                if not file.over and os.path.lexists(self / file.path):
                    refused.append(file.path)
                else:
                    file.part.replace(self / file.path)
            for folder in {(self / file.path).parent for file in staged}:
                fsync_folder(folder)
        return refused

    def move(self, old: str, new: str) -> None:
        with writing(self / new):
            self.make_folder((self / new).parent)
            if os.path.lexists(self / new):
                raise NotExported("A file of another program came to lie under this name")
            (self / old).rename(self / new)
            fsync_folder((self / new).parent)

    def make_folder(self, folder: Path) -> None:
        """With those above it, up to the one that is exported to."""
        if folder == self.root or folder.is_dir():
            return
        self.make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _let_read(folder, 0o755)

    @contextmanager
    def _new(
        self, path: str, seconds: int | None, *, over: bool = False
    ) -> Iterator[Callable[[bytes], int]]:
        """What writes bytes; at the end of the block the file is staged, or there is none."""
        part = self.temporary / f"{uuid.uuid4().hex}.part"
        try:
            with writing(self / path):
                self.make_folder((self / path).parent)
                with part.open("xb") as file:
                    _let_read(part, 0o644)
                    yield file.write
                if seconds is not None:
                    _set_time(part, seconds)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._staged.append(_Staged(part, path, over))


def open_target(path: Path, library: Path) -> Target:
    """Make the folder if it is not there. Raises BadInput where nothing may be exported to."""
    if "\0" in str(path):
        raise BadInput("A folder's name cannot hold a zero byte")
    with writing(path):
        root = path.resolve()
        _refuse_unfit(root, library.resolve())
        root.mkdir(exist_ok=True)
        return Target(root)


def _refuse_unfit(root: Path, library: Path) -> None:
    if root.is_relative_to(library):
        raise BadInput(
            f"{root} lies in the library itself",
            hint="Name a folder elsewhere, best on another disk",
        )
    if root.exists() and not root.is_dir():
        raise BadInput(f"{root} is a file", hint="Name a folder")
    # What lies at the very top is made by whoever mounts disks, not by a slip of the pen.
    if not root.exists() and (root.parent == Path(root.anchor) or not root.parent.is_dir()):
        raise BadInput(
            f"There is no folder {root}", hint="Is the disk mounted? If so, make the folder"
        )
    if root == Path(root.anchor):
        raise BadInput("The root of the whole system is no place for photos", hint="Name a folder")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say plainly why the system does not write."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"There is no room to write {path}",
                hint="Free some space there and run the export again: it goes on from here",
            ) from error
        if error.errno in _NOT_THIS_FILE:
            raise NotExported(f"The disk does not take it: {error.strerror}") from error
        hint = "What was exported is kept; a second run goes on from here"
        if error.errno in _NOT_ALLOWED:
            hint = "The box may have to be given this folder first: see systemd/README.md"
        raise AlbumsError(
            f"{path} cannot be written", why=error.strerror or str(error), hint=hint
        ) from error


def _chunks(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except FileNotFoundError as error:
        raise NotExported("Its original is missing. See: albums verify") from error
    except OSError as error:
        raise NotExported(f"Its original cannot be read: {error.strerror}") from error


def _sync_disk(folder: Path) -> None:
    """Bring down what was written to this disk. The check finds what did not get there."""
    system = ctypes.CDLL(None, use_errno=True)
    if not hasattr(system, "syncfs"):
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if system.syncfs(descriptor):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)


def _let_read(path: Path, mode: int) -> None:
    """The box may run as a user of its own whose files nobody else reads; what leaves is for the
    person. Who may enter the folder that is exported to is theirs to say."""
    with suppress(PermissionError):  # FAT has no such thing
        path.chmod(mode)


def _set_time(path: Path, seconds: int) -> None:
    try:
        os.utime(path, (seconds, seconds))
    except (OSError, OverflowError):
        return  # before 1901 or after 2446 for some disks; the sidecar says it
