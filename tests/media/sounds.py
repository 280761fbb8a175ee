"""Films with sound in codecs of every age, made for tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from tests.media.films import corners


def sounding(
    path: Path,
    codec: str,
    *,
    container: str | None = None,
    pictures: str = "libx264",
    rate: int = 44_100,
    layout: str = "mono",
    size: tuple[int, int] = (96, 64),
    seconds: float = 1.0,
) -> Path:
    """A film at 25 frames a second with a tone of 440 Hz."""
    with av.open(str(path), "w", format=container) as out:
        shown = cast("VideoStream", out.add_stream(pictures, 25))
        shown.width, shown.height, shown.pix_fmt = *size, "yuv420p"
        heard = cast("AudioStream", out.add_stream(codec, rate))
        heard.codec_context.layout = layout
        for number in range(round(25 * seconds)):
            frame = av.VideoFrame.from_ndarray(corners(number, size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(shown.encode(frame.reformat(format="yuv420p")))
        out.mux(shown.encode(None))
        wave = np.sin(np.arange(round(rate * seconds)) * 440 * 2 * np.pi / rate)
        tone = av.AudioFrame.from_ndarray((wave * 8000).astype(np.int16)[None], "s16", "mono")
        tone.rate, tone.pts, tone.time_base = rate, 0, Fraction(1, rate)
        codec_context = heard.codec_context
        shaped = AudioResampler(
            codec_context.format, layout, rate, codec_context.frame_size or None
        )
        for part in [*shaped.resample(tone), *shaped.resample(None)]:
            out.mux(heard.encode(part))
        out.mux(heard.encode(None))
    return path
