"""Reading one entry: as a stream for the vault, or whole, as a paper for the journal."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import BinaryIO

from albums.library.imports import EntryRow, PartRow
from albums.sources.archives import Entry
from albums.sources.importing.importer import Stopped

LARGEST_PAPER = 64 << 20  # bytes; what is larger is nobody's paper
_CHUNK = 1 << 20


class Reading:
    """The bytes of an entry, first those `begun` with, for whoever reads them once. Closing it
    leaves the archive open. Raises Stopped."""

    def __init__(self, stream: BinaryIO, stop: threading.Event, begun: bytes = b"") -> None:
        self._stream, self._stop, self._begun = stream, stop, begun

    def read(self, size: int = -1) -> bytes:
        if self._stop.is_set():
            raise Stopped
        if self._begun:
            begun, self._begun = self._begun, b""
            return begun
        return self._stream.read(size)

    def __enter__(self) -> Reading:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


def is_nothing(entry: Entry) -> bool:
    """It has no bytes by its nature."""
    return entry.kind in ("folder", "link", "special")


def row_of(entry: Entry, part: PartRow) -> EntryRow:
    """What is known of an entry before it is read."""
    return EntryRow(
        id=0,
        part_id=part.id,
        position=entry.index,
        path=entry.path or entry.name,
        size=entry.size or 0,
        sha=None,
        kind="other",
        status="failed",
        modified_ns=_nanoseconds(entry.modified),
    )


def read_paper(entry: Entry, stream: BinaryIO, row: EntryRow) -> EntryRow | bytes:
    """Its row, with all that it says; or what was read of it, where it is too large for that."""
    raw = bytearray()
    while len(raw) <= LARGEST_PAPER and (chunk := stream.read(_CHUNK)):
        raw += chunk
    if len(raw) > LARGEST_PAPER:
        return bytes(raw)
    row = replace(row, kind="paper")
    if not entry.whole:
        return replace(row, status="failed", why=entry.problem)
    if not raw:
        return replace(row, status="empty", why="It is empty in the export")
    sha = hashlib.sha256(raw).hexdigest()
    return replace(row, size=len(raw), sha=sha, status="paper", paper=bytes(raw))


def _nanoseconds(modified: datetime | None) -> int | None:
    """Since 1970; where an archive says no zone it is taken for UTC."""
    if modified is None:
        return None
    known = modified if modified.tzinfo else modified.replace(tzinfo=UTC)
    try:
        return int(known.timestamp()) * 1_000_000_000
    except (OverflowError, ValueError):
        return None
