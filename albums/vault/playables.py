"""Films made playable, beside the pictures. They may be deleted at any time and are made again."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from albums.errors import DiskFull
from albums.vault.durable import fsync_folder, room_on_disk

_MAKING = ".making"
_SPARED = 1 << 30  # bytes that are left for what cannot be made again
_PART = 20  # of a small disk at most this part


class Playables:
    """In the folder of derived pictures."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._making = root / _MAKING

    def path(self, sha: str) -> Path:
        return self._root / sha[:2] / f"{sha}-playable.mp4"

    def sweep(self) -> None:
        """Drop what was cut off half-way. Only before anything is made."""
        shutil.rmtree(self._making, ignore_errors=True)

    def expect_room(self, size: int) -> None:
        """Raises DiskFull where `size` bytes more would take the room of what arrives."""
        disk = shutil.disk_usage(self._root)
        if disk.free - size < min(_SPARED, disk.total // _PART):
            raise DiskFull(
                "There is no room to keep a playable version of this film",
                why=f"it may need {size >> 20} MiB, and {disk.free >> 20} MiB are free",
                hint="Free some space on the library's disk; it is made by itself then",
            )

    @contextmanager
    def making(self, sha: str) -> Iterator[BinaryIO]:
        """A file to write the film into; where the block ends well, it stands under its name,
        whole, also after a power cut. Raises DiskFull or LibraryUnusable."""
        temporary = self._making / uuid.uuid4().hex
        with room_on_disk("a playable version of this film"):
            self._making.mkdir(exist_ok=True)
            try:
                with temporary.open("w+b") as file:
                    yield file
                    os.fsync(file.fileno())
                final = self.path(sha)
                final.parent.mkdir(exist_ok=True)
                temporary.replace(final)
                fsync_folder(final.parent)
            finally:
                temporary.unlink(missing_ok=True)

    def remove(self, sha: str) -> None:
        self.path(sha).unlink(missing_ok=True)
