"""ThumbHash: a picture in some 21 bytes, shown until the real one is there.

The format is Evan Wallace's (https://evanw.github.io/thumbhash/); our pictures are opaque.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 100  # pixels: the longest edge that the format is defined for
FLAT = 1e-9  # amplitudes below are rounding, and differ between machines
DETAIL = 7  # cosines along the longer edge


def encode(rgb: NDArray[np.uint8]) -> bytes:
    """The hash of an (h, w, 3) array with at most 100 pixels to an edge."""
    height, width = rgb.shape[:2]
    across = max(1, _round(DETAIL * width / max(width, height)))
    down = max(1, _round(DETAIL * height / max(width, height)))
    # Fewer pixels than waves would show waves that are not there.
    rgb = rgb.repeat(DETAIL, 1) if width < max(3, across) else rgb
    rgb = rgb.repeat(DETAIL, 0) if height < max(3, down) else rgb
    red, green, blue = np.moveaxis(rgb.astype(np.float64) / 255, 2, 0)
    light = _waves((red + green + blue) / 3, max(3, across), max(3, down))
    yellow = _waves((red + green) / 2 - blue, 3, 3)
    reddish = _waves(red - green, 3, 3)
    return _header(light, yellow, reddish, width > height, across, down) + _nibbles(
        np.concatenate([light[1], yellow[1], reddish[1]])
    )


def _waves(channel: NDArray[Any], across: int, down: int) -> tuple[float, NDArray[Any], float]:
    """Mean, the triangle of cosine amplitudes scaled to 0..1, and that scale."""
    height, width = channel.shape
    amplitudes = _cosines(height, down) @ channel @ _cosines(width, across).T / channel.size
    triangle = [
        amplitudes[y, x]
        for y in range(down)
        for x in range(across)
        if x * down < across * (down - y)
    ]
    rest = np.array(triangle[1:])
    scale = float(np.abs(rest).max(initial=0.0))
    if scale < FLAT:
        return float(triangle[0]), np.zeros_like(rest), 0.0
    return float(triangle[0]), 0.5 + 0.5 / scale * rest, scale


@lru_cache(maxsize=256)
def _cosines(length: int, count: int) -> NDArray[Any]:
    return np.cos(np.pi / length * np.outer(np.arange(count), np.arange(length) + 0.5))


def _header(
    light: tuple[float, NDArray[Any], float],
    yellow: tuple[float, NDArray[Any], float],
    reddish: tuple[float, NDArray[Any], float],
    landscape: bool,
    across: int,
    down: int,
) -> bytes:
    colours = (
        _round(63 * light[0])
        | _round(31.5 + 31.5 * yellow[0]) << 6
        | _round(31.5 + 31.5 * reddish[0]) << 12
        | _round(31 * light[2]) << 18
    )
    shape = (
        (down if landscape else across)
        | _round(63 * yellow[2]) << 3
        | _round(63 * reddish[2]) << 9
        | landscape << 15
    )
    return colours.to_bytes(3, "little") + shape.to_bytes(2, "little")


def _nibbles(values: NDArray[Any]) -> bytes:
    levels = np.floor(15 * values + 0.5).astype(np.uint8)
    padded = np.append(levels, np.zeros(len(levels) % 2, np.uint8)).reshape(-1, 2)
    return (padded[:, 0] | padded[:, 1] << 4).astype(np.uint8).tobytes()


def _round(value: float) -> int:
    """Half goes up, as the format's other implementations do it."""
    return int(np.floor(value + 0.5))
