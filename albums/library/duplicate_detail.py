"""Groups of copies as a person and a program look at them: what is known of each, and in what they
differ."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from albums.library.collections import collections_of
from albums.library.detail import caption_of, place_name, text_of
from albums.library.duplicate_groups import Group
from albums.library.facts import claims_of, people_in

# In which a person would see a difference. What the box itself says of a copy is not among them.
COMPARED = (
    "pixels", "size", "mime", "duration", "moves", "gain_map", "captured_at", "captured_by",
    "camera", "lens", "place", "location", "title", "description", "tags", "people",
    "collections", "favourite", "rating", "hidden", "edited", "name", "folder", "received_at",
    "origin", "damaged",
)  # fmt: skip
_PLAIN = (
    "sha", "name", "folder", "kind", "mime", "size", "width", "height", "duration", "captured_at",
    "camera", "lens", "title", "description", "rating", "received_at", "origin", "aspect",
)  # fmt: skip


def shown(db: sqlite3.Connection, groups: Sequence[Group]) -> list[dict[str, Any]]:
    """One JSON-able table a group; its copies in order, the best one first."""
    ids = [member.id for group in groups for member in group.members]
    rows = {row["id"]: row for row in db.execute(_ROWS, (json.dumps(ids),))}
    return [_shown(db, group, rows) for group in groups]


def _shown(db: sqlite3.Connection, group: Group, rows: dict[int, sqlite3.Row]) -> dict[str, Any]:
    copies = []
    for member in group.members:
        same = next((n for n, ids in enumerate(group.same, 1) if member.id in ids), None)
        copies.append(
            _copy(db, rows[member.id])
            | {
                "moves": member.moves,
                "gain_map": member.gain_map,
                "damaged": member.damaged,
                "same": same,
            }
        )
    return {
        "exact": group.exact,
        "spare": group.spare,
        "differs": [field for field in COMPARED if len({_key(c[field]) for c in copies}) > 1],
        "assets": copies,
    }


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _copy(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    claims = claims_of(db, row["id"])
    dated = [claim.source for claim in claims if claim.field == "captured_at"]
    tags = db.execute(
        """select distinct tag from tags where asset_id = ? and source in ('person', 'file')
           order by tag""",
        (row["id"],),
    )
    located = row["latitude"] is not None
    return {column: row[column] for column in _PLAIN} | {
        "pixels": (row["width"] or 0) * (row["height"] or 0) or None,
        "captured_by": dated[0] if dated else None,
        "place": place_name(row),
        "location": [row["latitude"], row["longitude"]] if located else None,
        "caption": text_of(caption_of(db, row["id"])),
        "tags": [tag["tag"] for tag in tags],
        "people": people_in(claims),
        "collections": collections_of(db, row["id"]),
        "favourite": bool(row["favourite"]),
        "hidden": bool(row["hidden"]),
        "edited": any(claim.source == "person" for claim in claims),
        "thumbhash": base64.b64encode(row["thumbhash"]).decode() if row["thumbhash"] else None,
    }


_ROWS = """
    select assets.*, city, region, country, thumbhash, aspect
    from assets left join places on places.asset_id = assets.id
    left join pictures on pictures.asset_id = assets.id
    where assets.id in (select value from json_each(?))"""
