"""What a line of text says: PP-OCR's recogniser, many lines at a time."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from albums.ml.engines import Run
    from albums.ml.ocr_regions import Region

    Pixels = NDArray[np.uint8]

_HEIGHT = 48  # pixels of a line as the net takes it
_NARROWEST, _WIDEST = 160, 3200  # and its width: what is longer is squeezed
_AREA = 48 * 320 * 8  # of a batch, for the processor's caches
_ON_ITS_SIDE = 1.5  # height by width from which a region's text runs down or up
# Of its height, by which a line is cut out wider and higher on each side; and how it is cut out the
# second time, where the first left doubts.
AROUND, TIGHT = (0.05, 0.12), (0.0, 0.03)
# The net says a space too seldom: where its likelihood between two letters reaches this, there is
# one (1,218 spaces on 25 receipts: 44 more are right, 8 more wrong).
_SPACE = 0.1
_FROM_THE_LEFT = re.compile(r"[0-9A-Za-z:*./%+-]+(?: [0-9A-Za-z:*./%+-]+)*|.", re.DOTALL)


@dataclass(frozen=True)
class Recogniser:
    """A net and the characters it knows: index 0 of its answer is none, the last a space."""

    net: Run
    characters: Sequence[str]

    def read(self, lines: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Cut-out lines, BGR of any size -> text and how sure it is (0..1), in order."""
        import numpy as np

        said: list[tuple[str, float]] = [("", 0.0)] * len(lines)
        for chosen, width in _batches([_width(line) for line in lines]):
            batch = np.stack([ready(lines[i], width) for i in chosen])
            for i, answer in zip(chosen, self.net(batch), strict=True):
                said[i] = self._decode(answer)
        return said

    def _decode(self, answer: NDArray[np.float32]) -> tuple[str, float]:
        """CTC: the likeliest character at each place, without repetitions and blanks."""
        import numpy as np

        best, sure = answer.argmax(1), answer.max(1)
        places = np.flatnonzero((best != 0) & (np.diff(best, prepend=-1) != 0))
        if not len(places):
            return "", 0.0
        text, before = "", int(places[0])
        for place in places:
            if answer[before + 1 : place, -1].max(initial=0) >= _SPACE:
                text += " "
            text += self.characters[best[place]]
            before = int(place)
        return as_read(" ".join(text.split())), float(sure[places].mean())


def as_read(text: str) -> str:
    """The net says letters from left to right as they stand; Arabic and Hebrew are read from the
    right, but for the numbers and Latin words in them."""
    if not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        return text
    return "".join(reversed(_FROM_THE_LEFT.findall(text)))


def cut_out(pixels: Pixels, region: Region, around: tuple[float, float] = AROUND) -> Pixels:
    """The region and a little around it as an upright rectangle; one on its side is turned to the
    left."""
    import cv2
    import numpy as np

    corners = _grown(region, around)
    width = max(1, round(math.dist(corners[0], corners[1])))
    height = max(1, round(math.dist(corners[0], corners[3])))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, flat)
    found = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    line = np.asarray(found, np.uint8)
    return np.rot90(line) if lies_on_its_side(region) else line


def lies_on_its_side(region: Region) -> bool:
    width, height = region.size
    return height >= _ON_ITS_SIDE * width


def _grown(region: Region, around: tuple[float, float]) -> NDArray[np.float32]:
    import numpy as np

    width, height = region.size
    upper_left, upper_right, _, lower_left = region.corners
    along = (upper_right - upper_left) / max(width, 1)
    down = (lower_left - upper_left) / max(height, 1)
    thin = min(width, height)  # of a line on its side that is its width
    wider, higher = around[::-1] if lies_on_its_side(region) else around
    right, below = along * thin * wider, down * thin * higher
    moved = np.array([-right - below, right - below, right + below, below - right])
    return np.asarray(region.corners + moved, np.float32)


def _width(line: Pixels) -> int:
    height, width = int(line.shape[0]), int(line.shape[1])
    return min(_WIDEST, math.ceil(_HEIGHT * width / height))


def _batches(widths: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Lines of like width together, so that little is padding."""
    order = sorted(range(len(widths)), key=widths.__getitem__, reverse=True)
    while order:
        width = max(_NARROWEST, widths[order[0]])
        count = max(1, _AREA // (_HEIGHT * width))
        yield order[:count], width
        del order[:count]


def ready(line: Pixels, width: int) -> NDArray[np.float32]:
    """A line as nets take it, (3, 48, `width`): padded, and what is longer is cut off."""
    import cv2
    import numpy as np

    own = _width(line)
    how = cv2.INTER_AREA if line.shape[0] > _HEIGHT else cv2.INTER_CUBIC
    resized = cv2.resize(np.ascontiguousarray(line), (own, _HEIGHT), interpolation=how)[:, :width]
    values = np.zeros((3, _HEIGHT, width), np.float32)
    values[:, :, : resized.shape[1]] = resized.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    return values
