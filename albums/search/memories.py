"""Memories: what was taken on this day, and in this week, of other years."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from albums.library.browse import MEMORIES, RANK, SHOWN, cover_of

_FIRST_YEAR = 1826  # of the oldest photograph
AROUND = 3  # days before and after, in a week


@dataclass(frozen=True)
class Memory:
    """What was taken from `first` to `last`, so many years ago."""

    first: date
    last: date
    years: int
    photos: int
    cover: str | None  # SHA-256


@dataclass(frozen=True)
class Memories:
    """Of other years, latest first."""

    of_day: list[Memory]
    of_week: list[Memory]


def memories(db: sqlite3.Connection, today: date) -> Memories:
    """Of `today` and the days around it."""
    days = {
        str(middle + timedelta(days=after)): middle
        for middle in _same_day(today)
        for after in range(-AROUND, AROUND + 1)
    }
    rows = db.execute(
        f"""select day, count(*) as photos, assets.sha as cover, max({RANK}) as rank
            from json_each(?) as wanted cross join assets on day = wanted.value
            where {SHOWN} and {MEMORIES} group by day order by day desc""",
        (json.dumps(list(days)),),
    ).fetchall()
    of_week = defaultdict(list)
    of_day = defaultdict(list)
    for row in rows:
        middle = days[row["day"]]
        of_week[middle].append(row)
        if row["day"] == str(middle):
            of_day[middle].append(row)
    return Memories(
        [_memory(today, middle, 0, found) for middle, found in of_day.items()],
        [_memory(today, middle, AROUND, found) for middle, found in of_week.items()],
    )


def _memory(today: date, middle: date, around: int, rows: list[sqlite3.Row]) -> Memory:
    best = max(rows, key=lambda row: row["rank"])
    return Memory(
        middle - timedelta(days=around),
        middle + timedelta(days=around),
        today.year - middle.year,
        sum(row["photos"] for row in rows),
        cover_of(best),
    )


def _same_day(today: date) -> list[date]:
    """In each earlier year; 29 February only where there is one."""
    days = []
    for year in range(_FIRST_YEAR, today.year):
        try:
            days.append(today.replace(year=year))
        except ValueError:
            continue
    return days
