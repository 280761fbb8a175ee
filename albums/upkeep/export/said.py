"""What the library says of the assets that leave, read in one go for many."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from albums.library.facts import Claim, people_in, rank
from albums.upkeep.export.tree import Leaving

_RAW = re.compile(r"image/x-(?!adobe-|ms-|win-)[a-z]+-[a-z0-9]+")  # image/x-canon-cr2


@dataclass(frozen=True)
class Caption:
    """The words of a model, kept apart from those of people."""

    title: str
    description: str
    model: str
    version: str
    written_at: str


@dataclass(frozen=True)
class Said:
    """Of one asset, as its sidecar will say it."""

    sha: str
    name: str  # file name as it came in
    captured_at: str | None = None  # ISO 8601, local, with offset where known
    date_from: str | None = None  # who says so: person, exif, name, file, ...
    latitude: float | None = None  # degrees
    longitude: float | None = None
    title: str | None = None  # what the person or the file says
    description: str | None = None
    rating: int | None = None  # 0..5
    favourite: bool = False
    hidden: bool = False
    received_at: str = ""
    city: str | None = None
    region: str | None = None
    country: str | None = None
    country_code: str | None = None
    caption: Caption | None = None
    tags: tuple[str, ...] = ()
    machine_tags: tuple[str, ...] = ()  # those of `tags` that only models say
    people: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


def leaving(db: sqlite3.Connection, *, with_trash: bool) -> list[Leaving]:
    """Every asset that leaves, in the order in which they came in."""
    rows = db.execute(
        """select a.id, a.sha, a.name, a.extension, a.size, a.captured_at, a.captured_utc,
                  a.received_at, a.mime, lead.sha as lead, lead.captured_at as lead_at
           from assets a
           left join (select other_id, min(photo_id) as photo_id from companions group by other_id)
                     on other_id = a.id
           left join assets lead on lead.id = photo_id and (?1 or lead.trashed_at is null)
           where ?1 or a.trashed_at is null order by a.received_at, a.sha""",
        (with_trash,),
    )
    return [
        Leaving(
            row["id"], row["sha"], row["name"], row["extension"], row["size"], row["captured_at"],
            row["received_at"], _seconds(row), bool(_RAW.fullmatch(row["mime"])),
            row["lead"], row["lead_at"],
        )
        for row in rows
    ]  # fmt: skip


# What only the timeline leaves out, for its look, is not hidden as somebody wanted it.
_BY_LOOK = """exists (select 1 from claims where asset_id = a.id and field = 'hidden'
                      and source = 'look')
              and not exists (select 1 from claims where asset_id = a.id and field = 'hidden'
                              and source != 'look' and value = 'true')"""


def _seconds(row: sqlite3.Row) -> int:
    if row["captured_utc"] is not None:
        return int(row["captured_utc"])
    return int(datetime.fromisoformat(row["received_at"]).timestamp())


def said_of(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Said]:
    """Asset id -> what is said of it. Who is gone meanwhile is left out."""
    chosen = json.dumps(list(ids))
    captions, tags = _captions(db, chosen), _tags(db, chosen)
    collections, dates = _collections(db, chosen), _date_sources(db, chosen)
    people = _people_claimed(db, chosen)
    rows = db.execute(
        f"""select a.id, a.sha, a.name, captured_at, latitude, longitude, title, description,
                  rating, favourite, hidden and not ({_BY_LOOK}) as hidden, received_at,
                  city, region, country, country_code,
                  json_extract(exif.tags, '$.xmp."Iptc4xmpExt:PersonInImage"') as persons,
                  json_extract(exif.tags, '$.xmp."mwg-rs:Regions"') as regions
           from assets a left join places on places.asset_id = a.id
           left join exif on exif.asset_id = a.id
           where a.id in (select value from json_each(?))""",
        (chosen,),
    )
    found = {}
    for row in rows:
        known = {key: row[key] for key in row.keys() if key not in ("id", "persons", "regions")}  # noqa: SIM118
        known |= {"favourite": bool(row["favourite"]), "hidden": bool(row["hidden"])}
        found[row["id"]] = Said(
            **known,
            date_from=dates.get(row["id"]),
            caption=captions.get(row["id"]),
            tags=tuple(tag for tag, _ in tags[row["id"]]),
            machine_tags=tuple(tag for tag, machine in tags[row["id"]] if machine),
            people=tuple(
                dict.fromkeys([*people[row["id"]], *_people(row["persons"], row["regions"])])
            ),
            collections=tuple(collections[row["id"]]),
        )
    return found


def _date_sources(db: sqlite3.Connection, chosen: str) -> dict[int, str]:
    """Asset id -> the source whose date is believed."""
    rows = db.execute(
        """select asset_id, source, confidence from claims
           where field = 'captured_at' and asset_id in (select value from json_each(?))""",
        (chosen,),
    )
    claims: dict[int, list[Claim]] = defaultdict(list)
    for asset_id, source, confidence in rows:
        claims[asset_id].append(Claim("captured_at", None, source, confidence))
    return {asset_id: max(said, key=rank).source for asset_id, said in claims.items()}


def _people_claimed(db: sqlite3.Connection, chosen: str) -> dict[int, list[str]]:
    """Asset id -> who is on it, as a person or an export said."""
    rows = db.execute(
        """select asset_id, source, value, confidence from claims
           where field = 'people' and asset_id in (select value from json_each(?))""",
        (chosen,),
    )
    claims: dict[int, list[Claim]] = defaultdict(list)
    for asset_id, source, value, confidence in rows:
        claims[asset_id].append(Claim("people", json.loads(value), source, confidence))
    return defaultdict(list, {asset_id: people_in(said) for asset_id, said in claims.items()})


def _captions(db: sqlite3.Connection, chosen: str) -> dict[int, Caption]:
    rows = db.execute(
        """select asset_id, title, description, model, version, written_at from captions
           where author = 'model' and asset_id in (select value from json_each(?))""",
        (chosen,),
    )
    return {row[0]: Caption(*tuple(row)[1:]) for row in rows}


def _tags(db: sqlite3.Connection, chosen: str) -> dict[int, list[tuple[str, bool]]]:
    rows = db.execute(
        """select asset_id, tag, min(source in ('labels', 'caption')) from tags
           where asset_id in (select value from json_each(?))
           group by asset_id, tag order by tag""",
        (chosen,),
    )
    found: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for asset_id, tag, machine in rows:
        found[asset_id].append((tag, bool(machine)))
    return found


def _collections(db: sqlite3.Connection, chosen: str) -> dict[int, list[str]]:
    rows = db.execute(
        """select asset_id, name from collection_assets
           join collections on collections.id = collection_id
           where asset_id in (select value from json_each(?)) order by name""",
        (chosen,),
    )
    found: dict[int, list[str]] = defaultdict(list)
    for asset_id, name in rows:
        found[asset_id].append(name)
    return found


def _people(persons: str | None, regions: str | None) -> list[str]:
    """Who is on it, as the file itself says: whoever reads the sidecar may not look there."""
    named = _decoded(persons)
    found = named if isinstance(named, list) else [named]
    areas = _decoded(regions)
    listed = areas.get("mwg-rs:RegionList", []) if isinstance(areas, dict) else []
    for area in listed if isinstance(listed, list) else []:
        if isinstance(area, dict) and area.get("mwg-rs:Type", "Face") == "Face":
            found.append(area.get("mwg-rs:Name"))
    return list(dict.fromkeys(name for name in found if isinstance(name, str) and name))


def _decoded(value: str | None) -> Any:
    """JSON, or the plain text that SQLite makes of a JSON string."""
    if not value or value[0] not in "[{":
        return value
    return json.loads(value)
