"""An import as its journal tells it, without archives: parts, entries, and what is said of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from albums.ingest.receive import Receiver
from albums.library.imports import (
    EntryRow,
    Import,
    PartRow,
    open_import,
    open_part,
    put_entry,
    put_part,
)
from albums.sources.archives.parts import Parts
from albums.sources.importing.kind import Said, Understood
from albums.sources.importing.receipt_lines import Brought
from tests.arrivals import arrival_of

NAME = "takeout-20240516T230250Z"
BEGAN = "2024-06-01T10:00:00+00:00"


@dataclass
class Journal:
    """Writes one import down, as the importer does."""

    receiver: Receiver
    source: str = "takeout"
    name: str = NAME
    whole: Import = field(init=False)
    understood: Understood = field(default_factory=Understood)
    found: Parts = field(default_factory=Parts)
    reread: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.receiver.library.write() as db:
            self.whole = open_import(db, self.source, self.name, BEGAN)

    def part(self, number: int = 1, **fields: Any) -> PartRow:
        """Read to its end and whole, unless `fields` say otherwise."""
        name = f"{self.name}-{number:03}.zip"
        made = PartRow(0, self.whole.id, name, name, number, "zip", 1000, "ab" * 32, whole=True)
        with self.receiver.library.write() as db:
            return open_part(db, replace(made, **fields))

    def supersede(self, part: PartRow) -> None:
        with self.receiver.library.write() as db:
            put_part(db, replace(part, superseded=True))

    def entry(self, part: PartRow, path: str, status: Any, **fields: Any) -> EntryRow:
        """A row of an entry, at the end of its part."""
        with self.receiver.library.write() as db:
            position = db.execute(
                "select count(*) from import_entries where part_id = ?", (part.id,)
            ).fetchone()[0]
            plain: dict[str, Any] = {"size": 0, "sha": None, "kind": "other"}
            return put_entry(
                db, EntryRow(0, part.id, position, path, status=status, **plain | fields)
            )

    def photo(
        self, part: PartRow, path: str, content: bytes, said: Said | None = None, **fields: Any
    ) -> EntryRow:
        """Take the bytes in; the row says what became of them, and that they read back equal."""
        sha = hashlib.sha256(content).hexdigest()
        status = self.land(path, content)
        fields = {"kind": "photo"} | fields
        row = self.entry(part, path, status, size=len(content), sha=sha, **fields)
        self.reread[sha] = ""
        if said:
            self.understood.said[row.id] = said
        return row

    def land(self, path: str, content: bytes) -> str:
        origin = f"{self.source}://{self.name}"
        name = path.rpartition("/")[2]
        arrival = arrival_of(content, name, source=self.source, origin=origin)
        return self.receiver.receive(arrival).status

    def paper(self, part: PartRow, path: str, content: bytes, what: Any = "sidecar") -> EntryRow:
        sha = hashlib.sha256(content).hexdigest()
        row = self.entry(
            part, path, "paper", size=len(content), sha=sha, kind="paper", paper=content
        )
        self.understood.papers[row.id] = what
        return row

    def brought(self, **fields: Any) -> Brought:
        plain = {"began_at": BEGAN, "options": {"again": False}}
        return Brought(self.whole, self.found, self.understood, self.reread, **plain | fields)
