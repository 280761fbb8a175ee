"""What a request says of an act on many -> the act: places may be named there, too."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from albums.curate.bulk_acts import BulkAct, Times, bulk_act_of
from albums.errors import BadInput
from albums.library.database import Library

_POSITION = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*[,;\s]\s*([+-]?\d+(?:\.\d+)?)\s*", re.ASCII)


def act_of(library: Library, content: Mapping[str, Any]) -> BulkAct | Times:
    """As curate/bulk_acts.py reads it; the place may be text: "38.72, -9.14", or a city that the
    library knows. Raises BadInput."""
    if content.get("kind") != "place" or not isinstance(content.get("value"), str):
        return bulk_act_of(content)
    with library.read() as db:
        return bulk_act_of({**content, "value": position_of(db, content["value"])})


def position_of(db: sqlite3.Connection, text: str) -> list[float]:
    """[latitude, longitude] of what was typed: numbers, or the middle of all that was taken in a
    city, "Lisbon" or "Lisbon, Portugal". Raises BadInput."""
    if match := _POSITION.fullmatch(text):
        return [float(match[1]), float(match[2])]
    city, _, country = (part.strip() for part in text.partition(","))
    row = db.execute(
        """select avg(latitude) as north, avg(longitude) as east from places
           join assets on assets.id = asset_id
           where city = ?1 collate nocase and ?2 in ('', country) and latitude is not null
           group by country, region order by count(*) desc limit 1""",
        (city, country),
    ).fetchone()
    if row is None:
        raise BadInput(
            f"No photo of yours is from {text[:100]!r}, so that its place is not known",
            hint="Write latitude and longitude, as 38.72, -9.14, or a city that you have photos of",
        )
    return [round(row["north"], 5), round(row["east"], 5)]
