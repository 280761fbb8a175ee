"""Makes of any film one that every browser plays: H.264 and AAC in an MP4 that starts at once.

What a browser would play of it is taken over as it is. What cannot be decoded is left out.
"""

from __future__ import annotations

import os
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import av
import av.error

from albums.errors import Undecodable
from albums.media.film_clock import Clock, start_of
from albums.media.film_file import BROKEN, Film, opened
from albums.media.film_frame import first_frame, hdr_of, shape_of
from albums.media.film_job import Made, Wanted
from albums.media.film_pictures import TICK, Pictures
from albums.media.film_sound import EncodedSound
from albums.media.playable import format_of, look, sound_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_ALL = 2.0**30  # megabytes and seconds: the process as a whole has limits
_LONGEST = 24 * 3600.0  # seconds of a film; more is a broken one
_FASTEST = 61  # frames a second; more are for slow motion, which this is not
_TOLD = 1.0  # seconds between signs of life
_SLOWEST, _QUICKEST, _USUAL = 1, 240, 30  # frames a second that a header may say
_HELD = 32  # packets; what reorders frames by more is broken
_KEYFRAMES = 2  # seconds from one to the next, for quick seeking


class _Maker(Protocol):
    """Puts one stream into the target."""

    lost: int  # parts that could not be decoded

    def take(self, packet: Packet[Any]) -> None: ...
    def end(self) -> None: ...


def make(wanted: Wanted, target: int, tell: Callable[[float], None]) -> Made:
    """Write the film to the descriptor `target`; `tell` hears now and then how many seconds of it
    are done. Raises Undecodable, or an OSError where it cannot be written."""
    seen = look(wanted.path, wanted.name, wanted.part)
    if seen.copied:
        try:
            return _made(wanted, target, tell, None, (seen.width, seen.height))
        except Undecodable:
            pass
        except BROKEN as error:
            if is_of_the_disk(error):
                raise
        os.ftruncate(target, 0)
    pictures = _pictures(wanted)
    return _made(wanted, target, tell, pictures, pictures.size)


def is_of_the_disk(error: BaseException) -> bool:
    """Whether it is the target that cannot be written."""
    return isinstance(error, OSError) and error.errno in (28, 122, 27)


def _pictures(wanted: Wanted) -> Pictures:
    with _open(wanted) as film:
        frame = first_frame(film, film.video) if film.video else None
        if frame is None or film.video is None:
            raise Undecodable("The film cannot be played", why="no frame can be decoded")
        shape, hdr = shape_of(frame, film.video), hdr_of(frame) != ""
        interlaced = bool(frame.interlaced_frame)
        return Pictures(shape, wanted.height, hdr=hdr, interlaced=interlaced)


def _open(wanted: Wanted) -> AbstractContextManager[Film]:
    format = format_of(wanted.path, wanted.name, wanted.part)
    part = (wanted.part[0], wanted.part[1]) if wanted.part else None
    return opened(wanted.path, format, _ALL, _ALL, part=part)


def _made(
    wanted: Wanted,
    target: int,
    tell: Callable[[float], None],
    pictures: Pictures | None,
    size: tuple[int, int],
) -> Made:
    """One attempt; without `pictures` those of the original are taken over."""
    # By its name, so that it can be read again to put the head first.
    with _open(wanted) as film, _target(f"/dev/fd/{target}") as out:
        assert film.video is not None
        shown: _Copied | _Encoded
        if pictures is None:
            shown = _Copied(film.video, out, start_of(film))
        else:
            shown = _Encoded(film, film.video, out, pictures, wanted)
        makers: dict[int, _Maker] = {film.video.index: shown}
        if sound := sound_of(film):
            copied = _is_copied(sound)
            makers[sound.index] = (_Copied if copied else EncodedSound)(sound, out, start_of(film))
        ended = _run(film, makers, shown, tell)
    lost = sum(maker.lost for maker in makers.values())
    warnings = [] if ended else ["It ends too early."]
    warnings += [f"{lost} parts of it could not be decoded."] if lost else []
    return Made(*size, shown.at, pictures is None, " ".join(warnings))


