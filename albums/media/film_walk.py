"""Frames spread over a film, in seconds however long it is: from keyframe to keyframe by its index;
where it has none from places in the file; and where that fails too, from its beginning."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING

from albums.errors import Undecodable
from albums.media.film_file import BROKEN, Film, can_begin_anywhere, decoder_of, opened

if TYPE_CHECKING:
    from pathlib import Path

    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from albums.media.formats import Format

_FEWEST, _MOST = 3, 10  # frames that are looked for
_A_SECOND = 2  # of them, in a short film
_SECONDS = 30.0  # for all of it: the decoder process has a minute
_MEGABYTES, _PLACE_SECONDS = 48, 4.0  # to find one place; with an index it needs much less
_ONWARD_SECONDS = (
    3.0  # of the processor, to decode what lies between keyframes, for all of the film
)
_NO_INDEX = 20.0  # seconds; hardly a camera makes a film this long with one keyframe
_APART = 2.0  # seconds, where nobody knows how long the film is
_PACKETS = 900  # without a keyframe: there is none here
_OPENING = 8  # packets after a keyframe that it may take to show it
_WHOLE = (0, 1)  # AV_PICTURE_TYPE_NONE, where the codec has no types, and _I


Shot = tuple[float, "VideoFrame"]  # when, in seconds or parts of the film, and what is seen


class Walk:
    """One way through a film. `truncated`: its last part is not there."""

    def __init__(self, path: Path, format: Format, film: Film, stream: VideoStream) -> None:
        self.truncated = False
        self._path = path
        self._format = format
        self._film = film
        self._stream = stream
        self._decoder = decoder_of(stream)
        self._until = time.monotonic() + _SECONDS
        self._seen: set[int] = set()  # keyframes
        self._reached = 0.0  # seconds of the last frame
        self._ended = False  # where its packets end was seen

    def frames(self) -> Iterator[Shot]:
        """About ten frames, each once, in no order; none where none can be decoded."""
        found = 0
        for way in (self._by_index, self._by_places, self._from_start, self._anything):
            for shot in islice(way(), _MOST):
                found += 1
                yield shot
            if found > 1 or (found and not self._is_lost()):
                return

    def _is_lost(self) -> bool:
        """Whether the index led to the same picture each time, in a film that has more of them."""
        return (self._film.duration or _NO_INDEX) >= _NO_INDEX and can_begin_anywhere(self._format)

    def _by_index(self) -> Iterator[Shot]:
        duration = self._film.duration
        if duration is None:
            return
        count = max(_FEWEST, min(_MOST, int(duration * _A_SECOND)))
        until = time.process_time() + _ONWARD_SECONDS
        yield from self._at([duration * part for part in _spread(count)], until)
        if self._ended and 0 < self._reached < duration * (1 - 3 / count):
            self.truncated = True
            yield from self._at([self._reached * part for part in _spread(count)], until)

    def _at(self, moments: Sequence[float], until: float) -> Iterator[Shot]:
        """Frames near these seconds: keyframes, and what lies between where there are too few."""
        later: dict[int, list[float]] = {}  # keyframe -> moments that are nearest after it
        for at, frame in chain(self._keyframes(moments, later), self._between(later, until)):
            self._reached = max(self._reached, at)
            yield at, frame

    def _between(self, later: dict[int, list[float]], until: float) -> Iterator[Shot]:
        if len(later) == 1 and self._is_lost():
            return
        for moments in later.values():
            yield from self._onward(sorted(moments[1:]), until)

    def _keyframes(self, moments: Sequence[float], later: dict[int, list[float]]) -> Iterator[Shot]:
        """The keyframes before these seconds that were not seen before."""
        for moment in moments:
            packets = self._packets(moment)
            key = next((p for p in packets if p.is_keyframe and not p.is_corrupt), None)
            if self._film.bytes.refused or self._left() < 0:
                return
            if key is None:
                continue
            at = _ticks(key)
            later.setdefault(at, []).append(moment)
            if at not in self._seen and (frame := _shown(self._decoder, key, packets)):
                yield self._seconds(at), frame
            self._seen.add(at)

    def _onward(self, moments: list[float], until: float) -> Iterator[Shot]:
        """Frames at these seconds, decoded from the keyframe before them."""
        if not moments or time.process_time() > until or self._left() < 0:
            return
        self._decoder.skip_frame = "NONREF"
        try:
            for packet in self._packets(moments[0]):
                for frame in self._decoder.decode(packet):
                    at = -1.0 if frame.pts is None else self._seconds(frame.pts)
                    if moments and at >= moments[0]:
                        yield at, frame
                        moments = [moment for moment in moments if moment > at]
                if not moments or time.process_time() > until or self._left() < 0:
                    return
        except BROKEN:
            return
        finally:
            self._decoder.flush_buffers()
            self._decoder.skip_frame = "DEFAULT"

    def _packets(self, moment: float) -> Iterator[Packet[VideoStream]]:
        """From the last keyframe before this second on; none where that cannot be found."""
        self._film.bytes.grant(_MEGABYTES, min(_PLACE_SECONDS, self._left()))
        try:
            ticks = int(moment / (self._stream.time_base or 1)) + (self._stream.start_time or 0)
            self._film.container.seek(ticks, stream=self._stream)
            yield from islice(_packets(self._film, self._stream), _PACKETS)
        except BROKEN:
            return
        self._ended = not self._film.bytes.refused

    def _by_places(self) -> Iterator[Shot]:
        """Keyframes after places in the file: for containers that need no index."""
        if not can_begin_anywhere(self._format):
            return
        for place in _spread(_MOST):
            if self._left() < 0:
                return
            for _, frame in islice(self._from(place), 1):
                yield place, frame

    def _from_start(self) -> Iterator[Shot]:
        """Keyframes from the beginning, some seconds apart."""
        return self._from(0.0)

    def _anything(self) -> Iterator[Shot]:
        """What can be decoded of the first packets, though half of it may be missing."""
        try:
            with opened(self._path, self._format, _MEGABYTES, _PLACE_SECONDS) as film:
                packets = islice(_packets(film, film.video), _PACKETS) if film.video else iter(())
                decoder = decoder_of(self._stream)
                frame = next(_decoded(decoder, tuple(packets)), None)
        except (Undecodable, *BROKEN):
            return
        if frame:
            yield 0.0, frame

    def _from(self, place: float) -> Iterator[Shot]:
        """Keyframes of the film as it begins at this part of its file, opened anew."""
        seconds = min(_PLACE_SECONDS, self._left())
        last = -math.inf
        try:
            with opened(self._path, self._format, _MEGABYTES, seconds, place) as film:
                if film.video is None:
                    return
                packets = _packets(film, film.video)
                decoder = decoder_of(film.video)
                for packet in packets:
                    at = self._seconds(_ticks(packet))
                    if not packet.is_keyframe or at < last + _APART:
                        continue
                    if frame := _shown(decoder, packet, packets):
                        last = at
                        yield at, frame
        except (Undecodable, *BROKEN):
            return

    def _seconds(self, ticks: int) -> float:
        """From the beginning of the film's own clock on."""
        return float((ticks - (self._stream.start_time or 0)) * (self._stream.time_base or 0))

    def _left(self) -> float:
        return self._until - time.monotonic()


