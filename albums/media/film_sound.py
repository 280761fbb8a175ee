"""A film's sound as AAC in stereo, in step with its pictures."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from av.audio.resampler import AudioResampler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

_BITS = 160_000  # a second
_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
_APART = 0.15  # seconds between sound and its time before it is set right


class Sound:
    """Decodes one stream of sound and encodes it into the target."""

    def __init__(self, source: AudioStream, target: OutputContainer) -> None:
        codec = source.codec_context
        self._source = source
        self._rate = codec.sample_rate if codec.sample_rate in _RATES else _RATES[0]
        self._layout = "mono" if codec.layout and codec.layout.nb_channels == 1 else "stereo"
        self.stream = target.add_stream("aac", rate=self._rate)
        self.stream.codec_context.layout = self._layout
        self.stream.codec_context.bit_rate = _BITS
        self._resampler: AudioResampler | None = None
        self._heard: object = None
        self._next = 0  # samples so far, with gaps

    def of(self, frame: AudioFrame, at: float) -> Iterator[Packet[AudioStream]]:
        """`at`: seconds from the beginning at which it is heard."""
        sounds = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or sounds != self._heard:
            yield from self._flush()
            self._resampler, self._heard = self._made(), sounds
        apart = at - self._next / self._rate
        if apart < -_APART:
            return  # heard already
        if apart > _APART:
            yield from self._flush()
            self._resampler = self._made()
            self._next = round(at * self._rate)
        frame.pts = None
        yield from self._encoded(self._resampler.resample(frame))

    def end(self) -> Iterator[Packet[AudioStream]]:
        yield from self._flush()
        yield from self.stream.encode(None)

    def _flush(self) -> Iterator[Packet[AudioStream]]:
        if self._resampler is not None:
            yield from self._encoded(self._resampler.resample(None))
            self._resampler = None

    def _made(self) -> AudioResampler:
        return AudioResampler("fltp", self._layout, self._rate, 1024)

    def _encoded(self, frames: list[AudioFrame]) -> Iterator[Packet[AudioStream]]:
        for frame in frames:
            frame.pts, frame.time_base = self._next, Fraction(1, self._rate)
            self._next += frame.samples
            yield from self.stream.encode(frame)
