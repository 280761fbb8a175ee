"""Files that arrive piece by piece, under the id of their upload, until they are whole.

They lie in a folder of their own on the library's disk: what recovery sweeps from `incoming/` was
never promised, but of these every byte below the upload's offset was.
"""

from __future__ import annotations

import os
import shutil
import stat
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from albums.errors import NotFound
from albums.vault.digests import Digesting, Digests
from albums.vault.durable import fsync_folder, room_on_disk
from albums.vault.originals import HEAD, Originals, Staged

_CHUNK = 1 << 20
_WRITABLE = 0o600
_REMEMBERED = 1000  # uploads whose hash is known so far


class Partials:
    """The folder of unfinished uploads. One upload is written by one thread at a time."""

    def __init__(self, folder: Path, originals: Originals) -> None:
        self.folder = folder
        self._originals = originals
        self._hashing: dict[str, tuple[int, Digesting]] = {}  # how far, and what came so far
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="hash")
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, upload: str) -> Path:
        return self.folder / upload

    def holds(self, upload: str, offset: int) -> bool:
        """Is everything there that was promised?"""
        try:
            return self.path(upload).stat().st_size >= offset
        except FileNotFoundError:
            return offset == 0

    def open(self, upload: str, offset: int) -> Partial:
        """To go on at `offset`. Raises NotFound where the disk lost what was promised."""
        if not self.holds(upload, offset):
            raise NotFound(
                "The bytes of this upload are gone",
                why="The disk holds less than was promised",
                hint="Send it anew",
            )
        with room_on_disk("this upload"):
            self._let_go_of_originals(self.path(upload))
            return Partial(self.path(upload), offset, self._recall(upload, offset))

    def put_back(self, upload: str, partial: Partial, offset: int) -> None:
        """Close it. What was hashed up to `offset` need not be read again to go on from there."""
        partial.close()
        if partial.digesting and partial.at == offset:
            with self._lock:
                self._hashing[upload] = offset, partial.digesting
                while len(self._hashing) > _REMEMBERED:
                    del self._hashing[next(iter(self._hashing))]

    def stage(self, upload: str, length: int) -> Staged:
        """For the one door: whole, synced and hashed. The file here stays as well.

        It becomes a second name of the same bytes, or a copy where the disk knows no such names.
        Raises DiskFull, and NotFound when it is gone.
        """
        if not length:
            self.path(upload).touch()
        digests = self._digests(upload, length)
        path = self._originals.incoming / f"{uuid.uuid4().hex}.part"
        try:
            os.link(self.path(upload), path)
        except OSError:
            with self.path(upload).open("rb") as file:
                return self._originals.stage(file)
        with path.open("rb") as file:
            head = file.read(HEAD)
        return Staged(path, digests.sha, digests.size, head, digests.sha1, digests.md5)

    def sync_names(self) -> None:
        """The files here survive a power cut under their names, with what was synced of them."""
        fsync_folder(self.folder)

    def discard(self, upload: str) -> None:
        with self._lock:
            self._hashing.pop(upload, None)
        self.path(upload).unlink(missing_ok=True)

    def uploads(self) -> set[str]:
        """The ids of all that lie here."""
        return {path.name for path in self.folder.iterdir()}

    def room(self) -> tuple[int, int]:
        """Bytes that are free on the disk, and that it has at all."""
        usage = shutil.disk_usage(self.folder)
        return usage.free, usage.total

    def _let_go_of_originals(self, path: Path) -> None:
        """Cut off after `stage`, these bytes may be an original by now, and are not to be written
        to any more: go on with a copy."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return
        if found.st_nlink > 1:
            copy = self._originals.incoming / f"{uuid.uuid4().hex}.part"
            shutil.copyfile(path, copy)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            copy.replace(path)
            self.sync_names()
        elif not found.st_mode & stat.S_IWUSR:
            path.chmod(_WRITABLE)

    def _recall(self, upload: str, offset: int) -> Digesting | None:
        with self._lock:
            known = self._hashing.pop(upload, None)
        if known and known[0] == offset:
            return known[1]
        return Digesting(self._threads) if offset == 0 else None

    def _digests(self, upload: str, length: int) -> Digests:
        with self._lock:
            known = self._hashing.get(upload)
        if known and known[0] == length:
            return known[1].finish()
        digesting = Digesting(self._threads)
        try:
            with self.path(upload).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digesting.update(chunk)
        except FileNotFoundError as error:
            raise NotFound("The bytes of this upload are gone", hint="Send it anew") from error
        return digesting.finish()


class Partial:
    """One open file; bytes go to explicit places, so that a repeated piece lies where it belongs.

    Raises DiskFull. Not for several threads at once.
    """

    def __init__(self, path: Path, at: int, digesting: Digesting | None) -> None:
        self.at = at  # where the next byte goes
        self.digesting = digesting  # None: not all that lies before came by here
        self._folder = path.parent
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, _WRITABLE)
        self._entered = at > 0

    def write(self, block: bytes) -> None:
        """Append all of `block`, and hash it."""
        left = memoryview(block)
        with room_on_disk("this upload"):
            while left:
                written = os.pwrite(self._file, left, self.at)
                self.at, left = self.at + written, left[written:]
        if self.digesting:
            self.digesting.update(block)

    def sync(self, *, entered: bool = True) -> None:
        """What was written survives a power cut when this returns; with `entered` its name, too."""
        with room_on_disk("this upload"):
            os.fdatasync(self._file)
            if entered and not self._entered:
                fsync_folder(self._folder)
                self._entered = True

    def cut(self) -> None:
        """Drop what a refused piece may have left beyond the last byte."""
        os.ftruncate(self._file, self.at)

    def close(self) -> None:
        os.close(self._file)
