"""JPEG, PNG, GIF, WebP, TIFF, BMP, AVIF, JPEG 2000 and icons -> an upright RGB image, through
Pillow."""

from __future__ import annotations

import struct
import warnings
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from albums.errors import Undecodable
from albums.media import isomedia
from albums.media.colour import by_code, to_rgb
from albums.media.profile import icc_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from albums.media.formats import Format

PILLOW = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/tiff": ("TIFF",),
    "image/bmp": ("BMP",),
    "image/avif": ("AVIF",),
    "image/jp2": ("JPEG2000",),
    "image/x-icon": ("ICO",),
    "image/vnd.adobe.photoshop": ("PSD",),
}
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
BLANK = 0.95  # of a truncated picture in one colour: there is nothing to see
# What Pillow and its codecs raise on bytes that they cannot make sense of.
BROKEN = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    SyntaxError,
    AttributeError,
    RuntimeError,
    AssertionError,
    EOFError,
    struct.error,
    zlib.error,
)

Image.MAX_IMAGE_PIXELS = None  # `check_pixels` says it with our own limit and our own words


@dataclass(frozen=True)
class Decoded:
    """An upright RGB image. `icc` is None for sRGB; `size` is the original's upright (w, h).
    `frames`: of what moves, some small images in sRGB, in order."""

    image: Image.Image
    icc: bytes | None
    size: tuple[int, int]
    truncated: bool = False
    frames: tuple[Image.Image, ...] = ()


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """The first frame. A file that ends too early gives what is there, marked `truncated`.

    Raises Undecodable for what is broken, empty, or has more than `pixels` pixels.
    """
    with quiet():
        return _tolerant(path, format, longest, pixels)


def _tolerant(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    try:
        return _decode(path, format, longest, pixels)
    except BROKEN as strict:
        with _tolerance():
            try:
                decoded = _decode(path, format, longest, pixels, truncated=True)
            except BROKEN:
                raise broken(strict) from strict
        if _blank(decoded.image):
            raise broken(strict) from strict
        return decoded


def _blank(image: Image.Image) -> bool:
    """Whether next to nothing was there, and the rest is the decoder's filling."""
    sample = image.resize((64, 64), Image.Resampling.NEAREST)
    colours = sample.getcolors(64 * 64) or []
    return max(colour[0] for colour in colours) > 64 * 64 * BLANK


def check_pixels(size: tuple[int, int], pixels: int) -> None:
    """Raises Undecodable where the header announces more than we would ever hold in memory."""
    if size[0] * size[1] > pixels:
        raise Undecodable(
            f"The picture is too large to open ({size[0]} x {size[1]} pixels)",
            why=f"the limit is {pixels // 1_000_000} megapixels",
            hint="The original is kept; raise the limit and retry if the picture is real",
            reason="too-many-pixels",
        )


def broken(error: BaseException) -> Undecodable:
    """The sentence for a file whose bytes make no picture."""
    why = str(error).strip() or type(error).__name__
    if isinstance(error, UnidentifiedImageError):
        why = "its header is broken"  # Pillow's own words name a path of ours
    return Undecodable(
        "The file could not be read as a picture",
        why=why,
        hint="The original is kept as it is",
        reason="broken",
    )


def size_of(path: Path, format: Format) -> tuple[tuple[int, int], int]:
    """Upright (width, height) and number of frames, from the header alone."""
    with quiet(), Image.open(path, formats=PILLOW[format.mime]) as image:
        width, height = image.size
        # Pillow's TIFF reader has already swapped the size that it announces.
        turned = format.mime != "image/tiff" and _orientation(image) >= 5
        return (height, width) if turned else (width, height), int(getattr(image, "n_frames", 1))


def _decode(
    path: Path, format: Format, longest: int, pixels: int, truncated: bool = False
) -> Decoded:
    with Image.open(path, formats=PILLOW[format.mime]) as image:
        check_pixels(image.size, pixels)
        size = image.size
        orientation = _orientation(image)
        icc = image.info.get("icc_profile")
        if format.mime == "image/jpeg":
            scale = longest / max(size)
            image.draft(None, (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
        image.load()
        if format.mime == "image/tiff":
            size, orientation = image.size, 1  # Pillow turns a TIFF upright as it loads it
        rgb, kept = _coloured(path, image, format.mime, icc, longest)
    if orientation in TURNS:
        rgb = rgb.transpose(TURNS[orientation])
        size = (size[1], size[0]) if orientation >= 5 else size
    return Decoded(rgb, kept, size, truncated)


def _coloured(
    path: Path, image: Image.Image, mime: str, icc: bytes | None, longest: int
) -> tuple[Image.Image, bytes | None]:
    """Where there is no profile, what the file says of its colours in other ways."""
    if icc is None and mime == "image/avif":
        with path.open("rb") as file:
            return by_code(image, isomedia.colour_code(file), longest)
    if icc is None and mime == "image/jpeg" and _is_adobe_rgb(image):
        icc = icc_of("adobe rgb")
    return to_rgb(image, icc)


def _is_adobe_rgb(image: Image.Image) -> bool:
    """As cameras say it (DCF 2.0): the interoperability index is R03."""
    try:
        return image.getexif().get_ifd(ExifTags.IFD.Interop).get(1) == "R03"
    except BROKEN:
        return False


def _orientation(image: Image.Image) -> int:
    """1 to 8; a broken EXIF block turns nothing."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except BROKEN:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


@contextmanager
def quiet() -> Iterator[None]:
    """Pillow warns of every odd tag; what matters of that is in what we return."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _tolerance() -> Iterator[None]:
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
