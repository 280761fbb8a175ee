"""Several pictures in one file, one at a time: the pages of a TIFF, the photos of a HEIC."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pillow_heif
from PIL import Image

from albums.errors import Undecodable
from albums.media.colour import to_rgb
from albums.media.formats import identify_file
from albums.media.still import BROKEN, broken, check_pixels, quiet

if TYPE_CHECKING:
    from pathlib import Path

QUALITY = 85  # JPEG of a page: letters show what a coarser one does to edges


def render_page(path: Path, number: int, longest: int, pixels: int) -> bytes:
    """A picture, counted from 1, as JPEG. Raises Undecodable; `facts["reason"]` is "page" where
    there are not so many, or the file is of a kind that holds no more than one."""
    try:
        with quiet():
            image, icc = _page(path, number, pixels)
            rgb, kept = to_rgb(image, icc)
    except BROKEN as error:
        raise broken(error) from error
    rgb.thumbnail((longest, longest))
    out = io.BytesIO()
    rgb.save(out, "JPEG", quality=QUALITY, icc_profile=kept)
    return out.getvalue()


def _page(path: Path, number: int, pixels: int) -> tuple[Image.Image, bytes | None]:
    mime = identify_file(path).mime
    if mime == "image/tiff":
        return _of_tiff(path, number, pixels)
    if mime in ("image/heic", "image/heif"):
        return _of_heif(path, number, pixels)
    raise _no_page(number, 1)


def _of_tiff(path: Path, number: int, pixels: int) -> tuple[Image.Image, bytes | None]:
    with Image.open(path, formats=("TIFF",)) as file:
        if number > file.n_frames:  # type: ignore[attr-defined]
            raise _no_page(number, file.n_frames)  # type: ignore[attr-defined]
        file.seek(number - 1)
        check_pixels(file.size, pixels)
        file.load()  # Pillow turns a TIFF upright as it loads it
        return file.copy(), file.info.get("icc_profile")


def _of_heif(path: Path, number: int, pixels: int) -> tuple[Image.Image, bytes | None]:
    file: Any = pillow_heif.open_heif(path)
    if number > len(file):
        raise _no_page(number, len(file))
    image = file[number - 1]
    check_pixels(image.size, pixels)
    return image.to_pillow(), image.info.get("icc_profile")


def _no_page(number: int, count: int) -> Undecodable:
    return Undecodable(f"There is no page {number}", why=f"it has {count}", reason="page")
