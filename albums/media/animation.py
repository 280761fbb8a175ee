"""Pictures that move: which files are one, and a copy of those that browsers do not play."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from albums.media import isomedia, jxl
from albums.media.still import BROKEN, broken, check_pixels

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.stream import VideoStream
    from PIL import Image

PLAIN = {"image/gif", "image/webp", "image/png"}  # more than one frame is an animation
SEQUENCES = {"image/heic", "image/heif", "image/avif"}  # more than one image may be an album
FRAMES = 240  # of a copy; where there are more, they are taken evenly
LONGEST = 800  # pixels
FRAME_PIXELS = 50_000_000
QUALITY = 70


def is_animated(file: BinaryIO, mime: str, frames: int | None) -> bool:
    """Whether the pictures in an open file are meant to be shown one after the other."""
    if mime in PLAIN:
        return frames is not None and frames > 1
    if mime in SEQUENCES:
        return any(kind == b"moov" for kind, _, _ in isomedia.boxes(file, 0, None))
    if mime == "image/jxl":
        return jxl.read_header(jxl.codestream(file, jxl.HEADER)).animated
    return False


def render(path: Path, longest: int = LONGEST) -> bytes:
    """A HEIC or AVIF sequence as an animated WebP. Raises Undecodable."""
    import av.error

    try:
        with av.open(path) as container:
            images, seconds = _images(container, longest)
        if not images:
            raise ValueError("it has no frames")
        return _webp(images, seconds)
    except (*BROKEN, av.error.FFmpegError) as error:
        raise broken(error) from error


def first(path: Path, pixels: int) -> Image.Image:
    """The first frame of a HEIC sequence, at its full size. Raises ValueError where there is none,
    and Undecodable where it has more than `pixels` pixels."""
    import av.error

    from albums.media.film_frame import image_of, shape_of

    try:
        with av.open(path) as container:
            stream = _sequence(container)
            check_pixels((stream.width, stream.height), pixels)
            frame = next(container.decode(stream))
            return image_of(frame, shape_of(frame, stream), max(frame.width, frame.height))
    except (av.error.FFmpegError, StopIteration) as error:
        raise ValueError(f"its sequence cannot be read ({error})") from error


def _images(container: InputContainer, longest: int) -> tuple[list[Image.Image], float]:
    """Frames within `longest`, and how many seconds all of them are shown."""
    from albums.media.film_frame import image_of, shape_of

    stream = _sequence(container)
    step = max(1, -(-stream.frames // FRAMES))
    images: list[Image.Image] = []
    for number, frame in enumerate(container.decode(stream)):
        check_pixels((frame.width, frame.height), FRAME_PIXELS)
        if number % step == 0:
            images.append(image_of(frame, shape_of(frame, stream), longest))
        if len(images) == FRAMES:
            break
    duration = float((stream.duration or 0) * (stream.time_base or 0))
    return images, duration if duration > 0 else len(images) / 10


def _sequence(container: InputContainer) -> VideoStream:
    """The track with most frames: the others are single images and thumbnails."""
    streams = container.streams.video
    if not streams:
        raise ValueError("it holds no sequence of pictures")
    return max(streams, key=lambda stream: (stream.frames, stream.width))


def _webp(images: list[Image.Image], seconds: float) -> bytes:
    out = io.BytesIO()
    each = min(10_000, max(20, round(1000 * seconds / len(images))))
    images[0].save(
        out, "WEBP", save_all=True, append_images=images[1:], duration=each, loop=0,
        quality=QUALITY, method=2,
    )  # fmt: skip
    return out.getvalue()
