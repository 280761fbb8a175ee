"""Filters by where something was taken."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import ClassVar, Self

from albums.errors import BadInput
from albums.search.area import Area
from albums.search.dates import Moment
from albums.search.expression import all_words
from albums.search.filters.filter import Filter, Valued, Where, counted

_MAX_PARTS = 6  # between commas
_KM_PER_DEGREE = 111.195  # on a sphere of the mean Earth radius, 6371 km


class Place(Filter):
    key: ClassVar[str] = "place"
    hint: ClassVar[str] = 'place:lisbon, place:"New York"'
    either: ClassVar[bool] = True

    def where(self) -> Where:
        # The index of words folds accents and case, which SQLite's own comparison does not.
        return (
            "assets.id in (select rowid from words where words match ?)",
            [all_words(self.value, "place")],
        )

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(db, "select city, count(*) from places where city != '' group by city")


class City(Place):
    """Exactly: one city, told from its namesakes by its country, and by its region if need be."""

    key: ClassVar[str] = "city"
    hint: ClassVar[str] = 'city:paris, or just one: city:="Paris, France"'
    loose: ClassVar[bool] = True

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(
            db,
            """select city || ', ' || country, count(*) from places
               where city != '' and country != '' group by city, country""",
        )

    def where(self) -> Where:
        if not self.exact:
            return super().where()
        alternatives: list[Where] = [
            ("city = ? and country = ?", [city, country]) for city, country in _cuts(self.value, 2)
        ]
        alternatives += [
            ("city = ? and region = ? and country = ?", list(parts))
            for parts in _cuts(self.value, 3)
        ]
        return _in_places(alternatives)


class Region(Place):
    """Exactly: a state or region of one country."""

    key: ClassVar[str] = "region"
    also: ClassVar[tuple[str, ...]] = ("state",)
    hint: ClassVar[str] = 'region:tuscany, or just one: region:="Tuscany, Italy"'
    loose: ClassVar[bool] = True

    def where(self) -> Where:
        if not self.exact:
            return super().where()
        return _in_places(
            [("region = ? and country = ?", list(parts)) for parts in _cuts(self.value, 2)]
        )

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(db, "select region, count(*) from places where region != '' group by region")


def _cuts(value: str, count: int) -> Iterator[tuple[str, ...]]:
    """Each way to cut a value into names at its commas: a name may have one itself."""
    parts = [part.strip() for part in value.split(",")][:_MAX_PARTS]
    for at in combinations(range(1, len(parts)), count - 1):
        edges = pairwise((0, *at, len(parts)))
        yield tuple(", ".join(parts[start:end]) for start, end in edges)


def _in_places(alternatives: list[Where]) -> Where:
    """Assets of which the place meets one of these conditions."""
    ids = [f"select asset_id from places where {condition}" for condition, _ in alternatives]
    values = [value for _, values in alternatives for value in values]
    return f"assets.id in ({' union all '.join(ids) or 'select null where 0'})", values


class Country(Filter):
    key: ClassVar[str] = "country"
    hint: ClassVar[str] = "country:pt or country:portugal"
    either: ClassVar[bool] = True
    loose: ClassVar[bool] = True

    def where(self) -> Where:
        if self.exact:
            return _in_places([("country = ?", [self.value])])
        return (
            """assets.id in (select asset_id from places
               where country_code in (?, ?) or country = ? collate nocase)""",
            [self.value.upper(), self.value.lower(), self.value],
        )

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(
            db, "select country, count(*) from places where country != '' group by country"
        )


@dataclass(frozen=True)
class Near(Filter):
    latitude: float = 0.0
    longitude: float = 0.0
    radius: float = 5.0  # km

    key: ClassVar[str] = "near"
    hint: ClassVar[str] = "near:38.7,-9.1 or near:38.7,-9.1,20km (5 km where not said)"
    either: ClassVar[bool] = True

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        number = r"\s*([+-]?\d+(?:\.\d+)?)\s*"
        match = re.fullmatch(rf"{number},{number}(?:,{number}(km|m)?\s*)?", value)
        if not match:
            raise BadInput(
                f"{value!r} is not a position",
                hint="Write latitude,longitude and, if you like, a radius: near:38.7,-9.1,5km",
            )
        radius = float(match[3] or 5) / (1000 if match[4] == "m" else 1)
        latitude, longitude = float(match[1]), float(match[2])
        if abs(latitude) > 90 or abs(longitude) > 180 or not 0 < radius <= 500:
            raise BadInput(
                f"{value!r} is not on the map",
                why="Latitude is -90 to 90, longitude -180 to 180, the radius up to 500 km",
            )
        return cls(value, False, latitude, longitude, radius)

    def where(self) -> Where:
        # A flat map around the point: within 1 % at these radii, away from the poles.
        squeeze = max(math.cos(math.radians(self.latitude)), 0.01)
        reach = self.radius / _KM_PER_DEGREE
        east = "min(abs(assets.longitude - ?), 360 - abs(assets.longitude - ?))"
        return (
            f"""assets.latitude between ? and ? and
            (assets.latitude - ?) * (assets.latitude - ?) + {east} * {east} * ? <= ?""",
            [
                self.latitude - reach, self.latitude + reach, self.latitude, self.latitude,
                *[self.longitude] * 4, squeeze * squeeze, reach * reach,
            ],
        )  # fmt: skip

    def words(self) -> str:
        return f"within {self.radius:g} km of {self.latitude:g}, {self.longitude:g}"


@dataclass(frozen=True)
class Within(Filter):
    area: Area = Area(-90, -180, 90, 180)

    key: ClassVar[str] = "within"
    hint: ClassVar[str] = "within:38.5,-9.5,38.9,-9 (south,west,north,east)"

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        return cls(value, False, Area.parse(value))

    def where(self) -> Where:
        area = self.area
        between = "assets.longitude between ? and ?"
        if area.crosses:
            between = "(assets.longitude >= ? or assets.longitude <= ?)"
        return (
            f"assets.latitude between ? and ? and {between}",
            [area.south, area.north, area.west, area.east],
        )

    def words(self) -> str:
        return "in a part of the map"
