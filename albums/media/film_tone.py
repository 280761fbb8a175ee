"""The light of HDR films -> sRGB by a table, quick enough for every frame: the curves are those of
the pictures (media/tone.py), for a film that is 1000 cd/m² bright at most."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import av
import numpy as np

from albums.media import tone

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_LEVEL = 7  # a Hald image of this level has 49 steps a channel
_BRIGHTEST = 0.7518  # code of 1000 cd/m² in PQ; what is brighter burns out


@lru_cache(maxsize=2)
def table(transfer: tone.Transfer) -> VideoFrame:
    """As the filter haldclut wants it: red runs quickest, blue slowest."""
    steps = np.linspace(0.0, 1.0, _LEVEL**2)
    if transfer == "pq":
        steps = np.minimum(steps, _BRIGHTEST)
    codes = np.round(steps * 65535).astype(np.uint16)
    blue, green, red = np.meshgrid(codes, codes, codes, indexing="ij")
    edge = _LEVEL**3
    cube = np.stack([red, green, blue], axis=-1).reshape(edge, edge, 3)
    picture = av.VideoFrame.from_ndarray(tone.to_srgb(cube, transfer, "bt2020"), format="rgb24")
    picture.pts, picture.time_base = 0, Fraction(1, 90_000)
    return picture