def _spread(count: int) -> list[float]:
    """The middles of `count` equal parts, 0..1."""
    return [(number + 0.5) / count for number in range(count)]


def _packets(film: Film, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Without the empty one that ends them."""
    return (packet for packet in film.container.demux(stream) if packet.size)


def _ticks(packet: Packet[VideoStream]) -> int:
    """When it is shown; where nobody knows, what at least tells it from others."""
    known = (ticks for ticks in (packet.pts, packet.dts, packet.pos) if ticks is not None)
    return next(known, 0)


def _shown(
    decoder: VideoCodecContext,
    key: Packet[VideoStream],
    following: Iterator[Packet[VideoStream]],
) -> VideoFrame | None:
    """The picture of a keyframe, by as few packets as it takes: most often by its own alone."""
    fed = [key]
    for wanted in (1, _OPENING):
        fed += islice(following, wanted - len(fed))
        frame = next((f for f in _decoded(decoder, fed) if _is_whole(f)), None)
        decoder.flush_buffers()
        if frame:
            return frame
    return None


def _decoded(
    decoder: VideoCodecContext, packets: Sequence[Packet[VideoStream]]
) -> Iterator[VideoFrame]:
    for packet in (*packets, None):
        with suppress(*BROKEN):
            yield from decoder.decode(packet)


def _is_whole(frame: VideoFrame) -> bool:
    """Whether it is a picture of its own, and not what differs from others."""
    return frame.key_frame or frame.pict_type in _WHOLE
