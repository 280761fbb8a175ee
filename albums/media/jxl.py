"""JPEG XL -> an upright RGB image, through libjxl; and what its header says before that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from albums.media import isomedia
from albums.media.colour import to_rgb
from albums.media.still import BROKEN, Decoded, broken, check_pixels

if TYPE_CHECKING:
    from pathlib import Path

    from albums.media.formats import Format

BARE = b"\xff\x0a"
HEADER = 64  # bytes that hold all of the header that we read
# U32 distributions of the standard (ISO/IEC 18181-1): (what is added, how many bits).
SIZE = ((1, 9), (1, 13), (1, 18), (1, 30))
PREVIEW_EIGHTHS = ((16, 0), (32, 0), (1, 5), (33, 9))
PREVIEW = ((1, 6), (65, 8), (321, 10), (1345, 12))
RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}


@dataclass(frozen=True)
class Header:
    """`size`: upright (w, h). `orientation`: 1 to 8, as in EXIF."""

    size: tuple[int, int]
    orientation: int
    animated: bool


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """The first frame. libjxl turns it upright; EXIF orientation is not applied again, as the
    standard asks.

    Raises Undecodable for what is broken or has more than `pixels` pixels.
    """
    try:
        with path.open("rb") as file:
            stream = codestream(file)
        check_pixels(read_header(stream).size, pixels)
        image, icc = to_rgb(*_pixels(stream))
    except BROKEN as error:
        raise broken(error) from error
    return Decoded(image, icc, image.size)


def size_of(path: Path, format: Format) -> tuple[tuple[int, int], int | None]:
    """Upright (width, height) and number of frames, from the header alone; it does not say how
    many frames an animation has (None)."""
    with path.open("rb") as file:
        header = read_header(codestream(file, HEADER))
    return header.size, None if header.animated else 1


def codestream(file: BinaryIO, longest: int | None = None) -> bytes:
    """The picture's own bytes, out of its boxes; at least the first `longest` where that is given.

    A JPEG that was packed as JPEG XL is decoded from this as well, so nothing else is needed.
    """
    file.seek(0)
    if file.read(2) == BARE:
        file.seek(0)
        return file.read(-1 if longest is None else longest)
    parts = bytearray()
    for kind, start, size in isomedia.boxes(file, 0, None):
        if kind not in (b"jxlc", b"jxlp"):
            continue
        skipped = 4 if kind == b"jxlp" else 0  # the number of the part
        file.seek(start + skipped)
        parts += file.read(max(0, size - skipped))
        if longest is not None and len(parts) >= longest:
            break
    return bytes(parts)


def read_header(stream: bytes) -> Header:
    """Raises ValueError where this is no codestream."""
    if not stream.startswith(BARE):
        raise ValueError("it holds no JPEG XL codestream")
    bits = _Bits(stream[2:HEADER])
    width, height = _size(bits)
    if bits.take(1) or not bits.take(1):  # all as usual, or nothing beyond the depth
        return Header((width, height), 1, False)
    orientation = bits.take(3) + 1
    if bits.take(1):
        _size(bits)  # at which it is meant to be shown
    if bits.take(1):
        _preview(bits)
    animated = bool(bits.take(1))
    return Header((height, width) if orientation >= 5 else (width, height), orientation, animated)


def _size(bits: _Bits) -> tuple[int, int]:
    eighths = bits.take(1)
    height = (bits.take(5) + 1) * 8 if eighths else bits.number(SIZE)
    if ratio := bits.take(3):
        across, down = RATIOS[ratio]
        return height * across // down, height
    return ((bits.take(5) + 1) * 8 if eighths else bits.number(SIZE)), height


def _preview(bits: _Bits) -> None:
    distribution = PREVIEW_EIGHTHS if bits.take(1) else PREVIEW
    bits.number(distribution)
    if not bits.take(3):
        bits.number(distribution)


class _Bits:
    """Bits of a codestream, the lowest of each byte first."""

    def __init__(self, content: bytes) -> None:
        self._left = int.from_bytes(content, "little")
        self._count = 8 * len(content)

    def take(self, count: int) -> int:
        if count > self._count:
            raise ValueError("its header ends too early")
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        self._count -= count
        return value

    def number(self, distribution: tuple[tuple[int, int], ...]) -> int:
        added, count = distribution[self.take(2)]
        return added + self.take(count)


def _pixels(stream: bytes) -> tuple[Image.Image, bytes | None]:
    """The image, upright, and its profile."""
    from pillow_jxl import Decoder

    try:
        _, info, content, icc, _ = Decoder(num_threads=0)(stream)
    except RuntimeError as error:  # libjxl's words are about its own build
        raise ValueError("its JPEG XL data is broken or ends too early") from error
    mode = "F" if info.mode == "F;16" else info.mode
    image = Image.frombytes(mode, (info.width, info.height), content)
    return image, icc or None
