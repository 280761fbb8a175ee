"""Which way up text stands: pages that lie on their side or stand on their head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from albums.ml.ocr_lines import cut_out, lies_on_its_side, ready

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from albums.ml.engines import Run
    from albums.ml.ocr_regions import Region

    Box = tuple[float, float, float, float]
    Pixels = NDArray[np.uint8]

_WIDTH = 192  # pixels of a line as the net takes it: its beginning
_ASKED = 12  # lines that a page's turn is told by, the longest
_SURE = 0.9  # likelihood from which a line counts as upside down
_MOST = 0.6  # share of the lines by which a page is turned


def turns_of(pixels: Pixels, regions: Sequence[Region], net: Run) -> int:
    """By how many quarters to the left a page is to be turned until its text is upright."""
    longest = sorted(regions, key=lambda region: max(region.size), reverse=True)[:_ASKED]
    quarter = sum(map(lies_on_its_side, longest)) > _MOST * len(longest)
    asked = [region for region in longest if lies_on_its_side(region) == quarter]
    turned = are_upside_down([cut_out(pixels, region) for region in asked], net)
    return int(quarter) + 2 * int(sum(turned) > _MOST * len(turned))


def are_upside_down(lines: Sequence[Pixels], net: Run) -> list[bool]:
    """Of cut-out lines, BGR."""
    import numpy as np

    if not lines:
        return []
    answers = net(np.stack([ready(line, _WIDTH) for line in lines]))
    return [bool(answer[1] >= _SURE) for answer in answers]


def turned_back(box: Box, turns: int) -> Box:
    """Where a box on a turned page is on the page as it was; fractions of width and height."""
    for _ in range(turns):
        left, top, right, bottom = box
        box = (1 - bottom, left, 1 - top, right)
    return box
