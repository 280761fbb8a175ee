"""RAW photos -> an upright RGB image, through LibRaw: the camera's own preview where it is large
enough, else developed."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import rawpy
from PIL import Image

from albums.errors import Undecodable
from albums.media.colour import to_rgb
from albums.media.still import BROKEN, ORIENTATION, TURNS, Decoded, broken, check_pixels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from albums.media.formats import Format

UNREADABLE = (*BROKEN, rawpy.LibRawError)
# How LibRaw says that the sensor lay turned -> the EXIF orientation that means the same.
ORIENTATIONS = {3: 3, 5: 8, 6: 6}

SAID = {
    "LibRawFileUnsupportedError": "it is no RAW photo, or of a kind that LibRaw does not know",
    "LibRawIOError": "its RAW data ends too early",
    "LibRawDataError": "its RAW data is broken",
}


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """The preview that the camera made, which looks as its owner saw it. It is developed where
    there is none as large as `longest` or the sensor; a small preview is better than nothing.

    Raises Undecodable for what is broken or has more than `pixels` pixels.
    """
    try:
        with _header(path) as raw:
            size = _size(raw)
            check_pixels(size, pixels)
            preview = _preview(raw, longest, pixels)
            if preview is not None and max(preview.image.size) >= min(longest, max(size) // 2):
                return preview
            return _developed(raw, longest, preview)
    except UNREADABLE as error:
        raise broken(_said(error)) from error


def size_of(path: Path, format: Format) -> tuple[tuple[int, int], int]:
    """Upright (width, height) of the sensor's picture, and 1, from the header alone."""
    try:
        with _header(path) as raw:
            return _size(raw), 1
    except rawpy.LibRawError as error:
        raise _said(error) from error


def said(path: Path) -> dict[str, object]:
    """The few tags that LibRaw reads of every maker's files, by the names of EXIF, for those whose
    blocks nothing else here reads. Empty where it cannot open the file."""
    try:
        with _header(path) as raw:
            other, lens = raw.other, raw.lens
    except rawpy.LibRawError:
        return {}
    when = other.timestamp
    found = {
        "DateTimeOriginal": f"{when:%Y:%m:%d %H:%M:%S}" if when.year > 1970 else "",
        "ExposureTime": other.shutter_speed,
        "FNumber": other.aperture,
        "FocalLength": other.focal_length,
        "ISOSpeedRatings": round(other.iso_speed),
        "LensModel": lens.model,
        "Artist": other.artist,
    }
    return {name: value for name, value in found.items() if value}


@contextmanager
def _header(path: Path) -> Iterator[Any]:
    """Opened, without the sensor's numbers: rawpy.imread would unpack them at once, and a preview
    is there even where they are broken or of a kind that LibRaw does not know."""
    raw = rawpy.RawPy()
    try:
        raw.open_file(str(path))
        yield raw
    finally:
        raw.close()


def _size(raw: Any) -> tuple[int, int]:
    sizes = raw.sizes
    turned = ORIENTATIONS.get(sizes.flip, 1) >= 5
    return (sizes.height, sizes.width) if turned else (sizes.width, sizes.height)


def _developed(raw: Any, longest: int, preview: Decoded | None) -> Decoded:
    """From the sensor's numbers, with the camera's white balance, at half the edges where that is
    enough (a quarter of the time and memory)."""
    size = _size(raw)  # which changes when it is developed
    half = max(size) >= 2 * longest
    try:
        raw.unpack()
        rgb = raw.postprocess(use_camera_wb=True, half_size=half)
    except UNREADABLE:
        if preview is None:
            raise
        return preview
    return Decoded(Image.fromarray(rgb), None, size)


def _preview(raw: Any, longest: int, pixels: int) -> Decoded | None:
    """The largest embedded picture, upright, with the size of the sensor's."""
    try:
        thumb = raw.extract_thumb()
        if thumb.format is rawpy.ThumbFormat.BITMAP:
            image, icc = Image.fromarray(thumb.data), None
            written = ORIENTATIONS.get(raw.sizes.flip, 1)
        else:
            image = _opened(thumb.data, longest, pixels)
            icc = image.info.get("icc_profile")
            written = image.getexif().get(ORIENTATION, ORIENTATIONS.get(raw.sizes.flip, 1))
        rgb, kept = to_rgb(image, icc)
    except (Undecodable, *UNREADABLE):
        return None
    if (turn := _orientation(written, rgb.size, _size(raw))) in TURNS:
        rgb = rgb.transpose(TURNS[turn])
    return Decoded(rgb, kept, _size(raw))


def _opened(jpeg: bytes, longest: int, pixels: int) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    check_pixels(image.size, pixels)
    scale = longest / max(image.size)
    image.draft(None, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    image.load()
    return image


def _orientation(written: object, lying: tuple[int, int], upright: tuple[int, int]) -> int:
    """As written, unless the preview stands upright already: some programs turn it and keep the
    tag."""
    if not isinstance(written, int) or written not in TURNS:
        return 1
    stands = (lying[0] > lying[1]) == (upright[0] > upright[1]) and lying[0] != lying[1]
    return 1 if written >= 5 and stands else written


def _said(error: BaseException) -> BaseException:
    """Of LibRaw's errors one that the sandbox knows, in words."""
    if not isinstance(error, rawpy.LibRawError):
        return error
    words = error.args[0] if error.args else ""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return ValueError(SAID.get(type(error).__name__, said))
