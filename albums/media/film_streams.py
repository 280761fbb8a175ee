"""Puts one stream of a film into another film: its packets as they are, or its frames encoded."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av.error

from albums.errors import Undecodable
from albums.media.film_clock import LEAP, Clock
from albums.media.film_pictures import TICK, Pictures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from albums.media.film_job import Wanted

_FASTEST = 61  # frames a second; more are for slow motion, which this is not
_SLOWEST, _QUICKEST, _USUAL = 1, 240, 30  # frames a second that a header may say
_HELD = 32  # packets; what reorders frames by more is broken
_LIMITED = 1  # range of the pictures: 16 to 235
_KEYFRAMES = 2  # seconds from one to the next, for quick seeking


class CopiedPictures:
    """Packets as they are, from the beginning on. Raises Undecodable where their times make no
    sense or they are broken: not every browser has a decoder that conceals that."""

    def __init__(self, source: VideoStream, target: OutputContainer, start: float) -> None:
        self.lost = 0
        self.at = 0.0
        self.any = False
        self._target = target
        self._start = start
        self._source = source
        self._last: float | None = None  # seconds
        self._held: list[Packet[Any]] = []
        self._out = target.add_stream_from_template(source)

    def take(self, packet: Packet[Any]) -> None:
        if packet.size == 0:
            return  # the end of the stream
        if packet.pts is None or packet.time_base is None or len(self._held) > _HELD:
            raise Undecodable("Its packets have no times", reason="no-times")
        if not self.any and not packet.is_keyframe:
            return
        self._expect_whole(packet)
        self.any = True
        if packet.dts is None:  # of the first ones, Matroska says only when they are shown
            self._held.append(packet)
            return
        for number, held in enumerate(self._held):
            held.dts = packet.dts - (len(self._held) - number) * max(1, packet.duration or 1)
            self._put(held)
        self._held.clear()
        self._put(packet)

    def _expect_whole(self, packet: Packet[Any]) -> None:
        try:
            frames = self._source.codec_context.decode(packet)
        except av.error.InvalidDataError as error:
            raise Undecodable("Its packets are broken", reason="broken") from error
        if any(frame.is_corrupt for frame in frames):
            raise Undecodable("Its packets are broken", reason="broken")

    def _put(self, packet: Packet[Any]) -> None:
        assert packet.pts is not None
        assert packet.dts is not None
        assert packet.time_base is not None
        shift = round(self._start / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        at = float(packet.dts * packet.time_base)
        if self._last is not None and not 0 < at - self._last < LEAP:
            raise Undecodable("Its packets leap in time", reason="no-times")
        self._last = at
        self.at = max(self.at, float(packet.pts * packet.time_base))
        packet.stream = self._out
        self._target.mux(packet)

    def end(self) -> None:
        if self._held:
            raise Undecodable("Its packets have no times", reason="no-times")


class EncodedPictures:
    """Frames decoded, made presentable and encoded."""

    def __init__(
        self,
        source: VideoStream,
        target: OutputContainer,
        start: float,
        pictures: Pictures,
        wanted: Wanted,
    ) -> None:
        self.lost = 0
        self.at = 0.0
        self.any = False
        self._source = source
        self._target = target
        self._pictures = pictures
        self._clock = Clock(start)
        self._last = -TICK.denominator  # in TICKs
        source.codec_context.thread_count = wanted.threads
        source.codec_context.thread_type = "AUTO"
        rate = source.average_rate or source.guessed_rate
        self._rate = rate if rate and _SLOWEST <= rate <= _QUICKEST else Fraction(_USUAL)
        self._out = _encoder(target, pictures, min(self._rate, Fraction(60)), wanted)

    def take(self, packet: Packet[Any]) -> None:
        try:
            frames = self._source.codec_context.decode(packet)
        except av.error.InvalidDataError:
            self.lost += 1
            return
        for frame in frames:
            at = self._clock.at(frame.time, float(1 / self._rate))
            ticks = round(at / TICK)
            if ticks - self._last < 1 / TICK / _FASTEST:
                continue
            self._last, self.at, self.any = ticks, at, True
            frame.pts, frame.time_base = ticks, TICK
            self._mux(self._pictures.of(frame))

    def end(self) -> None:
        self._mux(self._pictures.of(None))
        if self.any:
            self._target.mux(self._out.encode(None))

    def _mux(self, frames: Iterator[VideoFrame]) -> None:
        for frame in frames:
            frame.pict_type = 0
            self._target.mux(self._out.encode(frame))


def _encoder(
    target: OutputContainer, pictures: Pictures, rate: Fraction, wanted: Wanted
) -> VideoStream:
    options = {
        "preset": "veryfast",
        "profile": "high",
        "crf": "23",
        "maxrate": str(wanted.bit_rate),
        "bufsize": str(2 * wanted.bit_rate),
        "g": str(round(_KEYFRAMES * rate)),
    }
    stream = target.add_stream("libx264", rate=rate, options=options)
    codec = stream.codec_context
    codec.width, codec.height = pictures.size
    codec.color_primaries, codec.color_trc, codec.colorspace = pictures.colours
    codec.color_range = _LIMITED
    codec.pix_fmt = "yuv420p"
    codec.time_base = TICK
    codec.thread_count = wanted.threads
    return stream
