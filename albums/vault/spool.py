"""Whole files that wait to be taken into the library, under names that mean nothing.

Only what was written to its end and synced stands under its own name; before that it is `.part`.
A note beside it says what it is, for when the database does not know it any more.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from albums.vault.digests import Digesting, Digests
from albums.vault.durable import fsync_folder, room_on_disk, write_synced
from albums.vault.originals import HEAD, Originals, Staged

_UNFINISHED, _NOTE = ".part", ".json"


class Spool:
    """One folder of them, on the disk of the originals."""

    def __init__(self, folder: Path, originals: Originals) -> None:
        self.folder = folder
        self._originals = originals
        self._threads = ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="hash")
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, spooled: str) -> Path:
        return self.folder / spooled

    def begin(self) -> Spooling:
        """A new file. Raises DiskFull."""
        return Spooling(self.folder, Digesting(self._threads))

    def stage(self, spooled: str, sha: str, size: int) -> Staged:
        """For the one door. The file here stays as well.

        It becomes a second name of the same bytes, or a copy where the disk knows no such names.
        """
        path = self._originals.incoming / f"{uuid.uuid4().hex}.part"
        try:
            os.link(self.path(spooled), path)
        except OSError:
            with self.path(spooled).open("rb") as file:
                return self._originals.stage(file)
        with path.open("rb") as file:
            return Staged(path, sha, size, file.read(HEAD))

    def note(self, spooled: str, content: Mapping[str, Any]) -> None:
        """What this file is. It stays written when this returns."""
        write_synced(self._note(spooled), json.dumps(content).encode())
        with room_on_disk("this file"):
            fsync_folder(self.folder)

    def noted(self, spooled: str) -> dict[str, Any] | None:
        """None where nothing was noted, or not to its end."""
        try:
            found = json.loads(self._note(spooled).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def discard(self, spooled: str) -> None:
        self.path(spooled).unlink(missing_ok=True)
        self._note(spooled).unlink(missing_ok=True)

    def all(self) -> set[str]:
        """The names of all whole files."""
        return {path.name for path in self.folder.iterdir() if not path.suffix}

    def sweep(self) -> None:
        """Drop what was not written to its end. Only before anything is written."""
        for path in self.folder.glob(f"*{_UNFINISHED}"):
            path.unlink()
        for path in self.folder.glob(f"*{_NOTE}"):
            if not path.with_suffix("").exists():
                path.unlink()

    def _note(self, spooled: str) -> Path:
        return self.folder / f"{spooled}{_NOTE}"

    def room(self) -> int:
        """Bytes that are free on the disk."""
        return shutil.disk_usage(self.folder).free


class Spooling:
    """A file that is being written; `finish` or `discard` must follow. One thread at a time."""

    def __init__(self, folder: Path, digesting: Digesting) -> None:
        self.name = uuid.uuid4().hex
        self.size = 0  # bytes so far
        self._final = folder / self.name
        self._path = folder / f"{self.name}{_UNFINISHED}"
        self._digesting = digesting
        with room_on_disk("this file"):
            self._file = self._path.open("xb", buffering=0)

    def write(self, block: bytes) -> None:
        """All of `block`. Raises DiskFull."""
        left = memoryview(block)
        with room_on_disk("this file"):
            while left:
                left = left[self._file.write(left) :]
        self._digesting.update(block)
        self.size += len(block)

    def digests(self) -> Digests:
        """Of what was written so far."""
        return self._digesting.finish()

    def finish(self) -> None:
        """When this returns, the file stands under its name, also after a power cut."""
        with room_on_disk("this file"):
            os.fsync(self._file.fileno())
            self._file.close()
            self._path.rename(self._final)
            fsync_folder(self._final.parent)

    def discard(self) -> None:
        """Drop what is not finished."""
        self._file.close()
        self._path.unlink(missing_ok=True)
