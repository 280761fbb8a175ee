"""Trips: days in a row far from home, found by where photos were taken.

Home is where there are photos of the most days, in the years around: people move.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from albums.library.browse import MEMORIES, RANK, SHOWN, cover_of

FAR_KM = 80.0
_GAP = timedelta(days=3)  # a day or two without a photo do not end a trip
_LONGEST = timedelta(days=120)  # who stays longer lives there
_LEAST = 5  # photos of a trip
_LEAST_A_DAY = 10  # if it is only a day
_YEARS_AROUND = 1
_FEW_DAYS = 10  # at the place of most: too few to say where home was then
_KM_PER_DEGREE = 111.195

Cell = tuple[float, float]  # a tenth of a degree wide: latitude, longitude


@dataclass(frozen=True)
class Trip:
    """`title` names its main places; `cover` is the SHA-256 of a picture."""

    first: date
    last: date
    title: str
    photos: int
    cover: str | None


def trips(db: sqlite3.Connection) -> list[Trip]:
    """Latest first."""
    spans = away(_days(db))
    rows = db.execute(
        f"""select trip.key as trip, city, region, country, count(*) as photos,
                assets.sha as cover, max({RANK}) as rank
            from json_each(?) as trip
            cross join assets on day >= trip.value ->> 0 and day <= trip.value ->> 1
            left join places on places.asset_id = assets.id
            where {SHOWN} and {MEMORIES} group by 1, 2, 3, 4""",
        (json.dumps([[str(first), str(last)] for first, last in spans]),),
    ).fetchall()
    found = defaultdict(list)
    for row in rows:
        found[row["trip"]].append(row)
    return [_trip(*spans[at], found[at]) for at in reversed(range(len(spans))) if at in found]


def _trip(first: date, last: date, rows: Sequence[sqlite3.Row]) -> Trip:
    places = {
        (row["city"] or "", row["region"] or "", row["country"]): row["photos"]
        for row in rows
        if row["country"]
    }
    best = max(rows, key=lambda row: row["rank"])
    return Trip(first, last, title(places), sum(row["photos"] for row in rows), cover_of(best))


def _days(db: sqlite3.Connection) -> dict[date, Counter[Cell]]:
    """How many photos were taken where on each day, in order."""
    rows = db.execute(
        f"""select day, round(latitude, 1), round(longitude, 1), count(*) from assets
            where {SHOWN} and {MEMORIES} and latitude is not null and longitude is not null
            and day is not null group by 1, 2, 3 order by 1"""
    )
    days: dict[date, Counter[Cell]] = defaultdict(Counter)
    for day, latitude, longitude, photos in rows:
        days[date.fromisoformat(day)][latitude, longitude] = photos
    return days


# --- pure


def away(days: dict[date, Counter[Cell]]) -> list[tuple[date, date]]:
    """First and last day of each trip, earliest first. `days` ascend."""
    homes = _homes(days)
    runs: list[list[date]] = []
    before: date | None = None  # the last day that was spent away, if none at home came since
    for day, cells in days.items():
        if _far(cells, homes[day.year]):
            if before and day - before <= _GAP:
                runs[-1].append(day)
            else:
                runs.append([day])
            before = day
        else:
            before = None
    return [(run[0], run[-1]) for run in runs if _is_trip(run, days)]


def _is_trip(run: Sequence[date], days: dict[date, Counter[Cell]]) -> bool:
    photos = sum(days[day].total() for day in run)
    return photos >= (_LEAST if len(run) > 1 else _LEAST_A_DAY) and run[-1] - run[0] <= _LONGEST


def _far(cells: Counter[Cell], home: Cell) -> bool:
    """Was most of the day far from home?"""
    far = sum(photos for cell, photos in cells.items() if km(cell, home) >= FAR_KM)
    return 2 * far > cells.total()


def _homes(days: dict[date, Counter[Cell]]) -> dict[int, Cell]:
    """For each year the cell with photos of the most days, the years around it included."""
    in_year: dict[int, Counter[Cell]] = defaultdict(Counter)
    for day, cells in days.items():
        in_year[day.year].update(cells.keys())
    ever: Counter[Cell] = Counter()
    for cells in in_year.values():
        ever.update(cells)
    homes = {}
    for year in in_year:
        around = range(year - _YEARS_AROUND, year + _YEARS_AROUND + 1)
        total: Counter[Cell] = Counter()
        for near in around:
            total.update(in_year.get(near, Counter()))
        cell, days_there = total.most_common(1)[0]
        homes[year] = cell if days_there >= _FEW_DAYS else ever.most_common(1)[0][0]
    return homes


def km(one: Cell, other: Cell) -> float:
    """Along the sphere."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(a), math.radians(b)) for a, b in (one, other))
    inside = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * math.degrees(math.asin(math.sqrt(min(1.0, inside)))) * _KM_PER_DEGREE


def title(places: dict[tuple[str, str, str], int]) -> str:
    """ "Lisbon & Sintra", "Tuscany", "Spain & Portugal", from the photos of each city, region and
    country; '' where nobody knows."""
    for level in (0, 1, 2):
        named: Counter[str] = Counter()
        for names, photos in places.items():
            named[names[level]] += photos
        if (said := _main(named, last=level == 2)) is not None:
            return said
    return ""


def _main(named: Counter[str], *, last: bool) -> str | None:
    """One or two names that most photos have; None where no two do."""
    total = named.total()
    best = [(name, photos) for name, photos in named.most_common(3) if name]
    if not best:
        return "" if last else None
    first, second = best[0], best[1] if len(best) > 1 else ("", 0)
    if first[1] >= 0.8 * total or (not second[0] and first[1] * 2 > total):
        return first[0]
    if first[1] + second[1] >= 0.7 * total:
        return f"{first[0]} & {second[0]}"
    if last:
        return ", ".join(name for name, _ in best[:2]) + " & more"
    return None
