"""How a picture is made up, in a few cheap numbers: is it drawn evenly, is it paper with text?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

_SAME = 1  # levels: as near to each other as the encoder leaves pixels of one colour
_STRIPS = 8  # a page that is a little askew still has straight lines in each
_LINE = (3, 45)  # pixels high, of text in a picture of 800
_INK = 0.72  # of the paper around it: darker is ink
_LEAST = 100  # pixels on the shorter edge: smaller ones tell nothing
_BLOCK = 16  # pixels: paper is found in each
Grey = NDArray[np.float32]


@dataclass(frozen=True)
class Drawing:
    """Shares (0..1), but `lines` and `strokes`.

    flat: pixels equal to their neighbours. rows: rows that are one colour from edge to edge.
    paper: pixels that are bright and without colour. ink: pixels much darker than the paper
    around them. lines: of ink, below each other. strokes: how often a row of ink changes to paper
    and back, a hundred pixels. outlined_top, outlined_bottom: white pixels that touch black ones
    in the upper and the lower quarter, as captions of memes are drawn.
    """

    flat: float
    rows: float
    paper: float
    ink: float
    lines: float
    strokes: float
    outlined_top: float
    outlined_bottom: float


def drawing_of(image: Image.Image) -> Drawing | None:
    """Of a picture of about 800 pixels; None of one that is too small to tell."""
    if min(image.size) < _LEAST:
        return None
    pixels = np.asarray(image.convert("RGB"), np.int16)
    same = _same(pixels)
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    colour = pixels.max(2) - pixels.min(2)
    ink = _ink(grey)
    return Drawing(
        float(same.mean()),
        float((same.mean(1) > 0.98).mean()),
        float(((grey > 0.62 * np.percentile(grey, 95)) & (grey > 110) & (colour < 48)).mean()),
        float(ink.mean()),
        _lines(ink),
        _strokes(ink),
        *(_outlined(band) for band in _bands(grey, colour)),
    )


def _same(pixels: NDArray[np.int16]) -> NDArray[np.bool_]:
    right = np.abs(np.diff(pixels, axis=1)).max(2)[:-1] <= _SAME
    below = np.abs(np.diff(pixels, axis=0)).max(2)[:, :-1] <= _SAME
    found: NDArray[np.bool_] = right & below
    return found


def _ink(grey: Grey) -> NDArray[np.bool_]:
    """Darker than the brightest of its surroundings: light falls unevenly on paper."""
    height, width = (side // _BLOCK * _BLOCK for side in grey.shape)
    whole = grey[:height, :width]
    blocks = whole.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    paper = np.percentile(blocks, 90, axis=(1, 3))
    around = np.repeat(np.repeat(paper, _BLOCK, 0), _BLOCK, 1)
    found: NDArray[np.bool_] = whole < _INK * around
    return found


def _lines(ink: NDArray[np.bool_]) -> float:
    """How many lines of text stand below each other, by the median of upright strips."""
    counts = []
    for strip in np.array_split(ink, _STRIPS, axis=1):
        dark = np.concatenate(([False], strip.mean(1) > 0.04, [False])).astype(np.int8)
        starts, ends = np.flatnonzero(np.diff(dark) == 1), np.flatnonzero(np.diff(dark) == -1)
        heights = ends - starts
        counts.append(int(((heights >= _LINE[0]) & (heights <= _LINE[1])).sum()))
    return float(np.median(counts))


def _strokes(ink: NDArray[np.bool_]) -> float:
    """How often a row of ink goes from ink to paper, a hundred pixels: letters do, edges do not."""
    rows = ink[ink.mean(1) > 0.02]
    if not rows.size:
        return 0.0
    return float(np.abs(np.diff(rows.astype(np.int8), axis=1)).mean() * 50)


def _bands(grey: Grey, colour: NDArray[np.int16]) -> tuple[tuple[Grey, NDArray[np.int16]], ...]:
    quarter = max(grey.shape[0] // 4, 1)
    return ((grey[:quarter], colour[:quarter]), (grey[-quarter:], colour[-quarter:]))


def _outlined(band: tuple[Grey, NDArray[np.int16]]) -> float:
    grey, colour = band
    plain = colour < 40
    white, black = (grey > 215) & plain, (grey < 50) & plain
    near = np.zeros_like(white)
    for step in (2, 4):
        near[:, step:] |= black[:, :-step]
        near[:, :-step] |= black[:, step:]
        near[step:] |= black[:-step]
        near[:-step] |= black[step:]
    return float((white & near).mean())
