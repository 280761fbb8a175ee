"""What a backup takes from an open library: all its files and its database as of one moment.

The person's edits and uploads wait only while files are listed, never while they are copied.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from albums.errors import AlbumsError, DiskFull, LibraryUnusable
from albums.library.database import Library
from albums.library.lines import whole_size
from albums.library.migrations import MIGRATIONS, unknown_migrations
from albums.upkeep.backup.manifest import kind_of
from albums.upkeep.rebuild.canonical import canonical
from albums.vault.reserve import FILE as RESERVE

DATABASE = "albums.db"
# Of a process that runs, of a browser, or only room; copies from before a migration are in the
# database.
_LEFT_OUT = ("albums.db", "albums.lock", "sessions.json", RESERVE)
_LOG = ".jsonl"
State = tuple[int, int, int]  # of a file: when it was written (ns), bytes, inode


@dataclass(frozen=True)
class Moment:
    """The library as it was. `sidecars`: content of those that were not `seen` as they are."""

    db: sqlite3.Connection  # in a read transaction
    files: dict[str, State]  # originals and sidecars, by path below the library
    sidecars: dict[str, bytes]
    wide: dict[str, bytes]
    logs: dict[str, int]  # bytes of their whole lines: they only grow, and may be copied later


@dataclass(frozen=True)
class Known:
    """What a copy of the database speaks of."""

    assets: dict[str, tuple[str, int]]  # SHA-256: extension, bytes
    deleted: set[str]
    canonical: str  # SHA-256 of the canonical export; empty for another program's database
    migration: str  # the last one


@contextmanager
def moment(library: Library, seen: Mapping[str, State]) -> Iterator[Moment]:
    """The library stands still for its writers until all is listed, then goes on."""
    folder = library.path.parent
    with closing(sqlite3.connect(library.path, isolation_level=None)) as db:
        with library.write(durable=False):
            db.execute("begin")
            db.execute("select 1 from assets limit 1").fetchone()  # from here on it is fixed
            files = list_files(folder)
            changed = [
                path for path, state in files.items()
                if seen.get(path) != state and kind_of(path) == "sidecar"
            ]  # fmt: skip
            sidecars = {path: (folder / path).read_bytes() for path in changed}
            wide = wide_files(folder)
            logs = {path.name: whole_size(path) for path in wide if path.suffix == _LOG}
            others = {path.name: path.read_bytes() for path in wide if path.suffix != _LOG}
        yield Moment(db, files, sidecars, others, logs)


def list_files(folder: Path) -> dict[str, State]:
    """Originals and sidecars of the library in `folder`, in order. Quick: others wait for it."""
    found = {}
    for shard in sorted(folder.glob("originals/??")):
        with os.scandir(shard) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = f"originals/{shard.name}/{entry.name}"
                if kind_of(path) != "wide":
                    with suppress(OSError):  # purged just now, or said later
                        found[path] = _state(entry.stat())
    return found


def state_of(path: Path) -> State | None:
    """None where there is no file."""
    try:
        return _state(path.stat())
    except FileNotFoundError:
        return None


def _state(found: os.stat_result) -> State:
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def wide_files(folder: Path) -> list[Path]:
    """The files of the whole library but its database."""
    return sorted(
        path for path in folder.iterdir()
        if path.is_file() and not path.is_symlink() and not path.name.startswith((".", *_LEFT_OUT))
    )  # fmt: skip


def copy_database(source: sqlite3.Connection, final: Path) -> None:
    """Write what the read transaction of `source` sees. Raises DiskFull or LibraryUnusable."""
    final.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(final)) as copy:
            source.backup(copy)
            copy.execute("pragma journal_mode = delete")  # one file, also on a read-only disk
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            raise DiskFull(f"There is no room for {final}", why=str(error)) from error
        raise _unusable(final, str(error)) from error


def look_into(database: Path) -> Known:
    """What a copy of a database says. Raises LibraryUnusable when it is damaged."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            [said] = db.execute("pragma integrity_check(1)").fetchone()
            if said != "ok":
                raise _unusable(database, said)
            rows = db.execute("select sha, extension, size from assets").fetchall()
            deleted = db.execute("select sha from tombstones").fetchall()
            [last] = db.execute("select name from _sqlite_migrations order by id desc").fetchone()
            return Known(
                {row["sha"]: (row["extension"], row["size"]) for row in rows},
                {row["sha"] for row in deleted},
                canonical_hash(db) if _is_of_this_program(db) else "",
                last,
            )
    except sqlite3.DatabaseError as error:
        raise _unusable(database, str(error)) from error


def _is_of_this_program(db: sqlite3.Connection) -> bool:
    known = Database(db)
    return not (MIGRATIONS.pending(known) or unknown_migrations(known))


def canonical_hash(db: sqlite3.Connection) -> str:
    digest = hashlib.sha256()
    for line in canonical(db):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _unusable(database: Path, why: str) -> AlbumsError:
    return LibraryUnusable(
        f"{database} is damaged",
        why=why,
        hint="If the library's own database is damaged, make it anew: albums rebuild",
    )
