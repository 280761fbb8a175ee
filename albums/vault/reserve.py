"""Some room on the disk that is given back while something is deleted: deleting frees space, but
writes it down first, which a disk with nothing left would refuse."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FILE = "reserve"
_BYTES = 32 << 20
_PART = 20  # at most this part of the disk: a small one is not filled with it


class Reserve:
    """A file that holds nothing."""

    def __init__(self, library: Path) -> None:
        self._path = library / FILE
        self._lock = threading.RLock()
        self._make()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Where the disk is nearly full, its room is free until the end, and then taken again."""
        with self._lock:
            scarce = shutil.disk_usage(self._path.parent).free < 2 * _BYTES
            if scarce:
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)
            try:
                yield
            finally:
                if scarce:
                    self._make()

    def _make(self) -> None:
        """As far as there is room; what could not be had now is asked for the next time."""
        wanted = min(_BYTES, shutil.disk_usage(self._path.parent).total // _PART)
        with suppress(OSError), self._path.open("ab") as file:
            while wanted > file.tell():
                try:
                    os.posix_fallocate(file.fileno(), 0, wanted)
                    return
                except OSError:
                    wanted //= 2
