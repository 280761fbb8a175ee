"""A new database file takes the place of the old one, which stays beside it.

SQLite keeps what was written last in a second file (`-wal`) that it would read into any database of
the same name: it is gone before the names change.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

_BESIDE = ("-wal", "-shm", "-journal")


def remove_database(path: Path) -> None:
    """The file and what SQLite puts beside it."""
    for suffix in ("", *_BESIDE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def exchange(new: Path, old: Path) -> Path | None:
    """Give the database `new`, which nobody has open, the name of `old`, at once.

    Cut off anywhere, `old` is the old one or the new one, whole. Returns where the old one is now,
    None where there was none.
    """
    _close_wal(new)
    _sync(new)
    aside = _set_aside(old) if old.exists() else None
    new.replace(old)
    _sync(old.parent)
    return aside


def _set_aside(old: Path) -> Path:
    """A second name for it: until the new one has the first name, it has both."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    aside = old.with_name(f"{old.name}.before-rebuild-{stamp}")
    with suppress(sqlite3.DatabaseError):  # it may be what the new one is made for
        _close_wal(old)
    try:
        aside.hardlink_to(old)
    except OSError:  # not every disk knows a second name
        shutil.copyfile(old, aside)
        _sync(aside)
    for suffix in _BESIDE:  # of a damaged one, which is read together with them
        left = old.with_name(old.name + suffix)
        if left.exists():
            left.replace(aside.with_name(aside.name + suffix))
    _sync(old.parent)
    return aside


def _close_wal(path: Path) -> None:
    """All that was written into the one file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        db.execute("pragma journal_mode = delete")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
