"""What is shown of an asset in a grid or a list."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable
from typing import Any


def rows_of(db: sqlite3.Connection, ids: Iterable[int]) -> list[dict[str, Any]]:
    """What a grid shows of each asset, in the order of `ids`; ids that are gone are left out."""
    wanted = list(ids)
    rows = db.execute(_SHOWN, (json.dumps(wanted),))
    by_id = {row["id"]: _shown(row) for row in rows}
    return [by_id[asset_id] for asset_id in wanted if asset_id in by_id]


# How many assets lie in the stack of which this one is the top; 0 is no stack.
IN_STACK = "select count(*) + (count(*) > 0) from assets lower where lower.top_id = assets.id"
# Is it a live or motion photo? Asked row by row: a page shows few, a library has many that move.
MOVES = """exists (select 1 from moving_parts where asset_id = assets.id) or exists (
    select 1 from companions join taken on taken.asset_id = other_id
    where photo_id = assets.id and part = 'film')"""
_SHOWN = f"""
    select assets.id, sha, name, captured_at, kind, width, height, duration, favourite,
        city, country, thumbhash, aspect, ({IN_STACK}) as stack, ({MOVES}) as moving,
        (select case description when '' then title else description end from captions
         where asset_id = assets.id order by author desc limit 1) as caption
    from assets
    left join places on places.asset_id = assets.id
    left join pictures on pictures.asset_id = assets.id
    where assets.id in (select value from json_each(?))"""


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    shown = dict(row)
    shown["place"] = place_in_words(shown.pop("city"), shown.pop("country"))
    shown["favourite"] = bool(shown["favourite"])
    shown["moving"] = bool(shown["moving"])
    shown["thumbhash"] = as_base64(shown["thumbhash"])
    if not shown["aspect"] and row["width"] and row["height"]:
        shown["aspect"] = row["width"] / row["height"]
    return shown


def place_in_words(city: str | None, country: str | None) -> str | None:
    return ", ".join(part for part in (city, country) if part) or None


def as_base64(data: bytes | None) -> str | None:
    return base64.b64encode(data).decode() if data else None
