"""Which files of a source have not changed since they came in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from albums.ingest.arrival import Receipt
from albums.library.damage import IS_DAMAGED
from albums.library.database import Library


def unchanged(
    library: Library, source: str, files: Mapping[str, tuple[int, int]], *, again: bool = False
) -> set[str]:
    """The keys among `files` that came in before with the same size and modification time, be it
    that the owner deleted them since; with `again` only those that were not. A file whose original
    was found damaged is wanted once more.

    files: the source's key -> (bytes, nanoseconds since 1970). Nothing is read or hashed.
    """
    with library.read() as db:
        rows = db.execute(
            f"""with asked(key) as (select value from json_each(?2))
               select arrivals.key, arrivals.size, modified_ns
               from arrivals join assets on assets.id = asset_id
               where arrivals.source = ?1 and key in asked and (not ?3 or trashed_at is null)
               and not {IS_DAMAGED}
               union all
               select key, size, modified_ns from deleted_files
               where source = ?1 and key in asked and not ?3""",
            (source, json.dumps(list(files)), again),
        )
        return {r["key"] for r in rows if (r["size"], r["modified_ns"]) == files[r["key"]]}


def came_in(
    library: Library, source: str, key: str, modified_ns: int | None, sha: str
) -> Receipt | None:
    """What became of this very file when it came in before with these bytes, and is still here."""
    with library.read() as db:
        row = db.execute(
            f"""select assets.id, arrivals.name, arrivals.size, at, trashed_at
               from arrivals join assets on assets.id = asset_id
               where arrivals.source = ? and key = ? and modified_ns is ? and sha = ?
               and not {IS_DAMAGED}""",
            (source, key, modified_ns, sha),
        ).fetchone()
    if row is None:
        return None
    status: Literal["deleted", "duplicate"] = "deleted" if row["trashed_at"] else "duplicate"
    return Receipt(sha, status, *row)
