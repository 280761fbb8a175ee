"""What a line of text says: PP-OCR's recogniser, many lines at a time."""

from __future__ import annotations

import math
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
_NARROWEST, _WIDEST = 320, 3200  # and its width: what is longer is squeezed
_AREA = 48 * 320 * 8  # of a batch, for the processor's caches
_ON_ITS_SIDE = 1.5  # height by width from which a region's text runs down or up


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
            batch = np.stack([_ready(lines[i], width) for i in chosen])
            for i, answer in zip(chosen, self.net(batch), strict=True):
                said[i] = self._decode(answer)
        return said

    def _decode(self, answer: NDArray[np.float32]) -> tuple[str, float]:
        """CTC: the likeliest character at each place, without repetitions and blanks."""
        import numpy as np

        best, sure = answer.argmax(1), answer.max(1)
        kept = (best != 0) & (np.diff(best, prepend=-1) != 0)
        if not kept.any():
            return "", 0.0
        return "".join(self.characters[i] for i in best[kept]), float(sure[kept].mean())


def cut_out(pixels: Pixels, region: Region) -> Pixels:
    """The region as an upright rectangle; one on its side is turned to the left."""
    import cv2
    import numpy as np

    width, height = (max(1, round(edge)) for edge in region.size)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(region.corners, flat)
    found = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    line = np.asarray(found, np.uint8)
    return np.rot90(line) if height >= _ON_ITS_SIDE * width else line


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


def _ready(line: Pixels, width: int) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    own = _width(line)
    resized = cv2.resize(np.ascontiguousarray(line), (own, _HEIGHT))
    values = np.zeros((3, _HEIGHT, width), np.float32)
    values[:, :, :own] = resized.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    return values
