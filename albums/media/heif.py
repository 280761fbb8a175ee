"""HEIC and HEIF -> an upright RGB image, through libheif."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pillow_heif

from albums.media.colour import to_rgb
from albums.media.still import BROKEN, Decoded, broken, check_pixels

if TYPE_CHECKING:
    from pathlib import Path

    from albums.media.formats import Format

pillow_heif.options.DECODE_THREADS = 1


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """The primary image. libheif turns it upright (irot, imir); EXIF orientation is not applied
    again, as the HEIF standard asks.

    Raises Undecodable for what is broken or has more than `pixels` pixels.
    """
    try:
        primary = _primary(path)
        check_pixels(primary.size, pixels)
        image, icc = to_rgb(primary.to_pillow(), primary.info.get("icc_profile"))
    except BROKEN as error:
        raise broken(error) from error
    return Decoded(image, icc, image.size)


def size_of(path: Path, format: Format) -> tuple[tuple[int, int], int]:
    """Upright (width, height) and number of images, from the header alone."""
    file = pillow_heif.open_heif(path)
    width, height = file[file.primary_index].size
    return (width, height), len(file)


def _primary(path: Path) -> Any:
    file = pillow_heif.open_heif(path)
    return file[file.primary_index]
