"""Photoshop's files -> their composite as an upright RGB image: through Pillow, and through FFmpeg
where a channel has 16 bits."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from PIL import Image

from albums.media import iptc, still
from albums.media.colour import to_rgb
from albums.media.still import BROKEN, Decoded, broken, check_pixels

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from albums.media.formats import Format

ICC = 0x040F
LARGEST = 16_000_000  # bytes of image resources


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """As it was when it was saved. Raises Undecodable for what is broken, has no composite, or has
    more than `pixels` pixels."""
    try:
        with path.open("rb") as file:
            size, depth = _header(file)
            profile = iptc.resource(resources(file), ICC) if depth == 16 else b""
        check_pixels(size, pixels)
        if depth != 16:
            return still.decode(path, format, longest, pixels)
        image, icc = to_rgb(_deep(path), profile or None)
    except BROKEN as error:
        raise broken(error) from error
    return Decoded(image, icc, size)


def size_of(path: Path, format: Format) -> tuple[tuple[int, int], int]:
    """(width, height), and 1: layers are no frames."""
    with path.open("rb") as file:
        return _header(file)[0], 1


def resources(file: BinaryIO) -> bytes:
    """The image resources of an open file: metadata and profile, as 8BIM blocks."""
    file.seek(26)
    file.seek(int.from_bytes(file.read(4), "big") + 30)
    return file.read(min(int.from_bytes(file.read(4), "big"), LARGEST))


def _header(file: BinaryIO) -> tuple[tuple[int, int], int]:
    """Width and height, and bits a channel."""
    file.seek(14)
    height, width, depth = struct.unpack(">IIH", file.read(10))
    return (width, height), depth


def _deep(path: Path) -> Image.Image:
    import av
    import av.error

    try:
        with av.open(path, format="psd_pipe") as container:
            frame: Any = next(container.decode(video=0))
            return Image.fromarray(frame.to_ndarray(format="rgb24"))
    except (av.error.FFmpegError, StopIteration) as error:
        raise ValueError("its composite of 16 bits cannot be read") from error
