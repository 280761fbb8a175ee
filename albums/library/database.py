"""The one SQLite file: opened here, written by one writer at a time, read by many.

`with library.write() as db:` begins at once and rolls back on any exception. Commits of what a
person or a source handed over are fsynced; commits of what can be made again need not be.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from albums.errors import DiskFull, LibraryUnusable
from albums.library.migrations import apply_migrations, unknown_migrations

_BUSY_MS = 10_000
_PRAGMAS = f"""
    pragma busy_timeout = {_BUSY_MS};
    pragma foreign_keys = on;
    pragma temp_store = memory;
    pragma mmap_size = 1073741824;
    pragma cache_size = -32768;
"""

# Counts rows anew for the query planner where tables grew much; the limit makes that quick.
_OPTIMIZE = "pragma analysis_limit = 10000; pragma optimize"


class Library:
    """What we know. `after_commit` callables run after each durable commit, before the writer is
    freed: what only they keep is acknowledged by no other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.after_commit: list[Callable[[], None]] = []
        self.commits = 0  # while it stays the same, nothing was written
        self._lock = threading.RLock()
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        # Whoever closes the library leaves no log of writes behind: there was a kill, or worse.
        self.was_cut_off = _size(path.with_name(f"{path.name}-wal")) > 0
        with _said_plainly(path):
            self._writer = _connect(path)
            _refuse_newer(self._writer, path)
            self._writer.execute("pragma journal_mode = wal")
            apply_migrations(self._writer, path)

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction. With `durable` it is fsynced when this returns.

        Raises DiskFull, or LibraryUnusable when another program holds the file or it is damaged.
        """
        with self._lock, _said_plainly(self.path):
            self._writer.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
            self._writer.execute("begin immediate")
            try:
                yield self._writer
                self._writer.commit()
                self.commits += 1
            except BaseException:
                self._writer.rollback()
                raise
            if durable:
                for follow_up in self.after_commit:
                    follow_up()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that can only read, from a pool; rows are sqlite3.Row."""
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            with _said_plainly(self.path):
                connection = _connect(self.path)
                connection.execute("pragma query_only = on")
        try:
            with _said_plainly(self.path):
                yield connection
        finally:
            self._readers.put(connection)

    def close(self) -> None:
        with self._lock:
            while not self._readers.empty():
                self._readers.get_nowait().close()
            with suppress(sqlite3.Error):  # what helps the next queries is not worth an error
                self._writer.executescript(_OPTIMIZE)
            self._writer.close()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(_PRAGMAS)
    return connection


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    unknown = unknown_migrations(Database(connection))
    if unknown:
        raise LibraryUnusable(
            f"{path} was written by a newer Albums than this one",
            why=f"It knows changes that this program does not: {', '.join(unknown)}",
            hint="Update this program; nothing was changed. To go back to an older one, put back "
            f"the copy that was made before the upgrade: {path.name}.<when>.backup",
            newer=True,
        )


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise _in_plain_words(error, path) from error


def _in_plain_words(error: sqlite3.DatabaseError, path: Path) -> Exception:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return DiskFull("There is no room to write to the library", why=str(error))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LibraryUnusable(
            f"{path} is locked",
            why="Another program has been writing to it for too long",
            hint="Close it and try again",
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return LibraryUnusable(
            f"{path} is damaged",
            why=str(error),
            hint="The originals and their sidecars are not affected. Make it anew from them: "
            "albums rebuild",
        )
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_PERM")):
        return LibraryUnusable(f"{path} cannot be opened or written", why=str(error))
    return error
