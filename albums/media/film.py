"""MP4, MOV, MKV, WebM, AVI, MTS and other films -> the frame that stands for them, upright and in
sRGB, and some more that are spread over them; through FFmpeg."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from albums.errors import Undecodable
from albums.media.film_file import BROKEN, Film, broken, opened
from albums.media.film_frame import Shape, first_frame, image_of, shape_of
from albums.media.film_walk import Shot, Walk
from albums.media.still import Decoded, check_pixels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray
    from PIL import Image

    from albums.media.formats import Format

EDGE = 480  # pixels, longest, of the frames beside the poster
_MEGABYTES, _SECONDS = 1024, 15.0  # that may be read to open it
_DARK, _BRIGHT, _FLAT = 20, 235, 10  # levels of grey: mean and deviation of what shows nothing


def decode(path: Path, format: Format, longest: int, pixels: int) -> Decoded:
    """The poster and the frames. A film of sound alone shows the cover that it carries.

    Raises Undecodable for what is broken, has no picture, or has more than `pixels` pixels.
    """
    try:
        with opened(path, format, _MEGABYTES, _SECONDS) as film:
            stream = film.video or film.cover
            if stream is None:
                raise _without_picture(film)
            check_pixels((stream.codec_context.width, stream.codec_context.height), pixels)
            return _decode(path, format, film, stream, longest)
    except BROKEN as error:
        raise broken(error, path) from error


def size_of(path: Path, format: Format) -> tuple[tuple[int, int], int]:
    """Upright (width, height), and 1: its frames are not counted."""
    with opened(path, format, _MEGABYTES, _SECONDS) as film:
        stream = film.video or film.cover
        frame = first_frame(film, stream) if stream else None
        if stream is None or frame is None:
            raise ValueError("The film has no picture.")
        return shape_of(frame, stream).upright, 1


def _decode(path: Path, format: Format, film: Film, stream: VideoStream, longest: int) -> Decoded:
    walk = Walk(path, format, film, stream)
    found = walk.frames() if film.video else _any(film, stream)
    shown: list[tuple[float, Image.Image]] = []
    best: tuple[float, VideoFrame, Shape] | None = None
    for at, frame in found:
        shape = shape_of(frame, stream)
        small = image_of(frame, shape, EDGE)
        worth = _appeal(small) if not frame.is_corrupt else -1.0
        shown.append((at, small))
        if best is None or worth > best[0]:
            best = worth, frame, shape
    if best is None:
        raise _without_frames()
    _, frame, shape = best
    poster = image_of(frame, shape, longest)
    frames = _alike(shown, image_of(frame, shape, EDGE).size)
    return Decoded(poster, None, shape.upright, walk.truncated, frames)


def _alike(
    shown: list[tuple[float, Image.Image]], size: tuple[int, int]
) -> tuple[Image.Image, ...]:
    """The frames in order; without those of another size, for streams may change theirs. None where
    there are too few to move."""
    ordered = sorted(shown, key=lambda pair: pair[0])
    frames = tuple(image for _, image in ordered if image.size == size)
    return frames if len(frames) > 1 else ()


def _any(film: Film, stream: VideoStream) -> Iterator[Shot]:
    frame = first_frame(film, stream)
    if frame:
        yield 0.0, frame


def _appeal(image: Image.Image) -> float:
    """How well a frame stands for a film: what is bright enough, rich and sharp. Larger is better,
    and what shows nothing is below 1."""
    levels = np.asarray(image.convert("L"), dtype=np.float32)
    mean, deviation = float(levels.mean()), float(levels.std())
    if not _DARK < mean < _BRIGHT or deviation < _FLAT:
        return deviation / 256
    shares = np.bincount(levels.astype(np.uint8).ravel(), minlength=256) / levels.size
    richness = -float(np.sum(shares[shares > 0] * np.log2(shares[shares > 0])))  # bits, 0..8
    return 1 + richness + 0.5 * float(np.log2(1 + _sharpness(levels)))


def _sharpness(levels: NDArray[np.float32]) -> float:
    """The variance of the second derivative: small where there are no edges."""
    if min(levels.shape) < 3:
        return 0.0
    inner = levels[1:-1, 1:-1]
    beside = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float((4 * inner - beside).var())


def _without_picture(film: Film) -> Undecodable:
    if film.unknown:
        return Undecodable(
            "The film could not be opened",
            why="nothing here decodes how its pictures are coded",
            hint="The original is kept as it is",
            reason="no-decoder",
        )
    sound = bool(film.container.streams.audio)
    return Undecodable(
        "The film has no picture",
        why="there is only sound in it" if sound else "there is nothing in it that can be read",
        hint="The original is kept as it is",
        reason="no-picture" if sound else "broken",
    )


def _without_frames() -> Undecodable:
    return Undecodable(
        "The film has no picture",
        why="no frame in it can be decoded: it may have been cut off before the first",
        hint="The original is kept as it is",
        reason="broken",
    )
