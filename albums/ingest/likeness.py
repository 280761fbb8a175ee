"""How much two pictures are the same one: resized, recompressed, brighter, cropped, with a mark.

A perceptual hash only proposes: plain skies, pages of text and views of one scene agree in it. Here
the pictures are laid on each other, and what counts is their detail, not their large shapes.
Measured by `scripts/bench duplicates`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFilter
from PIL.Image import Resampling

if TYPE_CHECKING:
    from PIL import Image

ALIKE = 0.85  # correlation of detail; other views of one scene stay below 0.65
ALIKE_AS_PRINT = 0.97  # of pages and screens, which differ in a few letters only
_SHAPES_ALIKE = 0.9  # correlation of the large shapes
_SIDE, _BLOCK = 64, 8  # pixels
_LEFT_OUT = 5  # blocks of 64: a watermark, a date that was printed on
_DETAIL = 4  # pixels around each, beyond which it is no detail
_FAINT = 1.0  # levels of grey; weaker detail is noise: a sky, a wall, the dark
_SURE = 0.95  # then no better place need be looked for
_CROPS, _PLACES = (0.02, 0.04, 0.07), (0.0, 0.5, 1.0)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Looked:
    """64 blocks of 64 values each: grey, and grey without its surroundings."""

    grey: Floats
    detail: Floats


def likeness(one: Image.Image, other: Image.Image, *, printed: bool = False) -> float:
    """Correlation of two pictures, 0..1; 0 where they are not the same one at all.

    One may be cropped from the other by up to 7 % an edge, unless they are `printed`: then
    every line must lie where it lies in the other.
    """
    first, second = one.convert("L"), other.convert("L")
    whole, whole_other = _look(first), _look(second)
    best = _correlation(whole, whole_other)
    if printed:
        return best if best >= ALIKE_AS_PRINT else 0.0
    if best < _SURE:
        cut = (_correlation(_look(first, box), whole_other) for box in _crops(first))
        cut_other = (_correlation(whole, _look(second, box)) for box in _crops(second))
        best = max(best, *cut, *cut_other)
    return best if best >= ALIKE else 0.0


def difference(one: Image.Image, other: Image.Image) -> float:
    """Levels (0..255) by which the pixels of two RGB pictures differ; 255 where their sizes do."""
    if one.size != other.size:
        return 255.0
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


def _look(grey: Image.Image, box: tuple[float, float, float, float] | None = None) -> _Looked:
    """Without the outermost, which has no surroundings: at the edge a plain sky had detail."""
    edge = _SIDE + 2 * _DETAIL
    small = grey.resize((edge, edge), Resampling.BOX, box=box)
    soft = small.filter(ImageFilter.GaussianBlur(1))  # what a smaller copy has lost, too
    inside = np.s_[_DETAIL:-_DETAIL, _DETAIL:-_DETAIL]
    values = np.asarray(soft, np.float32)[inside]
    around = np.asarray(soft.filter(ImageFilter.BoxBlur(_DETAIL)), np.float32)[inside]
    return _Looked(_blocks(values), _blocks(values - around))


def _blocks(values: Floats) -> Floats:
    across = _SIDE // _BLOCK
    cut = values.reshape(across, _BLOCK, across, _BLOCK).swapaxes(1, 2)
    return cut.reshape(across * across, _BLOCK * _BLOCK)


def _crops(image: Image.Image) -> Iterator[tuple[float, float, float, float]]:
    width, height = image.size
    for cut, across, down in product(_CROPS, _PLACES, _PLACES):
        left, top = width * cut * across, height * cut * down
        yield left, top, left + width * (1 - cut), top + height * (1 - cut)


def _correlation(one: _Looked, other: _Looked) -> float:
    """Of the detail, in the blocks that fit best."""
    apart = ((_normal(one.grey) - _normal(other.grey)) ** 2).sum(axis=1)
    kept = np.argsort(apart)[: len(apart) - _LEFT_OUT]
    if _of(one.grey[kept], other.grey[kept]) < _SHAPES_ALIKE:
        return 0.0
    return _of(one.detail[kept], other.detail[kept])


def _normal(values: Floats) -> Floats:
    normal: Floats = (values - values.mean()) / max(float(values.std()), 1e-3)
    return normal


def _of(one: Floats, other: Floats) -> float:
    if min(one.std(), other.std()) < _FAINT:
        return 0.0
    return float((_normal(one) * _normal(other)).mean())
