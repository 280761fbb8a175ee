"""A part of the map between two parallels and two meridians; it may cross the antimeridian."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Self

from albums.errors import BadInput

_UNITS = 100_000  # a degree
_NUMBER = r"\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*"


@dataclass(frozen=True)
class Area:
    """Degrees. `west` > `east` goes on over the antimeridian."""

    south: float
    west: float
    north: float
    east: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """south,west,north,east. Raises BadInput."""
        match = re.fullmatch(",".join([_NUMBER] * 4), text)
        if not match:
            raise BadInput(
                f"{text!r} is not a part of the map",
                hint="Write south,west,north,east in degrees: within:38.5,-9.5,38.9,-9",
            )
        south, west, north, east = map(float, match.groups())
        if not -90 <= south <= north <= 90 or max(abs(west), abs(east)) > 180:
            raise BadInput(
                f"{text!r} is not on the map",
                why="Latitude is -90 to 90, south first; longitude -180 to 180",
            )
        return cls(south, west, north, east)

    @property
    def crosses(self) -> bool:
        """Does it go over the antimeridian?"""
        return self.west > self.east

    @property
    def width(self) -> float:
        """Degrees of longitude."""
        return self.east - self.west + 360 * self.crosses

    def rounded(self) -> Area:
        """To whole units of what the text says, a metre, and none of it lost."""
        south, west = (math.floor(n * _UNITS) / _UNITS for n in (self.south, self.west))
        north, east = (math.ceil(n * _UNITS) / _UNITS for n in (self.north, self.east))
        return Area(max(south, -90), max(west, -180), min(north, 90), min(east, 180))

    def __str__(self) -> str:
        return ",".join(f"{n:.5f}".rstrip("0").rstrip(".") for n in vars(self).values())
