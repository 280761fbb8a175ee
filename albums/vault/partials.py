"""Files that arrive piece by piece, under the id of their upload, until they are whole.

They lie in a folder of their own on the library's disk: what recovery sweeps from `incoming/` was
never promised, but of these every byte below the upload's offset was.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from pathlib import Path

from albums.errors import NotFound
from albums.vault.durable import fsync_folder, room_on_disk
from albums.vault.originals import HEAD, Originals, Staged


class Partials:
    """The folder of unfinished uploads."""

    def __init__(self, folder: Path, originals: Originals) -> None:
        self.folder = folder
        self._originals = originals
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, upload: str) -> Path:
        return self.folder / upload

    def create(self, upload: str) -> None:
        """An empty file. It need not outlive a power cut before its first byte is promised."""
        with room_on_disk("this upload"):
            self.path(upload).open("xb").close()

    def open(self, upload: str, offset: int) -> Partial:
        """To go on at `offset`. Raises NotFound where the disk lost what was promised."""
        try:
            return Partial(self.path(upload), offset)
        except FileNotFoundError as error:
            raise NotFound("The bytes of this upload are gone", hint="Send it anew") from error

    def hash(self, upload: str) -> str:
        """SHA-256 of the file as it lies there, hex."""
        with self.path(upload).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def stage(self, upload: str, sha: str, size: int) -> Staged:
        """For the one door: whole, synced, and hashed as `sha`. The file here stays as well.

        It becomes a second name of the same bytes, or a copy where the disk knows no such names.
        """
        path = self._originals.incoming / f"{uuid.uuid4().hex}.part"
        try:
            os.link(self.path(upload), path)
        except OSError:
            with self.path(upload).open("rb") as file:
                return self._originals.stage(file)
        with path.open("rb") as file:
            return Staged(path, sha, size, file.read(HEAD))

    def discard(self, upload: str) -> None:
        self.path(upload).unlink(missing_ok=True)

    def uploads(self) -> set[str]:
        """The ids of all that lie here."""
        return {path.name for path in self.folder.iterdir()}

    def room(self) -> int:
        """Bytes that are free on the disk."""
        return shutil.disk_usage(self.folder).free


class Partial:
    """One open file; bytes go to explicit places, so that a repeated piece lies where it belongs.

    Raises DiskFull. Not for several threads at once.
    """

    def __init__(self, path: Path, offset: int) -> None:
        self._folder = path.parent
        self._file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        self._entered = False
        if os.fstat(self._file).st_size < offset:
            os.close(self._file)
            raise NotFound(
                "The bytes of this upload are gone",
                why="The disk holds less than was promised",
                hint="Send it anew",
            )

    def write(self, at: int, block: bytes | bytearray) -> None:
        """All of `block`, from the byte `at` on."""
        left = memoryview(block)
        with room_on_disk("this upload"):
            while left:
                written = os.pwrite(self._file, left, at)
                at, left = at + written, left[written:]

    def sync(self) -> None:
        """What was written survives a power cut when this returns."""
        with room_on_disk("this upload"):
            os.fdatasync(self._file)
            if not self._entered:
                fsync_folder(self._folder)
                self._entered = True

    def end(self, length: int) -> None:
        """Cut off what a refused piece may have left beyond `length`, and sync."""
        os.ftruncate(self._file, length)
        self.sync()

    def close(self) -> None:
        os.close(self._file)
