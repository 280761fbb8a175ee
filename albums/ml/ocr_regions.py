"""Where text stands in a picture: PP-OCR's detector and what turns its map into boxes.

Differentiable binarisation (Liao et al. 2019): the net answers with the likelihood of text for
each pixel, of lines that are thinner than the text; each blob is grown back to a whole line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from albums.ml.engines import Run

_STEP = 32  # edges that the net takes are multiples of it
_TEXT = 0.3  # likelihood from which a pixel belongs to a line ...
_LINE = 0.5  # ... and mean likelihood from which its blob is one
_GROWN = 1.6  # how far a blob is grown, times its area by its outline
_THINNEST = 3.0  # pixels of a blob
_MOST = 2000  # blobs that are looked at
# Height by width: from which a picture is cut into pieces, of a piece, and of what two share.
_HIGH, _PIECE, _SHARED = 3.0, 1.5, 0.2
_NARROW = 640  # pixels: what is narrower is cut as if it were so wide


@dataclass(frozen=True, eq=False)
class Region:
    """A line of text: four corners, clockwise from where its text begins if it stands upright or
    lies on its side, float32 of shape (4, 2) in pixels; how likely there is text (0..1)."""

    corners: NDArray[np.float32]
    likely: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels."""
        (left, top), (right, bottom) = self.corners.min(0), self.corners.max(0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def size(self) -> tuple[float, float]:
        """Width along the upper edge, and height."""
        corners = self.corners
        return math.dist(corners[0], corners[1]), math.dist(corners[0], corners[3])


def find_regions(net: Run, pixels: NDArray[np.uint8], longest: int) -> list[Region]:
    """Lines in a picture of shape (height, width, 3), BGR, looked at with this longest edge; a
    very high one (a scrolled screen, a till roll) piece by piece. `ocr_order` puts them in order.
    """
    import numpy as np

    found = []
    for top, bottom, first, last in _pieces(*pixels.shape[:2]):
        for region in _in_piece(net, pixels[top:bottom], longest):
            corners = region.corners + np.array([0, top], np.float32)
            if first <= corners[:, 1].mean() < last:
                found.append(replace(region, corners=corners))
    return found


def _pieces(height: int, width: int) -> list[tuple[int, int, float, float]]:
    """Top and bottom of each piece, and from where to where what it shows is its own; the rest it
    shares with its neighbours, as a line at its edge may be cut through."""
    across = max(width, _NARROW)
    count = 1 if height <= _HIGH * across else math.ceil(height / (_PIECE * across))
    step, shared = height / count, _SHARED * across / 2
    pieces = []
    for i in range(count):
        first = 0.0 if i == 0 else i * step
        last = math.inf if i == count - 1 else (i + 1) * step
        top, bottom = max(0, int(i * step - shared)), min(height, int((i + 1) * step + shared) + 1)
        pieces.append((top, bottom, first, last))
    return pieces


def _in_piece(net: Run, pixels: NDArray[np.uint8], longest: int) -> list[Region]:
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = _rounded(width * scale), _rounded(height * scale)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(pixels, size, interpolation=how)
    batch = (small.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
    likely = net(batch)[0, 0]
    back = np.array([width / size[0], height / size[1]], np.float32)
    limit = np.array([width, height], np.float32)
    return [Region(np.clip(corners * back, 0, limit), score) for corners, score in _blobs(likely)]


def _rounded(edge: float) -> int:
    return max(1, round(edge / _STEP)) * _STEP


def _blobs(likely: NDArray[np.float32]) -> list[tuple[NDArray[np.float32], float]]:
    """Corners and mean likelihood of each line in the net's map."""
    import cv2
    import numpy as np

    mask = cv2.dilate((likely > _TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines[:_MOST]:
        centre, (across, along), angle = cv2.minAreaRect(outline)
        if min(across, along) < _THINNEST:
            continue
        score = _mean_inside(likely, _corners(centre, across, along, angle))
        if score < _LINE:
            continue
        more = across * along * _GROWN / (across + along)  # twice the offset of each side
        grown = _corners(centre, across + more, along + more, angle)
        found.append((_clockwise(grown), score))
    return found


def _corners(
    centre: Sequence[float], across: float, along: float, angle: float
) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    points = cv2.boxPoints(((centre[0], centre[1]), (across, along), angle))
    return np.asarray(points, np.float32)


def _mean_inside(likely: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    import cv2
    import numpy as np

    height, width = likely.shape
    left, top = np.clip(np.floor(corners.min(0)), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0)), 0, (width - 1, height - 1)).astype(int)
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(likely[top : bottom + 1, left : right + 1], mask)[0])


def _clockwise(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """From the upper left: the two that are leftmost, upper first, then the others around."""
    import numpy as np

    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1])]
    right = by_x[2:][np.argsort(by_x[2:, 1])]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)
