"""Films made for tests: small, short, and painted so that a picture of them can be judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.codec.context import Flags
from av.video.reformatter import ColorPrimaries, ColorTrc
from av.video.stream import VideoStream
from numpy.typing import NDArray

SIZE = (96, 64)
Paint = Callable[[int, tuple[int, int]], NDArray[np.uint8]]
_OPTIONS = {
    "libx264": {"x264-params": "log-level=none", "preset": "ultrafast"},
    "libx265": {"x265-params": "log-level=none", "preset": "ultrafast"},
    "libsvtav1": {"preset": "12"},
}
# Of the coded colours of the picture's corners: (0, 0), (1, 0), (0, 1), (1, 1).
CORNERS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))


def corners(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Each quarter in its colour: shows how a picture is turned."""
    width, height = size
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    for place, colour in enumerate(CORNERS):
        rows = slice(0, height // 2) if place < 2 else slice(height // 2, None)
        columns = slice(0, width // 2) if place % 2 == 0 else slice(width // 2, None)
        picture[rows, columns] = colour
    return picture


def numbered(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Brighter from frame to frame, over a pattern: shows which frame it is."""
    width, height = size
    pattern = np.indices((height, width)).sum(axis=0)[..., None] // 4 % 2 * 40
    return np.broadcast_to(pattern + 40 + number % 40 * 4, (height, width, 3)).astype(np.uint8)


def film(
    path: Path,
    codec: str = "libx264",
    *,
    frames: int = 20,
    rate: Fraction | int = 10,
    size: tuple[int, int] = SIZE,
    paint: Paint = corners,
    pixels: str = "yuv420p",
    gop: int = 5,
    container: str | None = None,
    muxing: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    turn: tuple[float, bool, bool] | None = None,
    aspect: Fraction | None = None,
    hdr: ColorTrc | None = None,
    sound: bool = False,
    interlaced: bool = False,
    times: Callable[[int], int] | None = None,
) -> Path:
    """`turn`: degrees counter-clockwise, mirrored left to right, and top to bottom, as written in
    the display matrix. `times`: number of a frame -> its time in ticks of 1 / rate."""
    with av.open(str(path), "w", format=container, options=dict(muxing or {})) as out:
        out.metadata.update(tags or {})
        stream = cast("VideoStream", out.add_stream(codec, rate, _OPTIONS.get(codec, {})))
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.gop_size = gop
        stream.codec_context.time_base = 1 / Fraction(rate)
        if turn:
            stream.set_display_rotation(turn[0], hflip=turn[1], vflip=turn[2])
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if interlaced:
            stream.codec_context.flags |= Flags.interlaced_dct
        if hdr:
            stream.codec_context.color_trc = hdr
            stream.codec_context.color_primaries = ColorPrimaries.BT2020
            stream.codec_context.colorspace = 9
        heard = out.add_stream("aac", 8000) if sound else None
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(paint(number, size), format="rgb24")
            frame.pts = times(number) if times else number
            out.mux(stream.encode(frame.reformat(format=pixels, dst_colorspace=None)))
        out.mux(stream.encode(None))
        if heard:
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
            tone.rate = 8000
            out.mux([*heard.encode(tone), *heard.encode(None)])
    return path
