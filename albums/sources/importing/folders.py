"""The receipt of an imported folder: that of an export whose files nothing speaks of.

What came in is known from the arrivals; what could not be read or was left out, from the import.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from albums.library.imports import (
    EntryRow,
    PartRow,
    Status,
    entries_of,
    open_import,
    open_part,
    put_entry,
    put_part,
)
from albums.sources.archives.parts import Parts
from albums.sources.folder import FOLDER, file_uri, origin_of
from albums.sources.importing.importer import Asked, ExportProgress, Importer, Stopped
from albums.sources.importing.kind import Understood
from albums.sources.importing.proving import prove
from albums.sources.importing.receipt import write_receipt
from albums.sources.importing.receipt_lines import Brought
from albums.sources.source import LeftOut

_BATCH = 2000  # rows in one transaction
_GONE = "It is no longer in the folder"


def prove_folder(
    importer: Importer, folder: Path, began_at: str, asked: Asked, progress: ExportProgress
) -> None:
    """Read back all that ever came from `folder`, and write its receipt. Returns early when
    `asked.stop` is set. Raises DiskFull, LibraryUnusable."""
    progress.state = "proving"
    root = os.path.realpath(folder)
    with importer.receiver.library.write() as db:
        whole = open_import(db, FOLDER.name, root, began_at)
        part = open_part(db, PartRow(0, whole.id, f"folder:{root}", root, None, "folder", 0))
    _write_down(importer, part, root, progress)
    try:
        proven = prove(importer, whole, asked, progress)
    except Stopped:
        progress.end("stopped")
        return
    options = {"again": True} if asked.again else {}
    copied = importer.second_copy_at()
    brought = Brought(whole, Parts(), Understood(), proven, began_at, options, copied)
    receipt = write_receipt(importer.receiver, brought, origin_of(root))
    progress.receipts.append(receipt.number)
    progress.summary[whole.name] = receipt.as_json()
    progress.end("done")


def _write_down(importer: Importer, part: PartRow, root: str, progress: ExportProgress) -> None:
    """The journal of the folder, up to date."""
    library = importer.receiver.library
    with library.read() as db:
        known = {row.path: row for row in entries_of(db, part.id)}
        found = [*_refused(db, part, root), *_arrived(db, part, root), *_left(part, root, progress)]
        new = _numbered(known, found)
        paths = {row.path for row in new}
        gone = [row for row in _no_longer_failed(known, progress, root) if row.path not in paths]
        changed = iter([row for row in [*new, *gone] if row != known.get(row.path)])
    while batch := list(islice(changed, _BATCH)):
        with library.write() as db:
            for row in batch:
                put_entry(db, row)
        importer.imports.append()
    with library.write() as db:
        put_part(db, replace(part, whole=True))
    importer.imports.append()


def _arrived(db: sqlite3.Connection, part: PartRow, root: str) -> Iterator[EntryRow]:
    """What came in from there, the last of each file; also what the owner had deleted before."""
    rows = db.execute(
        """select arrivals.key, arrivals.name, arrivals.folder, arrivals.size, modified_ns, sha,
                  kind, (select min(id) from arrivals a where a.asset_id = assets.id)
                        = min(arrivals.id) as first, max(arrivals.id) as last
           from arrivals join assets on assets.id = asset_id
           where arrivals.source = ? and arrivals.origin = ? group by arrivals.key, sha
           order by last""",
        (FOLDER.name, origin_of(root)),
    )
    for row in rows:
        path = "/".join(filter(None, (row["folder"], row["name"])))
        status: Status = "ingested" if row["first"] else "duplicate"
        yield EntryRow(0, part.id, 0, path, row["size"], row["sha"], row["kind"], status,
                       modified_ns=row["modified_ns"])  # fmt: skip


def _refused(db: sqlite3.Connection, part: PartRow, root: str) -> Iterator[EntryRow]:
    """What the owner deleted before is read and not kept."""
    above = f"{file_uri(root)}/"
    rows = db.execute(
        """select key, sha, size from deleted_files
           where source = ?1 and substr(key, 1, length(?2)) = ?2 order by key""",
        (FOLDER.name, above),
    )
    for row in rows:
        path = unquote(row["key"].removeprefix(above), errors="replace")
        yield EntryRow(0, part.id, 0, path, row["size"], row["sha"], "other", "deleted")


def _left(part: PartRow, root: str, progress: ExportProgress) -> Iterator[EntryRow]:
    for left, status in _all_left(progress):
        path = _below(left.path, root)
        yield EntryRow(0, part.id, 0, path, 0, None, "other", status, left.why)


def _all_left(progress: ExportProgress) -> Iterator[tuple[LeftOut, Status]]:
    yield from ((left, "failed") for left in progress.failed_files)
    yield from ((left, "skipped") for left in progress.skipped_files)


def _below(path: str, root: str) -> str:
    return path.removeprefix(root).lstrip("/") or path


def _numbered(known: dict[str, EntryRow], rows: Iterable[EntryRow]) -> list[EntryRow]:
    """Each path once, the last said; a path keeps its position."""
    latest = {row.path: row for row in rows}
    free = max((row.position for row in known.values()), default=-1) + 1
    numbered = []
    for path, row in latest.items():
        if before := known.get(path):
            numbered.append(replace(row, id=before.id, position=before.position))
        else:
            numbered.append(replace(row, position=free))
            free += 1
    return numbered


def _no_longer_failed(
    known: dict[str, EntryRow], progress: ExportProgress, root: str
) -> Iterator[EntryRow]:
    """What could not be read and is not there any more is nobody's to bring."""
    failed = {_below(left.path, root) for left in progress.failed_files}
    for path, row in known.items():
        if row.status == "failed" and path not in failed:
            yield replace(row, status="skipped", why=_GONE)
