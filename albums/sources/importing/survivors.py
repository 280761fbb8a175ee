"""What the library holds of an entry's bytes, and which copy of equal ones is the one kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from albums.library import tombstones
from albums.library.imports import EntryRow
from albums.sources.importing.verdicts import Held, ReadBack

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class First:
    """The first entry of these bytes in an import, and whether they came in with it."""

    id: int
    part: int
    path: str
    was_new: bool


class Survivors:
    """Asks an open library, for one import. `labels`: what its parts are called."""

    def __init__(
        self,
        db: sqlite3.Connection,
        import_id: int,
        reread: Mapping[str, ReadBack],
        labels: Mapping[int, str],
    ) -> None:
        self.db, self.import_id, self.reread, self.labels = db, import_id, reread, labels
        self.first = lru_cache(_REMEMBERED)(self._first)

    def held(self, sha: str) -> Held:
        row = self.db.execute("select size from assets where sha = ?", (sha,)).fetchone()
        if row:
            return Held(row["size"], self.reread.get(sha))
        return Held(None, "missing", tombstones.deleted_at(self.db, sha))

    def is_first(self, row: EntryRow) -> bool:
        """Is this the entry by which its bytes came in? The same whatever order parts came in."""
        assert row.sha
        first = self.first(row.sha)
        return first.was_new and first.id == row.id

    def survivor(self, row: EntryRow) -> dict[str, Any]:
        """Of a duplicate: the entry that was kept, or what was in the library before."""
        assert row.sha
        first = self.first(row.sha)
        if first.was_new:
            return {"part": self.labels[first.part], "path": first.path}
        return self._before(row.sha)

    def _first(self, sha: str) -> First:
        """Of the parts that count. A part that came again whole may have brought them first."""
        row = self.db.execute(
            """select entry.id, part_id, path from import_entries entry
               join import_parts part on part.id = part_id
               where entry.sha = ? and import_id = ? and not superseded
                   and status in ('ingested', 'duplicate')
               order by number is null, number, name, key, position limit 1""",
            (sha, self.import_id),
        ).fetchone()
        new = self.db.execute(
            """select 1 from import_entries entry join import_parts part on part.id = part_id
               where entry.sha = ? and import_id = ? and status = 'ingested' limit 1""",
            (sha, self.import_id),
        ).fetchone()
        return First(row["id"], row["part_id"], row["path"], new is not None)

    def _before(self, sha: str) -> dict[str, Any]:
        row = self.db.execute(
            """select arrivals.name, arrivals.origin, arrivals.at from arrivals
               join assets on assets.id = asset_id
               where assets.sha = ? order by arrivals.id limit 1""",
            (sha,),
        ).fetchone()
        return {"name": row["name"], "origin": row["origin"], "came_at": row["at"]} if row else {}
