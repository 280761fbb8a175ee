"""The pictures of an original: decoded once, three sizes, a placeholder. Never larger than it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from albums.errors import Undecodable
from albums.media.formats import decoder_for, identify_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL import Image

    from albums.media.still import Decoded

SIZES = (1600, 800, 300)  # pixels, longest edge
PIXELS = 500_000_000  # more than any camera makes; a larger header is a decompression bomb
QUALITY = 80
MOMENT = 500  # milliseconds that each moment of what moves is shown
MOMENT_QUALITY = 70
# WebP saves a fifth of the bytes of a small picture for 4 ms, and a tenth of a large one for 80 ms
# (12 photos at equal SSIM): so the grid is WebP, and what is opened one at a time is JPEG.
WEBP_UP_TO = 400  # pixels


@dataclass(frozen=True)
class Rendered:
    """`pictures`: longest edge -> WebP or JPEG bytes. `width`, `height`: the original, upright.
    `frames`: of what moves, an animated WebP of some moments; else empty."""

    pictures: dict[int, bytes]
    width: int
    height: int
    thumbhash: bytes
    truncated: bool
    frames: bytes = b""


def mime_of(size: int) -> str:
    """The type of the pictures with this longest edge."""
    return "image/webp" if size <= WEBP_UP_TO else "image/jpeg"


def render(path: Path, sizes: Sequence[int] = SIZES, pixels: int = PIXELS) -> Rendered:
    """All pictures of the file at `path`. Raises Undecodable with the reason why there are none."""
    decoded = _decode(path, max(sizes), pixels)
    pictures: dict[int, bytes] = {}
    image = decoded.image
    for size in sorted(sizes, reverse=True):
        image = _within(image, size)
        pictures[size] = _encode(image, size, decoded.icc)
    width, height = decoded.size
    placeholder = _placeholder(image, decoded.icc)
    return Rendered(
        pictures, width, height, placeholder, decoded.truncated, _animated(decoded.frames)
    )


def _decode(path: Path, longest: int, pixels: int) -> Decoded:
    format = identify_file(path)
    decoder = decoder_for(format)
    if decoder is None:
        raise Undecodable(
            "There is no picture of this file" if path.stat().st_size else "The file is empty",
            why=f"nothing here opens {format.mime} yet" if path.stat().st_size else "",
            hint="The original is kept as it is",
            reason="no-decoder",
            mime=format.mime,
        )
    return decoder.load()(path, format, longest, pixels)


def _within(image: Image.Image, longest: int) -> Image.Image:
    """The image with its longest edge at most `longest`, each size made from the one above."""
    from PIL import Image

    scale = longest / max(image.size)
    if scale >= 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    # Downscaling, Hamming is as sharp as bicubic at half its time.
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _encode(image: Image.Image, size: int, icc: bytes | None) -> bytes:
    out = io.BytesIO()
    if mime_of(size) == "image/webp":
        image.save(out, "WEBP", quality=QUALITY, method=2, icc_profile=icc)
    else:
        image.save(out, "JPEG", quality=QUALITY, icc_profile=icc)
    return out.getvalue()


def _animated(frames: Sequence[Image.Image]) -> bytes:
    if not frames:
        return b""
    out = io.BytesIO()
    frames[0].save(
        out,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=MOMENT,
        loop=0,
        quality=MOMENT_QUALITY,
        method=2,
    )
    return out.getvalue()


def _placeholder(image: Image.Image, icc: bytes | None) -> bytes:
    import numpy as np

    from albums.media import thumbhash
    from albums.media.colour import to_srgb

    small = _within(image, thumbhash.LARGEST)
    return thumbhash.encode(np.asarray(to_srgb(small, icc)))
