"""One process a library: who holds the lock is the box, and everybody else talks to it."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import BinaryIO

from albums.errors import LibraryUnusable

FILE = "albums.lock"
RESTORING = "restoring.json"  # stands in a library while a backup comes back into it


def hold(library: Path, hint: str = "If it just ended, try again in a moment") -> BinaryIO:
    """The lock of the library in this folder, until it is closed.

    Raises LibraryUnusable, with `hint`, when another process holds it.
    """
    lock = (library / FILE).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise LibraryUnusable(
            f"The library {library} is open in another process", hint=hint
        ) from error
    return lock


def expect_whole(library: Path) -> None:
    """Raises LibraryUnusable where a restore was cut off: what is there is not the library yet."""
    if (library / RESTORING).exists():
        raise LibraryUnusable(
            f"The library {library} is not whole: its restore from a backup was cut off",
            hint="Run the same command again, it goes on: albums restore-library",
        )
