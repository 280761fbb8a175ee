"""Pictures with detail, each unlike all others, and their copies."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

SIZE = (480, 360)


def scene(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Blots of many sizes in many colours."""
    chance = np.random.default_rng(seed)
    whole = np.zeros((size[1], size[0], 3))
    for across in (4, 12, 40):
        blots = chance.integers(0, 256, (across * 3 // 4, across, 3)).astype(np.uint8)
        whole += np.asarray(Image.fromarray(blots).resize(size, Image.Resampling.BICUBIC), float)
    return Image.fromarray((whole / 3).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 90, comment: str = "", exif: bytes = b"") -> bytes:
    """`comment` is no part of the picture: with another, the same pixels are another file."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, comment=comment.encode(), exif=exif)
    return out.getvalue()
