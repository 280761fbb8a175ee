"""The library as a tree: year, month, and the names that the files came with."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import PurePath

# Every asset has a day: at the very least that of its arrival.
_SHOWN = "trashed_at is null and day is not null"


@dataclass(frozen=True)
class Shown:
    """A file of the tree; `captured_utc` is seconds since 1970."""

    name: str  # unique in its month, also where case does not count
    sha: str
    extension: str
    mime: str
    size: int
    captured_utc: int
    sha1: str | None
    md5: str | None


def years(db: sqlite3.Connection) -> list[str]:
    rows = db.execute(f"select distinct substr(day, 1, 4) from assets where {_SHOWN} order by 1")
    return [row[0] for row in rows]


def months(db: sqlite3.Connection, year: str) -> list[str]:
    """ "01" to "12"."""
    rows = db.execute(
        f"""select distinct substr(day, 6, 2) from assets
            where {_SHOWN} and day >= ?1 || '-' and day < ?1 || '.' order by 1""",
        (year,),
    )
    return [row[0] for row in rows]


def files(db: sqlite3.Connection, year: str, month: str) -> dict[str, Shown]:
    """By name. Where several are called the same, the first to come keeps the name; the others
    carry the beginning of their hash, so that no name moves on when another file comes."""
    rows = db.execute(
        f"""select name, sha, extension, mime, size, captured_utc, sha1, md5 from assets
            where {_SHOWN} and day >= ?1 || '-' and day < ?1 || '.' order by id""",
        (f"{year}-{month}",),
    )
    found: dict[str, Shown] = {}
    taken: set[str] = set()
    for row in rows:
        name = _free(row["name"], row["sha"], taken)
        taken.add(name.casefold())
        found[name] = Shown(**{**dict(row), "name": name})
    return found


def _free(name: str, sha: str, taken: set[str]) -> str:
    if name in (".", ".."):
        name = f"unnamed{name}"
    path = PurePath(name)
    for digits in (0, 8, 16, 64):
        candidate = f"{path.stem} {sha[:digits]}{path.suffix}" if digits else name
        if candidate.casefold() not in taken:
            return candidate
    raise AssertionError("a hash is in the library once")
