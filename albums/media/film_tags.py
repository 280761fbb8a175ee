"""What a film says of itself: the tags of its container as written, and how its pictures and its
sound are coded."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from albums.errors import Undecodable
from albums.media import mdpm, nrtm, quicktime
from albums.media.film_file import BROKEN, Film, opened
from albums.media.film_frame import Shape, first_frame, hdr_of, shape_of

if TYPE_CHECKING:
    from pathlib import Path

    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from albums.media.formats import Format

_MEGABYTES, _SECONDS = 1024, 15.0  # that may be read for it
_TAGS, _LONGEST = 500, 4000  # tags, and characters of each; more is no metadata
_TAIL = 4 << 20  # bytes; a second of the largest films, and a few of most
_MEASURABLE = ("video/x-matroska", "video/webm")  # their times count from the film's beginning
_ISO = ("video/mp4", "video/quicktime", "video/3gpp", "video/3gpp2")


def read(path: Path, format: Format) -> dict[str, Any]:
    """`container`: its tags by the names that FFmpeg gives them; those of the stream of pictures
    begin with "video:". `film`: how it is coded; see `_film`. `upright_size`: (w, h) in pixels as
    it is shown, or None. `quicktime_epoch`: the time in its header, ISO 8601, UTC by the standard,
    or None. `warnings`. Never fails for what is in the file."""
    found: dict[str, Any] = {
        "container": {},
        "film": {},
        "upright_size": None,
        "quicktime_epoch": None,
        "warnings": [],
    }
    if format.mime in _ISO:
        with path.open("rb") as file:
            epoch = quicktime.header_time(file)
            texts = nrtm.read(file) | quicktime.metadata(file)
        found["quicktime_epoch"] = epoch.isoformat() if epoch else None
        found["container"] |= texts
    if format.mime == "video/mp2t":
        with path.open("rb") as file:
            found["container"] |= mdpm.read(file)
    try:
        with opened(path, format, _MEGABYTES, _SECONDS) as film:
            _read(film, found)
        if found["film"]["duration"] is None and format.mime in _MEASURABLE:
            found["film"]["duration"] = _measured(path, format)
    except Undecodable as error:
        found["warnings"].append(str(error))
    except BROKEN as error:
        found["warnings"].append(f"The film's tags cannot be read ({type(error).__name__}).")
    found["container"] = dict(list(found["container"].items())[:_TAGS])
    return found


def _measured(path: Path, format: Format) -> float | None:
    """When the last picture of a film ends whose header does not say it: of live recordings."""
    end = 0.0
    tail = max(0.0, 1 - _TAIL / path.stat().st_size)
    with opened(path, format, _MEGABYTES, _SECONDS, tail) as film:
        for packet in film.container.demux(film.video) if film.video else ():
            if packet.pts is not None and packet.time_base:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end or None


def _read(film: Film, found: dict[str, Any]) -> None:
    tags = found["container"]
    for name, value in film.container.metadata.items():
        tags.setdefault(name, value[:_LONGEST])
    stream = film.video or film.cover
    if stream is None:
        found["film"] = _film(film, None, None, None)
        return
    for name, value in stream.metadata.items():
        tags.setdefault(f"video:{name}", value[:_LONGEST])
    frame = first_frame(film, stream)
    shape = shape_of(frame, stream) if frame else None
    if shape is None:
        found["warnings"].append("The film's first picture cannot be decoded.")
    found["film"] = _film(film, film.video, frame, shape)
    found["upright_size"] = list(shape.upright) if shape else None


def _film(
    film: Film, video: VideoStream | None, frame: VideoFrame | None, shape: Shape | None
) -> dict[str, Any]:
    """Durations in seconds, rates a second, sizes in pixels as coded; `rotation`: degrees by which
    the coded picture is turned clockwise to be upright. What is not known is null."""
    audio = next((stream for stream in film.container.streams.audio), None)
    codec = audio.codec_context if audio else None
    coded = video.codec_context if video else None
    pixels = coded.format if coded else None
    return {
        "duration": film.duration,
        "frame_rate": _rate(video),
        "video_codec": _codec(coded.name) if coded else None,
        "profile": video.profile if video else None,
        "pixel_format": pixels.name if pixels else None,
        "bit_depth": max((part.bits for part in pixels.components), default=None)
        if pixels
        else None,
        "audio_codec": _codec(codec.name) if codec else None,
        "rotation": shape.rotation if shape else 0,
        "mirrored": shape.mirrored if shape else False,
        "hdr": hdr_of(frame) if frame else "",
        "interlaced": bool(frame and frame.interlaced_frame),
        "bit_rate": film.container.bit_rate or None,
        "width": coded.width if coded else None,
        "height": coded.height if coded else None,
        "pixel_aspect": str(shape.pixel_aspect) if shape else None,
        "container": film.container.format.name,
    }


def _codec(decoder: str) -> str:
    """The codec's own name, where FFmpeg calls the decoder by its library."""
    return {"libdav1d": "av1", "libvpx-vp9": "vp9", "libvpx": "vp8"}.get(decoder, decoder)


def _rate(video: VideoStream | None) -> float | None:
    rate = (video.average_rate or video.guessed_rate) if video else None
    return round(float(rate), 3) if rate and Fraction(0) < rate < 100_000 else None
