"""A picture of an original that is large enough to read what is written on it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from albums.errors import Undecodable
from albums.media.colour import to_srgb
from albums.media.formats import decoder_for, identify_file

if TYPE_CHECKING:
    from pathlib import Path

QUALITY = 92  # JPEG: letters show what a coarser one does to edges
PIXELS = 24_000_000  # of the answer


def legible(path: Path, longest: int, shortest: int, pixels: int) -> bytes:
    """JPEG with the longest edge `longest`, or more where the other would be below `shortest`;
    never larger than the original, which may have `pixels`. Raises Undecodable."""
    from PIL import Image

    format = identify_file(path)
    decoder = decoder_for(format)
    if decoder is None:
        raise Undecodable("There is no picture of this file", reason="no-decoder")
    # Of the shape nothing is known yet: what is asked for helps only to decode quicker.
    decoded = decoder.load()(path, format, max(longest, shortest * 10), pixels)
    image = to_srgb(decoded.image, decoded.icc)
    scale = max(longest / max(image.size), shortest / min(image.size))
    scale = min(1.0, scale, (PIXELS / (image.width * image.height)) ** 0.5)
    if scale < 1:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
