"""The journal of an import as its kind sees it: all current parts together."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from albums.ingest.arrival import Arrival, Receipt
from albums.ingest.receive import Passing
from albums.library.imports import EntryRow, Import, entries_of, parts_of, put_entry
from albums.sources.importing.importer import Importer
from albums.sources.importing.kind import Thing, Understood

_NOT_SEEN = ("folder", "link", "special", "apple-double")


def things_of(importer: Importer, whole: Import) -> list[Thing]:
    """Every entry of the parts that count."""
    with importer.receiver.library.read() as db:
        return [
            thing_of(row, place)
            for place, part in enumerate(parts_of(db, whole.id), 1)
            if not part.superseded
            for row in entries_of(db, part.id)
            if row.kind not in _NOT_SEEN
        ]


def thing_of(row: EntryRow, part: int) -> Thing:
    """`part`: the place of its part among those of the import."""
    return Thing(
        id=row.id,
        part=part,
        path=row.path,
        kind=row.kind,
        status=row.status,
        size=row.size,
        sha=row.sha,
        captured=datetime.fromisoformat(row.captured) if row.captured else None,
        content_id=row.content_id,
        modified_ns=row.modified_ns,
        paper=row.paper,
    )


def land_documents(
    importer: Importer, source: str, whole: Import, things: Sequence[Thing], understood: Understood
) -> list[Thing]:
    """What looked like a paper and is the person's own file becomes an asset after all."""
    own = {number for number, what in understood.papers.items() if what == "document"}
    return [
        _land(importer, source, whole, thing)
        if thing.id in own and thing.status == "paper"
        else thing
        for thing in things
    ]


def _land(importer: Importer, source: str, whole: Import, thing: Thing) -> Thing:
    arrival = Arrival(
        name=thing.name,
        open=lambda: io.BytesIO(thing.paper or b""),
        source=source,
        origin=f"{source}://{whole.name}",
        folder=thing.folder,
        key=f"{whole.name}/paper#{thing.id}",
        modified_ns=thing.modified_ns,
        size=thing.size,
    )
    passing = importer.receiver.stage(arrival)
    landed: list[EntryRow] = []

    def also(db: sqlite3.Connection, passing: Passing, receipt: Receipt) -> None:
        row = db.execute("select * from import_entries where id = ?", (thing.id,)).fetchone()
        known = EntryRow(**dict(row))
        kind, status = passing.format.kind, receipt.status
        landed.append(put_entry(db, replace(known, kind=kind, status=status, paper=None)))

    importer.receiver.commit([passing], also)
    importer.imports.append()
    return thing_of(landed[0], thing.part)
