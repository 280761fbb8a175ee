"""Filters by where something was taken."""

from __future__ import annotations

import math
import re
import sqlite3
from dataclasses import dataclass
from typing import ClassVar, Self

from albums.errors import BadInput
from albums.search.dates import Moment
from albums.search.expression import all_words
from albums.search.filters.filter import Filter, Where, column, contains

_KM_PER_DEGREE = 111.195  # on a sphere of the mean Earth radius, 6371 km


class Place(Filter):
    key: ClassVar[str] = "place"
    also: ClassVar[tuple[str, ...]] = ("city", "region")
    hint: ClassVar[str] = 'place:lisbon, place:"New York"'
    either: ClassVar[bool] = True

    def where(self) -> Where:
        # The index of words folds accents and case, which SQLite's own comparison does not.
        return (
            "assets.id in (select rowid from words where words match ?)",
            [all_words(self.value, "place")],
        )

    @classmethod
    def suggest(cls, db: sqlite3.Connection, typed: str) -> list[str]:
        return column(
            db,
            """select city from places where city like ? escape '\\'
               group by city order by count(*) desc limit 10""",
            contains(typed)[1:],
        )


class Country(Filter):
    key: ClassVar[str] = "country"
    hint: ClassVar[str] = "country:pt or country:portugal"
    either: ClassVar[bool] = True

    def where(self) -> Where:
        return (
            """assets.id in (select asset_id from places
               where country_code in (?, ?) or country = ? collate nocase)""",
            [self.value.upper(), self.value.lower(), self.value],
        )

    @classmethod
    def suggest(cls, db: sqlite3.Connection, typed: str) -> list[str]:
        return column(
            db,
            """select country from places where country like ? escape '\\'
               group by country order by count(*) desc limit 10""",
            contains(typed)[1:],
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
