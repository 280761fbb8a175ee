"""Makes of any film one that every browser plays: H.264 and AAC in an MP4 that starts at once.

What a browser would play of it is taken over as it is. What cannot be decoded is left out.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Protocol

import av
import av.error

from albums.errors import Undecodable
from albums.media.film_clock import start_of
from albums.media.film_file import BROKEN, Film, opened
from albums.media.film_frame import first_frame
from albums.media.film_job import Made, Wanted
from albums.media.film_pictures import TICK, Pictures
from albums.media.film_sound import CopiedSound, EncodedSound
from albums.media.film_streams import CopiedPictures, EncodedPictures
from albums.media.playable import format_of, look, sound_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from contextlib import AbstractContextManager

    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

_ALL = 2.0**30  # megabytes and seconds: the process as a whole has limits
_LONGEST = 24 * 3600.0  # seconds of a film; more is a broken one
_TOLD = 1.0  # seconds between signs of life


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
        return Pictures(frame, film.video, wanted.height)


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
        start = start_of(film)
        shown: CopiedPictures | EncodedPictures
        if pictures is None:
            shown = CopiedPictures(film.video, out, start)
        else:
            shown = EncodedPictures(film.video, out, start, pictures, wanted)
        makers: dict[int, _Maker] = {film.video.index: shown}
        if sound := sound_of(film):
            copied = _is_copied(sound)
            makers[sound.index] = (CopiedSound if copied else EncodedSound)(sound, out, start)
        ended = _run(film, makers, shown, tell)
    lost = sum(maker.lost for maker in makers.values())
    warnings = [pictures.warning] if pictures and pictures.warning else []
    warnings += [] if ended else ["It ends too early."]
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
    shown: CopiedPictures | EncodedPictures,
    tell: Callable[[float], None],
) -> bool:
    """From the first packet to the last; False where the file breaks off before."""
    told = time.monotonic()
    ended = True
    for packet in _packets(film, makers):
        if packet is None or shown.at > _LONGEST:
            ended = False
            break
        makers[packet.stream.index].take(packet)
        if time.monotonic() - told > _TOLD:
            told = time.monotonic()
            tell(shown.at)
    for maker in makers.values():
        maker.end()
    if shown.at <= 0 and not shown.any:
        raise Undecodable("The film cannot be played", why="no frame can be decoded")
    return ended


def _packets(film: Film, wanted: Collection[int]) -> Iterator[Packet[Any] | None]:
    """Of the streams with these numbers; None at last where the file breaks off."""
    try:
        yield from film.container.demux([film.container.streams[number] for number in wanted])
    except (av.error.InvalidDataError, av.error.EOFError):
        yield None
