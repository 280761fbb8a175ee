"""The entries of a part that the journal does not have yet, or whose bytes are wanted once more."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from dataclasses import dataclass
from typing import BinaryIO

from albums.library.damage import IS_DAMAGED
from albums.library.database import Library
from albums.library.imports import PartRow
from albums.sources.archives import Entry, Part, entries
from albums.sources.importing.importer import Asked
from albums.sources.importing.reading import row_of

Found = tuple[Entry, BinaryIO, int]


@dataclass(frozen=True, slots=True)
class _Known:
    position: int
    path: str
    size: int
    modified_ns: int | None
    settled: bool  # what became of it still holds


def unread(
    library: Library, row: PartRow, part: Part, asked: Asked
) -> Generator[Found, None, None]:
    """Each such entry, its bytes, and its position in the journal."""
    with library.read() as db:
        known = _known(db, row.id, again=asked.again)
    if part.kind == "folder":
        yield from _in_folder(row, part, known)
    elif not (row.whole and all(entry.settled for entry in known)):
        settled = {entry.position for entry in known if entry.settled}
        for entry, stream in entries(part, settled):
            yield entry, stream, entry.index
    else:
        part.whole, part.read = True, part.size


def _in_folder(row: PartRow, part: Part, known: list[_Known]) -> Generator[Found, None, None]:
    """A folder may have changed since: its files are known by path, size and time."""
    by_path = {entry.path: entry for entry in known}
    free = max((entry.position for entry in known), default=-1) + 1
    for entry, stream in entries(part):
        now, before = row_of(entry, row), by_path.get(entry.path)
        same = before and (before.size, before.modified_ns) == (now.size, now.modified_ns)
        if before and before.settled and same:
            continue
        yield entry, stream, before.position if before else free
        free += not before


def _known(db: sqlite3.Connection, part_id: int, *, again: bool) -> list[_Known]:
    """What failed is tried again, and what was kept and is damaged or gone since. `again`: also
    what the owner deleted."""
    rows = db.execute(
        f"""select position, path, e.size, modified_ns,
                status in ('paper', 'empty', 'skipped') or (status != 'failed' and (
                    exists (select 1 from assets where assets.sha = e.sha
                            and not {IS_DAMAGED} and (not ?2 or trashed_at is null))
                    or (not ?2 and exists (select 1 from tombstones where tombstones.sha = e.sha))
                )) as settled
            from import_entries e where part_id = ?1""",
        (part_id, again),
    )
    return [
        _Known(r["position"], r["path"], r["size"], r["modified_ns"], bool(r["settled"]))
        for r in rows
    ]
