"""A dry run: everything is read, understood and counted, and nothing is kept."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from albums.library.database import Library
from albums.library.imports import EntryRow, PartRow, Status
from albums.media.formats import HEAD, identify
from albums.sources.archives import Entry, Part, entries
from albums.sources.importing.dates import Dates
from albums.sources.importing.importer import Asked, ExportProgress, Importer, Stopped
from albums.sources.importing.kind import Kind, Thing, Understood
from albums.sources.importing.reading import Reading, is_nothing, read_paper, row_of
from albums.sources.importing.things import thing_of

_CHUNK = 1 << 20
_DATED = 64 << 20  # bytes; of a larger file no date is read, which needs it whole on the disk


def weigh(
    importer: Importer, kind: Kind, name: str, parts: Sequence[Part], asked: Asked,
    progress: ExportProgress,
) -> None:  # fmt: skip
    """Count what an import of these parts would do. Raises Stopped."""
    progress.begin_reading(progress.bytes_total + sum(part.size for part in parts))
    with closing(_Scales(importer, kind, asked, progress)) as scales:
        rows = [replace(row, id=number) for number, row in enumerate(scales.rows(parts), 1)]
    progress.state = "matching"
    things = [thing_of(row, row.part_id) for row in rows]
    understood = kind.understand(things)
    progress.summary[name] = _summary(rows, things, understood, parts)


class _Scales:
    """Reads entries and says what they would become. `close()` at the end."""

    def __init__(
        self, importer: Importer, kind: Kind, asked: Asked, progress: ExportProgress
    ) -> None:
        self.library, self.kind, self.asked, self.progress = (
            importer.receiver.library, kind, asked, progress,
        )  # fmt: skip
        self._dates = Dates(importer.sandbox)
        self._seen: set[str] = set()

    def close(self) -> None:
        self._dates.close()

    def rows(self, parts: Sequence[Part]) -> Iterator[EntryRow]:
        for number, part in enumerate(parts, 1):
            before, self.progress.part = self.progress.bytes_done, part.path.name
            row = PartRow(number, 0, "", part.path.name, part.number, part.kind, part.size)
            for entry, stream in entries(part):
                if self.asked.stop.is_set():
                    raise Stopped
                self.progress.now, self.progress.found = entry.path, self.progress.found + 1
                yield self._weigh(entry, stream, row_of(entry, row))
                self.progress.bytes_done = before + part.read

    def _weigh(self, entry: Entry, stream: BinaryIO, row: EntryRow) -> EntryRow:
        if is_nothing(entry):
            return replace(row, kind=entry.kind, status="skipped")
        begun = b""
        if entry.kind == "apple-double" or self.kind.is_paper(entry.path, entry.size):
            paper = read_paper(entry, stream, row)
            if isinstance(paper, EntryRow):
                return paper
            begun = paper
        return self._hash(entry, Reading(stream, self.asked.stop, begun), row)

    def _hash(self, entry: Entry, stream: Reading, row: EntryRow) -> EntryRow:
        digest, size, head = hashlib.sha256(), 0, b""
        with tempfile.NamedTemporaryFile(prefix="albums-") as copy:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                head = head or chunk[:HEAD]
                if size <= _DATED:
                    copy.write(chunk)
            copy.flush()
            row = replace(row, size=size, kind=identify(head, entry.path).kind)
            if not entry.whole:
                return replace(row, size=entry.size or 0, why=entry.problem)
            if not size:
                return replace(row, status="empty")
            row = replace(row, sha=digest.hexdigest())
            dating = self._dates.of(Path(copy.name), row.path, row.kind) if size <= _DATED else None
            return self._fate(dating.into(row) if dating else row)

    def _fate(self, row: EntryRow) -> EntryRow:
        status = would_become(self.library, row.sha or "", again=self.asked.again)
        if row.sha in self._seen and status == "ingested":
            status = "duplicate"
        self._seen.add(row.sha or "")
        return replace(row, status=status)


def would_become(library: Library, sha: str, *, again: bool) -> Status:
    """What these bytes would be on arrival."""
    with library.read() as db:
        asset = db.execute("select trashed_at from assets where sha = ?", (sha,)).fetchone()
        buried = db.execute("select 1 from tombstones where sha = ?", (sha,)).fetchone()
    if asset:
        return "deleted" if asset["trashed_at"] and not again else "duplicate"
    return "deleted" if buried and not again else "ingested"


def _summary(
    rows: Sequence[EntryRow], things: Sequence[Thing], understood: Understood, parts: Sequence[Part]
) -> dict[str, Any]:
    """Counts that add up: each entry has one status."""
    media = [t for t in things if t.id in understood.said]
    return {
        "parts": len(parts),
        "entries": len(rows),
        "bytes": sum(row.size for row in rows),
        "statuses": dict(sorted(Counter(row.status for row in rows).items())),
        "pairings": dict(sorted(Counter(understood.said[t.id].pairing for t in media).items())),
        "collections": len(understood.albums),
        "announced": len(understood.announced),
        "failed": [{"path": r.path, "why": r.why} for r in rows if r.status == "failed"][:100],
        "notes": understood.notes,
    }
