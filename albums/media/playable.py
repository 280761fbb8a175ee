"""Whether every browser plays a film as it is, and what has to be made of it where not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import Undecodable
from albums.media.film_file import BROKEN, DEMUXERS, Film, broken, opened
from albums.media.film_frame import first_frame, hdr_of, shape_of
from albums.media.formats import HEAD, Format, identify, identify_file

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_MEGABYTES, _SECONDS = 256, 30.0  # that may be read to look at it
# What Chromium, Firefox and Safari all play, by demuxer: codecs of pictures and of sound.
_PLAYED = {
    "video/webm": ({"vp8", "vp9", "av1"}, {"opus", "vorbis"}),
    "mov": ({"h264", "vp9", "av1"}, {"aac", "mp3", "opus", "flac"}),
}
_PIXELS = {
    "h264": {"yuv420p", "yuvj420p"},
    "vp8": {"yuv420p"},
    "vp9": {"yuv420p", "yuv420p10le"},
    "av1": {"yuv420p", "yuvj420p", "yuv420p10le"},
}
# Containers that say when each frame is shown, so that H.264 can be taken over as it is.
_TIMED = {"mov", "matroska", "mpegts", "flv"}
_NO_PICTURES = "it has no moving pictures"


@dataclass(frozen=True)
class Look:
    """What a film needs to be played. `why`: what no browser plays of it, "" where all do."""

    why: str
    copied: bool  # its pictures may stay as they are, only their container or sound may not
    width: int  # pixels, upright
    height: int
    duration: float | None  # seconds
    hdr: str  # "", hlg, pq, dolby vision


def look(path: Path, name: str, part: list[int] | None) -> Look:
    """At the film at `path`, or at `part` (offset, length) of it. Raises Undecodable."""
    format = format_of(path, name, part)
    if format.mime not in DEMUXERS:
        raise Undecodable("There is no film in it", reason="no-film")
    span = (part[0], part[1]) if part else None
    try:
        with opened(path, format, _MEGABYTES, _SECONDS, part=span) as film:
            return _look(film, format)
    except BROKEN as error:
        raise broken(error, path) from error


def format_of(path: Path, name: str, part: list[int] | None) -> Format:
    """Of the film, which may lie inside a photo."""
    if part is None:
        return identify_file(path, name)
    with path.open("rb") as file:
        file.seek(part[0])
        return identify(file.read(min(HEAD, part[1])))


def sound_of(film: Film) -> AudioStream | None:
    """The sound that a player takes: the first whose codec is known."""
    streams = film.container.streams.audio
    return next((stream for stream in streams if stream.codec_context), None)


def _look(film: Film, format: Format) -> Look:
    stream = film.video
    if stream is None:
        raise Undecodable("The film cannot be played", why=_NO_PICTURES, reason="no-film")
    film.bytes.grant(_MEGABYTES, _SECONDS)
    why = _why_not(film, stream, format)
    frame = first_frame(film, stream)
    if frame is None:
        raise Undecodable(
            "The film cannot be played", why="its pictures cannot be decoded", reason="broken"
        )
    width, height = shape_of(frame, stream).upright
    copied = _may_be_copied(stream, frame, DEMUXERS[format.mime])
    return Look(why, copied, width, height, film.duration, hdr_of(frame))


def _why_not(film: Film, stream: VideoStream, format: Format) -> str:
    played = _PLAYED.get(format.mime) or _PLAYED.get(DEMUXERS[format.mime])
    if played is None:
        return f"its container ({format.extension.removeprefix('.')})"
    pictures, sounds = played
    codec = stream.codec_context.codec.canonical_name
    if codec not in pictures:
        return f"its pictures ({codec})"
    if stream.codec_context.pix_fmt not in _PIXELS[codec]:
        return f"its pictures ({codec}, {stream.codec_context.pix_fmt})"
    sound = next(iter(film.container.streams.audio), None)
    if sound is None:
        return ""
    heard = sound.codec_context.codec.canonical_name if sound.codec_context else "unknown"
    return "" if heard in sounds else f"its sound ({heard})"


def _may_be_copied(stream: VideoStream, frame: VideoFrame, demuxer: str) -> bool:
    return (
        stream.codec_context.codec.canonical_name == "h264"
        and frame.format.name in _PIXELS["h264"]
        and not frame.interlaced_frame
        and demuxer in _TIMED
    )
