"""Counted lists to browse by, and the numbers of the library as a whole.

What is counted is what the query of a name finds (`camera:="its name"`): hidden assets too, though
none of them is ever a cover. Counting reads the whole library: who asks often remembers the answer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from albums.library.looks import WITH_LOOK

SHOWN = "assets.trashed_at is null and assets.top_id is null"
# What people like to come back to. The query is:memory asks for the same.
MEMORIES = f"""assets.kind in ('photo', 'video') and assets.hidden = 0
    and assets.id not in ({WITH_LOOK})"""
_NEWEST = 100
_LEAST = 10**12  # more than any captured_utc; what ranks below may not be a cover
# Favourites first, then what is rated, no screenshots, photos before films; of equals the newest.
RANK = f"""case when assets.hidden or not exists (
        select 1 from pictures where pictures.asset_id = assets.id) then 0
    else (16 * assets.favourite + coalesce(assets.rating, 0)
        + 8 * (assets.kind in ('photo', 'video') and assets.id not in ({WITH_LOOK}))
        + 4 * (assets.kind = 'photo') + 1) * {_LEAST} end + coalesce(assets.captured_utc, 0)"""
_ABOUT = f"""count(*) as assets, min(assets.day) as first, max(assets.day) as last,
    assets.sha as cover, max({RANK}) as rank"""


@dataclass(frozen=True)
class Counted:
    """`assets` that share something, the days of the first and the last one, and the picture that
    stands for them: the SHA-256 of its asset, None where there is none to show."""

    assets: int
    first: str | None
    last: str | None
    cover: str | None
    rank: int  # of the cover

    def __add__(self, other: Counted) -> Counted:
        """Both together, if they have no asset in common."""
        better = self if self.rank >= other.rank else other
        return Counted(
            self.assets + other.assets,
            min(self.first or other.first or "", other.first or self.first or "") or None,
            max(self.last or "", other.last or "") or None,
            better.cover,
            better.rank,
        )


@dataclass(frozen=True)
class Named:
    """A tag, camera, lens, person, year or month and its assets."""

    name: str
    about: Counted


@dataclass(frozen=True)
class Gear:
    """What was taken with one lens on one camera; '' where it is not known."""

    camera: str
    lens: str
    about: Counted


@dataclass(frozen=True)
class InYear:
    """What was taken in one city in one year. `city` is empty far from any, `region` where there
    is none."""

    country: str
    country_code: str | None
    region: str
    city: str
    year: str
    about: Counted


def gear(db: sqlite3.Connection) -> list[Gear]:
    """Each camera with each lens."""
    rows = db.execute(
        f"""select coalesce(camera, '') as camera, coalesce(lens, '') as lens, {_ABOUT}
            from assets where {SHOWN} and (camera is not null or lens is not null) group by 1, 2"""
    )
    return [Gear(row["camera"], row["lens"], _counted(row)) for row in rows]


def places(db: sqlite3.Connection) -> list[InYear]:
    """Each city in each year."""
    rows = db.execute(
        f"""select country, country_code, region, city, substr(day, 1, 4) as year, {_ABOUT}
            from places join assets on assets.id = asset_id
            where {SHOWN} and country != '' group by 1, 3, 4, 5"""
    )
    return [
        InYear(
            row["country"],
            row["country_code"],
            row["region"] or "",
            row["city"] or "",
            row["year"] or "",
            _counted(row),
        )
        for row in rows
    ]


def months(db: sqlite3.Connection) -> list[Named]:
    """2024-05, newest first."""
    rows = db.execute(
        f"""select substr(day, 1, 7) as name, {_ABOUT} from assets
            where {SHOWN} and day is not null group by 1 order by 1 desc"""
    )
    return [Named(row["name"], _counted(row)) for row in rows]


def people(db: sqlite3.Connection) -> list[Named]:
    """By the names that files, exports and the person gave. Whoever is alone on a picture is its
    cover sooner."""
    rows = db.execute(
        f"""with said as (
                select distinct coalesce(top_id, assets.id) as id, who.value as name,
                    json_array_length(claims.value) = 1 as alone
                from claims join assets on assets.id = asset_id, json_each(claims.value) as who
                where field = 'people' and who.value != ''),
            named as (select id, name, max(alone) as alone from said group by id, name)
            select named.name, count(*) as assets, min(day) as first, max(day) as last,
                assets.sha as cover, max({RANK} + (alone and not hidden) * 32 * {_LEAST}) as rank
            from named join assets using (id) where {SHOWN} group by named.name"""
    )
    return [Named(row["name"], _counted(row)) for row in rows]


def tags(db: sqlite3.Connection) -> list[Named]:
    """Tags with the number of assets that have them, most first; without covers, of which there
    would be thousands."""
    rows = db.execute(
        f"""select tag as name, count(distinct asset_id) as assets, min(day) as first,
                max(day) as last, null as cover, 0 as rank
            from tags join assets on assets.id = asset_id
            where {SHOWN} group by tag order by 2 desc, 1"""
    )
    return [Named(row["name"], _counted(row)) for row in rows]


def newest_with(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, str]:
    """For each tag a photo that no tag before it has, out of its newest: the SHA-256."""
    found: dict[str, str] = {}
    for name in names:
        row = db.execute(
            f"""with newest as (
                    select id, sha from assets where {SHOWN} and hidden = 0 and kind = 'photo'
                    and captured_utc is not null
                    and exists (select 1 from tags where asset_id = assets.id and tag = ?)
                    order by captured_utc desc limit {_NEWEST})
                select sha from newest
                where exists (select 1 from pictures where asset_id = newest.id)
                and sha not in (select value from json_each(?)) limit 1""",
            (name, json.dumps(list(found.values()))),
        ).fetchone()
        if row:
            found[name] = row["sha"]
    return found


def totals(db: sqlite3.Connection) -> dict[str, Any]:
    """How many files there are, of which kind, and how large; how many of them lie under another
    in a stack, and how many are in the trash."""
    kinds = db.execute(
        """select kind, count(*) as n, sum(size) as bytes from assets
           where trashed_at is null group by kind order by n desc"""
    ).fetchall()
    stacked = db.execute("select count(*) as n from assets where top_id is not null")
    trashed = db.execute("select count(*) as n from assets where trashed_at is not null")
    return {
        "total": sum(row["n"] for row in kinds),
        "by_kind": {row["kind"]: row["n"] for row in kinds},
        "bytes": sum(row["bytes"] for row in kinds),
        "stacked": stacked.fetchone()["n"],
        "trashed": trashed.fetchone()["n"],
    }


def _counted(row: sqlite3.Row) -> Counted:
    return Counted(row["assets"], row["first"], row["last"], cover_of(row), row["rank"])


def cover_of(row: sqlite3.Row) -> str | None:
    """`cover`, unless its `rank` says that it may not be one."""
    return str(row["cover"]) if row["rank"] >= _LEAST else None


# --- the same, put together

T = TypeVar("T", Gear, InYear, Named)
K = TypeVar("K", bound=Hashable)


def together(counted: Iterable[T], key: Callable[[T], K]) -> dict[K, Counted]:
    """All that have one key as one; what has no key ('' or None) is left out."""
    found: dict[K, Counted] = {}
    for one in counted:
        if name := key(one):
            found[name] = found[name] + one.about if name in found else one.about
    return found
