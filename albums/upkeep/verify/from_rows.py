"""A sidecar from the database's rows, for where none is left: the reverse of a rebuild."""

from __future__ import annotations

import sqlite3
from typing import Any

from albums.library.assets import Asset
from albums.library.collections import collections_of

_ARRIVAL = "at, name, folder, source, origin, key, modified_ns, size"


def sidecar_from_rows(db: sqlite3.Connection, asset: Asset) -> dict[str, Any]:
    """How the asset came in. What was said and found of it are parts of their own."""
    arrivals = db.execute(
        f"select {_ARRIVAL} from arrivals where asset_id = ? order by id", (asset.id,)
    )
    hashes = db.execute("select sha1, md5 from assets where id = ?", (asset.id,)).fetchone()
    return {
        "sha": asset.sha,
        **dict(hashes),
        "size": asset.size,
        "extension": asset.extension,
        "mime": asset.mime,
        "kind": asset.kind,
        "claims": [],  # the part `machine` has them all
        "collections": collections_of(db, asset.id),
        "arrivals": [dict(row) for row in arrivals],
    }
