"""Each entry of a part, once: its bytes to the vault and a row to the journal, in one transaction.

What the journal has is not read again. Entries are acknowledged in the order in which they lie in
the part, so that an import that was killed ends, after its second run, as if it had not been.
"""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

from albums.errors import TooLarge
from albums.ingest.arrival import Arrival, Receipt
from albums.ingest.receive import Passing
from albums.library.arrivals import first_key
from albums.library.imports import EntryRow, Import, PartRow, Status, put_entry
from albums.sources.archives import Entry, Part
from albums.sources.importing.dates import Dates, Dating
from albums.sources.importing.importer import Asked, ExportProgress, Importer, Stopped
from albums.sources.importing.kind import Kind
from albums.sources.importing.reading import Reading, is_nothing, read_paper, row_of
from albums.sources.importing.unread import unread

_BATCH_FILES = 256
_BATCH_BYTES = 128 << 20
_COUNTED = {"ingested", "duplicate", "deleted", "failed", "skipped"}


@dataclass
class _Item:
    """One entry that was read; with bytes for the vault, its arrival."""

    row: EntryRow
    passing: Passing | None = None
    dating: Dating | None = None


@dataclass
class _Batch:
    items: list[_Item] = field(default_factory=list)
    size: int = 0  # bytes

    def add(self, item: _Item) -> None:
        self.items.append(item)
        self.size += item.row.size

    @property
    def full(self) -> bool:
        return len(self.items) >= _BATCH_FILES or self.size >= _BATCH_BYTES

    def passings(self) -> list[Passing]:
        return [item.passing for item in self.items if item.passing]


class Landing:
    """Takes in the parts of one import. `close()` at the end."""

    def __init__(
        self, importer: Importer, kind: Kind, whole: Import, asked: Asked, progress: ExportProgress
    ) -> None:
        self.importer, self.kind, self.whole = importer, kind, whole
        self.asked, self.progress = asked, progress
        self._dates = Dates(importer.sandbox)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="import-write")
        self._written: Future[None] | None = None

    def close(self) -> None:
        self._writing.shutdown()
        self._dates.close()

    def land(self, row: PartRow, part: Part) -> None:
        """Every entry of the part that is not in the journal yet.

        Raises Stopped, DiskFull, LibraryUnusable; what was acknowledged until then stays.
        """
        before, batch = self.progress.bytes_done, _Batch()
        self.progress.part = row.name
        try:
            with closing(unread(self.importer.receiver.library, row, part, self.asked)) as found:
                for entry, stream, position in found:
                    self.progress.now = entry.path
                    batch.add(
                        self._take(entry, stream, replace(row_of(entry, row), position=position))
                    )
                    self.progress.bytes_done = before + part.read
                    if batch.full:
                        full, batch = batch, _Batch()
                        self._write(full)
            self._write(batch)
            self._wait()
        except BaseException:
            self._discard(batch)
            self._wait()
            raise
        self.progress.bytes_done = before + part.size

    def _take(self, entry: Entry, stream: BinaryIO, row: EntryRow) -> _Item:
        if self.asked.stop.is_set():
            raise Stopped
        if is_nothing(entry):
            return _Item(replace(row, kind=entry.kind, status="skipped", why=entry.target))
        begun = b""
        if entry.kind == "apple-double" or self.kind.is_paper(entry.path, entry.size):
            paper = read_paper(entry, stream, row)
            if isinstance(paper, EntryRow):
                return _Item(paper)
            begun = paper  # too large to be one: it is taken in as any other file
        return self._stage(entry, Reading(stream, self.asked.stop, begun), row)

    def _stage(self, entry: Entry, stream: Reading, row: EntryRow) -> _Item:
        receiver = self.importer.receiver
        try:
            passing = receiver.stage(self._arrival(entry, stream, row), synced=False)
        except TooLarge as error:
            return _Item(replace(row, kind="other", status="failed", why=str(error)))
        row = replace(row, kind=passing.format.kind, size=passing.staged.size)
        if entry.whole and passing.staged.size:
            dating = self._dates.of(passing.staged.path, row.path, passing.format.kind)
            return _Item(replace(row, sha=passing.staged.sha), passing, dating)
        receiver.vault.originals.discard(passing.staged)
        if entry.whole:
            return _Item(replace(row, status="empty", why="It is empty in the export"))
        return _Item(replace(row, size=entry.size or 0, status="failed", why=entry.problem))

    def _arrival(self, entry: Entry, stream: Reading, row: EntryRow) -> Arrival:
        folder, _, name = entry.path.rpartition("/")
        return Arrival(
            name=name,
            open=lambda: cast(BinaryIO, stream),
            source=self.kind.name,
            origin=f"{self.kind.name}://{self.whole.name}",
            folder=folder,
            key=f"{self.whole.name}/{row.part_id}#{row.position}",
            modified_ns=row.modified_ns,
            size=entry.size,
            again=self.asked.again,
        )

    def _write(self, batch: _Batch) -> None:
        """One batch is written while the next is read."""
        try:
            self._wait()
        except BaseException:
            self._discard(batch)
            raise
        self._written = self._writing.submit(self._commit, batch)

    def _wait(self) -> None:
        written, self._written = self._written, None
        if written:
            written.result()

    def _commit(self, batch: _Batch) -> None:
        rows = {id(item.passing): self._dated(item) for item in batch.items if item.passing}
        others = [item.row for item in batch.items if not item.passing]

        def also(db: sqlite3.Connection, passing: Passing, receipt: Receipt) -> None:
            status = _status(db, passing, receipt)
            put_entry(db, replace(rows[id(passing)], status=status))
            self._count(status)

        with self.importer.receiver.library.write() as db:
            for row in others:
                put_entry(db, row)
        if rows:
            self.importer.receiver.commit(batch.passings(), also)
        for row in others:
            self._count(row.status)
        self.importer.imports.append()

    def _dated(self, item: _Item) -> EntryRow:
        return item.dating.into(item.row) if item.dating else item.row

    def _count(self, status: str) -> None:
        self.progress.found += 1
        if status in _COUNTED:
            setattr(self.progress, status, getattr(self.progress, status) + 1)
        self.progress.papers += status == "paper"

    def _discard(self, batch: _Batch) -> None:
        for passing in batch.passings():
            self.importer.receiver.vault.originals.discard(passing.staged)


def _status(db: sqlite3.Connection, passing: Passing, receipt: Receipt) -> Status:
    """Cut off between the bytes and the journal, an entry was taken in by the next start of the
    box. It is no duplicate of itself."""
    if receipt.status != "duplicate" or receipt.asset_id is None:
        return receipt.status
    first = first_key(db, receipt.asset_id, passing.arrival.source)
    return "ingested" if first == passing.arrival.key else "duplicate"
