"""The library in numbers to draw: what came in by month, when in the day and with what it was
taken. Counting reads the whole library: who asks often remembers the answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = "trashed_at is null"
_CAMERAS = 8


@dataclass(frozen=True)
class Month:
    """What came in; `name` is 2024-05, in UTC."""

    name: str
    assets: int
    bytes: int


@dataclass(frozen=True)
class Plots:
    """`months` have no gaps; `hours` are 24 counts of local hours; `cameras` the most used, with
    their names; `without_hour`: assets of which no time of the day is known."""

    months: Sequence[Month]
    hours: Sequence[int]
    cameras: Sequence[tuple[str, int]]
    without_hour: int


def plots(db: sqlite3.Connection) -> Plots:
    hours, unknown = _hours(db)
    return Plots(_months(db), hours, _cameras(db), unknown)


def _months(db: sqlite3.Connection) -> list[Month]:
    rows = db.execute(
        f"""select substr(received_at, 1, 7) as month, count(*) as n, sum(size) as bytes
            from assets where {_SHOWN} group by 1 order by 1"""
    ).fetchall()
    if not rows:
        return []
    counted = {row["month"]: Month(row["month"], row["n"], row["bytes"]) for row in rows}
    return [counted.get(m) or Month(m, 0, 0) for m in _between(rows[0]["month"], rows[-1]["month"])]


def _between(first: str, last: str) -> list[str]:
    """Every month from one to the other."""
    year, month = int(first[:4]), int(first[5:7])
    found = []
    while (name := f"{year:04}-{month:02}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def _hours(db: sqlite3.Connection) -> tuple[list[int], int]:
    """Of what has a time of the day; midnight sharp is what programs write for none."""
    rows = db.execute(
        f"""select substr(captured_at, 12, 2) as hour, count(*) as n from assets
            where {_SHOWN} and kind in ('photo', 'video') and length(captured_at) >= 19
            and substr(captured_at, 12, 8) != '00:00:00' group by 1"""
    ).fetchall()
    known = {row["hour"]: row["n"] for row in rows}
    total = db.execute(
        f"select count(*) from assets where {_SHOWN} and kind in ('photo', 'video')"
    ).fetchone()[0]
    return [known.get(f"{hour:02}", 0) for hour in range(24)], total - sum(known.values())


def _cameras(db: sqlite3.Connection) -> list[tuple[str, int]]:
    rows = db.execute(
        f"""select camera, count(*) as n from assets where {_SHOWN} and camera is not null
            group by camera order by n desc, camera limit ?""",
        (_CAMERAS,),
    )
    return [(row["camera"], row["n"]) for row in rows]