def _target(path: str) -> OutputContainer:
    options = {"movflags": "+faststart", "video_track_timescale": str(TICK.denominator)}
    return av.open(path, "w", format="mp4", container_options=options)


def _is_copied(sound: AudioStream) -> bool:
    codec = sound.codec_context
    described = bool(codec.extradata)  # AAC in a transport stream is not
    return bool(codec.codec.canonical_name == "aac" and described)


def _run(
    film: Film,
    makers: dict[int, _Maker],
    shown: _Copied | _Encoded,
    tell: Callable[[float], None],
) -> bool:
    """From the first packet to the last; False where the file breaks off before."""
    told = time.monotonic()
    ended = True
    try:
        for packet in film.container.demux([film.container.streams[i] for i in makers]):
            makers[packet.stream.index].take(packet)
            if time.monotonic() - told > _TOLD:
                told = time.monotonic()
                tell(shown.at)
            if shown.at > _LONGEST:
                ended = False
                break
    except (av.error.InvalidDataError, av.error.EOFError):
        ended = False
    for maker in makers.values():
        maker.end()
    if shown.at <= 0 and not shown.any:
        raise Undecodable("The film cannot be played", why="no frame can be decoded")
    return ended


class _Copied:
    """Packets as they are, from the beginning on. Raises Undecodable where they lack times or are
    broken: a decoder that conceals that is not what every browser has."""

    def __init__(
        self, source: VideoStream | AudioStream, target: OutputContainer, start: float
    ) -> None:
        self.lost = 0
        self.at = 0.0
        self.any = False
        self._target = target
        self._start = start
        self._source = source
        self._held: list[Packet[Any]] = []
        self._out = target.add_stream_from_template(source)

    def take(self, packet: Packet[Any]) -> None:
        if packet.size == 0:
            return  # the end of the stream
        if packet.pts is None or packet.time_base is None or len(self._held) > _HELD:
            raise Undecodable("Its packets have no times", reason="no-times")
        if not self.any and not packet.is_keyframe:
            return
        if any(frame.is_corrupt for frame in self._source.codec_context.decode(packet)):
            raise Undecodable("Its packets are broken", reason="broken")
        self.any = True
        if packet.dts is None:  # of the first ones, Matroska says only when they are shown
            self._held.append(packet)
            return
        for number, held in enumerate(self._held):
            held.dts = packet.dts - (len(self._held) - number) * max(1, packet.duration or 1)
            self._put(held)
        self._held.clear()
        self._put(packet)

    def _put(self, packet: Packet[Any]) -> None:
        assert packet.pts is not None
        assert packet.dts is not None
        assert packet.time_base is not None
        shift = round(self._start / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        self.at = max(self.at, float(packet.pts * packet.time_base))
        packet.stream = self._out
        self._target.mux(packet)

    def end(self) -> None:
        if self._held:
            raise Undecodable("Its packets have no times", reason="no-times")


class _Encoded:
    """Frames decoded, made presentable and encoded."""

    def __init__(
        self,
        film: Film,
        source: VideoStream,
        target: OutputContainer,
        pictures: Pictures,
        wanted: Wanted,
    ) -> None:
        self.lost = 0
        self.at = 0.0
        self.any = False
        self._source = source
        self._target = target
        self._pictures = pictures
        self._clock = Clock(start_of(film))
        self._last = -TICK.denominator  # in TICKs
        source.codec_context.thread_count = wanted.threads
        source.codec_context.thread_type = "AUTO"
        rate = source.average_rate or source.guessed_rate
        self._rate = rate if rate and _SLOWEST <= rate <= _QUICKEST else Fraction(_USUAL)
        self._out = _encoder(target, pictures.size, min(self._rate, Fraction(60)), wanted)

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
    target: OutputContainer, size: tuple[int, int], rate: Fraction, wanted: Wanted
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
    codec.width, codec.height = size
    codec.pix_fmt = "yuv420p"
    codec.time_base = TICK
    codec.thread_count = wanted.threads
    return stream
