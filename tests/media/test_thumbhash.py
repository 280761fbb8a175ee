from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from albums.media import thumbhash

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pattern(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    planes = (x * 37 + y * 11 + seed * 5, x * y + seed * 40, y * 53 + x * 3)
    return np.stack([plane % 256 for plane in planes], -1).astype(np.uint8)


# What the format's own implementation (npm thumbhash 0.1.1) says of the same pixels.
REFERENCE = [
    (100, 75, 0, "df0702058200222340656550632665514040f1fdeb"),
    (75, 100, 1, "df0702050010224256353544535335347070f1fdeb"),
    (100, 100, 2, "df0702070038356787956776417145350857739f9d380903"),
    (100, 13, 3, "20f80109826c868769637407faba0b1367"),
    (9, 5, 4, "a198096492369886708786788786587f888086"),
]


@pytest.mark.parametrize(("width", "height", "seed", "wanted"), REFERENCE)
def test_the_hash_is_the_reference_implementations(
    width: int, height: int, seed: int, wanted: str
) -> None:
    assert thumbhash.encode(pattern(width, height, seed)).hex() == wanted


def decoded(hash: bytes) -> NDArray[Any]:
    """(32, 32, 3) values 0..255 of an opaque hash, by the format's description."""
    first, second = int.from_bytes(hash[:3], "little"), int.from_bytes(hash[3:5], "little")
    landscape, small = second >> 15, second & 7
    nx, ny = (7, small) if landscape else (small, 7)
    values = [(hash[5 + n // 2] >> (n & 1) * 4 & 15) / 7.5 - 1 for n in range(2 * len(hash[5:]))]
    taken = iter(values)
    u = (np.arange(32) + 0.5) / 32

    def channel(mean: float, scale: float, wide: int, high: int) -> NDArray[Any]:
        plane = np.full((32, 32), mean)
        for cy in range(high):
            for cx in range(0 if cy else 1, wide):
                if cx * high < wide * (high - cy):
                    wave = np.outer(np.cos(math.pi * cy * u), np.cos(math.pi * cx * u))
                    plane += next(taken) * scale * wave * 2
        return plane

    light = channel((first & 63) / 63, (first >> 18 & 31) / 31, max(3, nx), max(3, ny))
    yellow = channel((first >> 6 & 63) / 31.5 - 1, (second >> 3 & 63) / 63 * 1.25, 3, 3)
    reddish = channel((first >> 12 & 63) / 31.5 - 1, (second >> 9 & 63) / 63 * 1.25, 3, 3)
    blue = light - 2 / 3 * yellow
    red = (3 * light - blue + reddish) / 2
    seen: NDArray[Any] = np.stack([red, red - reddish, blue], -1) * 255
    return seen.clip(0, 255)


def test_a_decoder_sees_the_picture_again() -> None:
    y, x = np.mgrid[0:64, 0:96]
    picture = np.stack([255 * x / 95, 255 * y / 63, np.full(x.shape, 90.0)], -1).astype(np.uint8)
    seen = decoded(thumbhash.encode(picture))
    wanted = picture[1::2, 1::3].astype(float)
    assert np.abs(seen - wanted).mean() < 16


@pytest.mark.parametrize("size", [(1, 1), (1, 100), (100, 1), (3, 2)])
def test_one_colour_gives_that_colour_at_any_size(size: tuple[int, int]) -> None:
    flat = np.full((*size, 3), (200, 100, 50), np.uint8)
    assert np.abs(decoded(thumbhash.encode(flat)) - (200, 100, 50)).max() < 8
