"""Which files of a source have not changed since they came in."""

from __future__ import annotations

import json
from collections.abc import Mapping

from albums.library.database import Library


def unchanged(library: Library, source: str, files: Mapping[str, tuple[int, int]]) -> set[str]:
    """The keys among `files` that came in before with the same size and modification time, be it
    that the owner deleted them since.

    files: the source's key -> (bytes, nanoseconds since 1970). Nothing is read or hashed.
    """
    with library.read() as db:
        rows = db.execute(
            """with asked(key) as (select value from json_each(?2))
               select key, size, modified_ns from arrivals where source = ?1 and key in asked
               union all
               select key, size, modified_ns from deleted_files
               where source = ?1 and key in asked""",
            (source, json.dumps(list(files))),
        )
        return {r["key"] for r in rows if (r["size"], r["modified_ns"]) == files[r["key"]]}
