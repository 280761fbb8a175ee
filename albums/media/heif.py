"""HEIC and HEIF -> an upright RGB image, through libheif."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pillow_heif

from albums.media import animation, isomedia
from albums.media.colour import by_code, to_rgb
from albums.media.still import BROKEN, Decoded, broken, check_pixels

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

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
        image, icc = _coloured(path, primary, longest)
    except BROKEN as error:
        return _of_sequence(path, pixels, error)
    return Decoded(image, icc, primary.size)


def _of_sequence(path: Path, pixels: int, error: BaseException) -> Decoded:
    """A sequence need not have a primary image: then its first frame stands for it."""
    with path.open("rb") as file:
        if not animation.is_animated(file, "image/heic", None):
            raise broken(error) from error
    try:
        image = animation.first(path, pixels)
    except BROKEN:
        raise broken(error) from error
    return Decoded(image, None, image.size)


def _coloured(path: Path, primary: Any, longest: int) -> tuple[Image.Image, bytes | None]:
    if profile := primary.info.get("icc_profile"):
        return to_rgb(primary.to_pillow(), profile)
    with path.open("rb") as file:
        code = isomedia.colour_code(file)
    return by_code(primary.to_pillow(), code, longest)


def size_of(path: Path, format: Format) -> tuple[tuple[int, int], int]:
    """Upright (width, height) and number of images, from the header alone."""
    file = pillow_heif.open_heif(path)
    width, height = file[file.primary_index].size
    return (width, height), len(file)


def _primary(path: Path) -> Any:
    file = pillow_heif.open_heif(path)
    return file[file.primary_index]
