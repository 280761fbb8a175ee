"""A film's sound as AAC, in step with its pictures."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av.error
from av.audio.resampler import AudioResampler

from albums.media.film_clock import Clock

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

_BITS = 160_000  # a second
_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
_APART = 0.15  # seconds between sound and its time before it is set right
_SAMPLES = 1024  # in a frame of AAC


class CopiedSound:
    """Packets of AAC as they are, without those that are broken or come too late."""

    def __init__(self, source: AudioStream, target: OutputContainer, start: float) -> None:
        self.lost = 0
        self._source = source
        self._target = target
        self._clock = Clock(start)
        self._out = target.add_stream_from_template(source)
        self._last: int | None = None  # ticks of the stream

    def take(self, packet: Packet[Any]) -> None:
        if packet.size == 0:
            return  # the end of the stream
        try:
            self._source.codec_context.decode(packet)
        except av.error.InvalidDataError:
            self.lost += 1
            return
        tick = packet.time_base or Fraction(1, self._source.codec_context.sample_rate)
        said = float(packet.pts * tick) if packet.pts is not None else None
        ticks = round(self._clock.at(said, float((packet.duration or 0) * tick)) / tick)
        if self._last is not None and ticks <= self._last:
            self.lost += 1
            return
        packet.pts = packet.dts = self._last = ticks
        packet.stream = self._out
        self._target.mux(packet)

    def end(self) -> None:
        pass


class EncodedSound:
    """One stream decoded, and encoded in stereo, or mono where it is that."""

    def __init__(self, source: AudioStream, target: OutputContainer, start: float) -> None:
        codec = source.codec_context
        self.lost = 0
        self._source = source
        self._target = target
        self._clock = Clock(start)
        self._rate = codec.sample_rate if codec.sample_rate in _RATES else _RATES[0]
        self._layout = "mono" if codec.layout and codec.layout.nb_channels == 1 else "stereo"
        self._out = target.add_stream("aac", rate=self._rate)
        self._out.codec_context.layout = self._layout
        self._out.codec_context.bit_rate = _BITS
        self._resampler: AudioResampler | None = None
        self._heard: object = None
        self._next = 0  # samples so far, with gaps

    def take(self, packet: Packet[Any]) -> None:
        try:
            frames = self._source.codec_context.decode(packet)
        except av.error.InvalidDataError:
            self.lost += 1
            return
        for frame in frames:
            step = frame.samples / (frame.sample_rate or self._rate)
            self._hear(frame, self._clock.at(frame.time, step))

    def end(self) -> None:
        self._flush()
        self._target.mux(self._out.encode(None))

    def _hear(self, frame: AudioFrame, at: float) -> None:
        sounds = (frame.format.name, frame.layout.name, frame.sample_rate)
        apart = at - self._next / self._rate
        if apart < -_APART:
            return  # it was heard already
        if self._resampler is None or sounds != self._heard or apart > _APART:
            self._flush()
            self._heard = sounds
            self._resampler = AudioResampler("fltp", self._layout, self._rate, _SAMPLES)
        if apart > _APART:
            self._next = round(at * self._rate)
        frame.pts = None
        self._encode(self._resampler.resample(frame))

    def _flush(self) -> None:
        if self._resampler is not None:
            self._encode(self._resampler.resample(None))
            self._resampler = None

    def _encode(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            frame.pts, frame.time_base = self._next, Fraction(1, self._rate)
            self._next += frame.samples
            self._target.mux(self._out.encode(frame))
