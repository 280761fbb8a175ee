"""What a drawn map shows: a rectangle of the Mercator map of the world."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from albums.search.area import Area
from albums.search.map import TILE, latitude_at, project

PIXELS = (1000, 560)
_NEAREST = 0.0004  # of the world's width: about ten kilometres
_AROUND = 1.3  # so that nothing lies on the edge


@dataclass(frozen=True)
class View:
    """`left` and `top` count from 0 to 1 over the world; so does `width`."""

    left: float
    top: float
    width: float
    pixels: tuple[int, int] = PIXELS

    @classmethod
    def of(cls, area: Area, pixels: tuple[int, int] = PIXELS, nearest: float = _NEAREST) -> Self:
        """With room around the area, and never more than the world once."""
        x, y = _on_map(area.north, area.west)
        across, down = area.width / 360, _on_map(area.south, area.west)[1] - y
        wide = pixels[0] / pixels[1]
        width = min(max(across * _AROUND, down * _AROUND * wide, nearest), 1)
        left = x + across / 2 - width / 2 if width < 1 else 0
        top = y + down / 2 - width / wide / 2
        return cls(left, min(max(top, 0), 1 - width / wide), width, pixels)

    @property
    def height(self) -> float:
        return self.width * self.pixels[1] / self.pixels[0]

    @property
    def scale(self) -> float:
        """Pixels of the whole world."""
        return self.pixels[0] / self.width

    @property
    def zoom(self) -> float:
        return math.log2(self.scale / TILE)

    def area(self) -> Area:
        if self.width >= 1:
            return Area(latitude_at(self.top + self.height), -180, latitude_at(self.top), 180)
        west, east = ((at * 360) % 360 - 180 for at in (self.left, self.left + self.width))
        return Area(latitude_at(self.top + self.height), west, latitude_at(self.top), east)

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        x, y = _on_map(latitude, longitude)
        right = (x - self.left) % 1
        return right * self.scale, (y - self.top) * self.scale


def _on_map(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = project(np.array([[latitude, longitude]]))
    return float(x[0]), float(y[0])
