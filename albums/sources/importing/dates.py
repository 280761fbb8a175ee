"""When a file that just came in says it was taken: what matches it with what is said of it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timezone
from pathlib import Path

from albums.errors import Undecodable
from albums.ingest.facts.date_tags import parse_date, parse_offset
from albums.library.imports import EntryRow
from albums.media import moment
from albums.media.sandbox import Sandbox

_THREADS = 2  # each waits for one decoder process


@dataclass(frozen=True)
class Dating:
    """A date that is being read."""

    _said: Future[dict[str, str]]

    def into(self, row: EntryRow) -> EntryRow:
        """The row with what the file says. Waits for it."""
        try:
            said = self._said.result()
        except Undecodable:
            return row  # the pipeline says what is wrong with it
        return replace(row, captured=captured(said), content_id=said.get("content_id"))


class Dates:
    """Reads dates beside the archive, decoders apart. `close()` at the end."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._readers = ThreadPoolExecutor(_THREADS, thread_name_prefix="import-date")

    def close(self) -> None:
        self._readers.shutdown(cancel_futures=True)

    def of(self, path: Path, name: str, kind: str) -> Dating | None:
        """Of the file at `path`, which must stay there until its date is known."""
        if kind not in ("photo", "video"):
            return None
        return Dating(self._readers.submit(self._sandbox.call, moment.read, path, name))


def captured(said: dict[str, str]) -> str | None:
    """ISO 8601 of what `media.moment.read` gives; without zone where the file says none."""
    written = parse_date(said.get("when"))
    if written is None or written.partly:
        return None
    offset = parse_offset(said.get("offset"))
    when = written.when
    if when.tzinfo is None and offset is not None:
        when = when.replace(tzinfo=timezone(offset))
    return when.isoformat()
