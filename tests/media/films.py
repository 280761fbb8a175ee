"""Films made for tests: small, short, and painted so that a picture of them can be judged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.codec.context import Flags
from av.video.reformatter import ColorPrimaries, ColorTrc
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tests.media import pictures

SIZE = (96, 64)
Paint = Callable[[int, tuple[int, int]], NDArray[np.uint8]]
_OPTIONS = {
    "libx264": {"x264-params": "log-level=none", "preset": "ultrafast"},
    "libx265": {"x265-params": "log-level=none", "preset": "ultrafast"},
    "libsvtav1": {"preset": "12"},
}


def corners(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Four coloured quarters, which show how a picture is turned."""
    return np.asarray(pictures.corners(size))


def numbered(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Brighter from frame to frame, over a pattern: shows which frame it is."""
    pattern = np.indices((size[1], size[0])).sum(axis=0)[..., None] // 4 % 2 * 40
    return np.repeat(pattern + 20 + number % 64 * 3, 3, axis=2).astype(np.uint8)


def noise(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Nothing that a codec could make small."""
    rng = np.random.default_rng(number)
    return rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def grey(code: int) -> Paint:
    """One level of the coded signal."""
    return lambda number, size: np.full((size[1], size[0], 3), code, dtype=np.uint8)


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
    matrix: int | None = None,
    tagged: bool = False,
    sound: bool = False,
    interlaced: bool = False,
    times: Callable[[int], int] | None = None,
) -> Path:
    """`turn`: degrees counter-clockwise, mirrored left to right, and top to bottom, as written in
    the display matrix. `matrix`: from RGB to YUV; `tagged`: the film says which. `times`: number of
    a frame -> its time in ticks of 1 / rate."""
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
        if matrix and tagged:
            stream.codec_context.colorspace = matrix
        if hdr:
            stream.codec_context.color_trc = hdr
            stream.codec_context.color_primaries = ColorPrimaries.BT2020
            stream.codec_context.colorspace = 9
        heard = out.add_stream("aac", 8000) if sound else None
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(paint(number, size), format="rgb24")
            frame.pts = times(number) if times else number
            out.mux(stream.encode(frame.reformat(format=pixels, dst_colorspace=matrix)))
        out.mux(stream.encode(None))
        if heard:
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
            tone.rate = 8000
            out.mux([*heard.encode(tone), *heard.encode(None)])
    return path


def seeds() -> dict[str, bytes]:
    """A good film of each kind, to be damaged: name -> content."""
    made: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, how in _SEEDS.items():
            made[name] = film(Path(folder) / name, frames=8, gop=4, **how).read_bytes()
    return made


_SEEDS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"sound": True, "muxing": {"movflags": "faststart"}, "turn": (90, False, False)},
    "fragments.mp4": {"muxing": {"movflags": "frag_keyframe+empty_moov"}},
    "hdr.mov": {"codec": "libx265", "pixels": "yuv420p10le", "hdr": ColorTrc.ARIB_STD_B67},
    "av1.mp4": {"codec": "libsvtav1"},
    "prores.mov": {"codec": "prores_ks", "pixels": "yuva444p10le"},
    "vp9.webm": {"codec": "libvpx-vp9", "pixels": "yuva420p"},
    "h264.mkv": {"sound": True},
    "live.mkv": {"muxing": {"live": "1"}},
    "mpeg4.avi": {"codec": "mpeg4"},
    "motion jpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "h263.3gp": {"codec": "h263", "size": (176, 144)},
    "h264.mts": {"container": "mpegts", "interlaced": True, "sound": True},
    "mpeg2.mpg": {"codec": "mpeg2video", "rate": 25},
    "wmv2.wmv": {"codec": "wmv2"},
    "flash.flv": {"codec": "flv"},
    "dv.mov": {"codec": "dvvideo", "size": (720, 576), "rate": 25},
}
