"""A film's file, opened through FFmpeg's demuxers: as many bytes and seconds as we grant it.

FFmpeg never sees a path: it reads through an object of ours, so that no file can make it open
another one, and a film without an index cannot make it read hours of it.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import av
import av.error
from av.codec.context import CodecContext, ThreadType
from av.stream import Disposition

from albums.errors import Undecodable

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

    from albums.media.formats import Format

# The demuxer that our own look at the first bytes asks for: FFmpeg's guess could be a playlist.
DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/3gpp2": "mov",
    "video/x-matroska": "matroska",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "asf",
    "video/x-flv": "flv",
    "video/ogg": "ogg",
    "video/dv": "dv",
    "video/mxf": "mxf",
    "video/vnd.rn-realvideo": "rm",
}
# What stands before the first pictures of containers that can be read from anywhere.
_PICTURES_BEGIN = {
    "video/x-matroska": b"\x1f\x43\xb6\x75",
    "video/webm": b"\x1f\x43\xb6\x75",
    "video/x-msvideo": b"movi",
}
_LARGEST_HEAD = 16 << 20  # bytes; attachments may lie there
# What FFmpeg and PyAV raise on bytes that they cannot make sense of.
BROKEN = (
    av.error.FFmpegError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    EOFError,
)
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_BLOCK = 1 << 16  # bytes that FFmpeg asks for at once; films in fragments have thousands of places
_LONGEST = 1000 * 3600.0  # seconds; more is a broken header


class Readable(Protocol):
    """A file, or a part of one."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, whence: int = ..., /) -> int: ...
    def tell(self) -> int: ...


class Part:
    """Some bytes of a file, as if they were a file."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        self._file, self._offset, self._length = file, offset, length
        self._at = 0

    def read(self, size: int, /) -> bytes:
        self._file.seek(self._offset + self._at)
        content = self._file.read(max(0, min(size, self._length - self._at)))
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at


class Granted:
    """A file that ends when its grant does: bytes read, and seconds since it was given.

    With `head` and `place` what lies between these two offsets is left out: the film's header, and
    then its pictures from `place` on, for containers that can be read from anywhere.
    """

    def __init__(self, file: Readable, head: int = 0, place: int = 0) -> None:
        self._file = file
        self._head = head
        self._gap = max(0, place - head)
        self._at = 0  # as the reader counts
        self._left = 0
        self._until = 0.0
        self.refused = False

    def grant(self, megabytes: float, seconds: float) -> None:
        self._left = int(megabytes * 2**20)
        self._until = time.monotonic() + seconds
        self.refused = False

    def read(self, size: int) -> bytes:
        if self._left <= 0 or time.monotonic() > self._until:
            self.refused = True
            return b""
        if self._gap and self._at < self._head:
            size = min(size, self._head - self._at)
        self._file.seek(self._at + (self._gap if self._at >= self._head else 0))
        content = self._file.read(size)
        self._at += len(content)
        self._left -= len(content)
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            offset += self._file.seek(0, io.SEEK_END) - self._gap
        elif whence == io.SEEK_CUR:
            offset += self._at
        self._at = max(0, offset)
        return self._at

    def tell(self) -> int:
        return self._at


@dataclass
class Film:
    """An open film. `video` is its pictures' stream, `cover` a still that it carries for them."""

    container: InputContainer
    bytes: Granted
    video: VideoStream | None
    cover: VideoStream | None
    unknown: bool  # there are pictures that no decoder here opens
    whole: bool  # all of its index was read

    @property
    def duration(self) -> float | None:
        """Seconds, as the header says; None where it does not, or says nonsense."""
        if not self.whole:
            return None
        seconds = [0.0]
        if self.container.duration is not None:
            seconds.append(self.container.duration / 1_000_000)
        if self.video and self.video.duration is not None and self.video.time_base:
            seconds.append(float(self.video.duration * self.video.time_base))
        longest = max(seconds)
        return longest if math.isfinite(longest) and 0 < longest < _LONGEST else None


@contextmanager
def opened(
    path: Path,
    format: Format,
    megabytes: float,
    seconds: float,
    place: float = 0.0,
    part: tuple[int, int] | None = None,
) -> Iterator[Film]:
    """The film at `path`, with what may be read to open it; as if it began at `place` (0..1 of the
    file), where its container `can_begin_anywhere`. `part`: offset and length of a film inside a
    photo. Raises Undecodable with the reason."""
    demuxer = DEMUXERS[format.mime]
    with path.open("rb") as whole:
        file: Readable = Part(whole, *part) if part else whole
        if demuxer == "mpeg" and file.read(4) == b"\x00\x00\x01\xb3":
            demuxer = "mpegvideo"  # pictures alone, without the container around them
        size = path.stat().st_size
        granted = Granted(file, _head(file, format) if place else 0, int(size * place))
        granted.grant(megabytes, seconds)
        try:
            container = av.open(
                granted, "r", format=demuxer, metadata_errors="replace", buffer_size=_BLOCK
            )
        except BROKEN as error:
            raise broken(error, path) from error
        with container:
            film = _film(container, granted)
            granted.grant(megabytes, seconds)
            if not film.whole:
                with suppress(*BROKEN):
                    container.seek(0)  # FFmpeg believes that the file ends where the grant did
            yield film


def can_begin_anywhere(format: Format) -> bool:
    """Whether the demuxer finds its way from any byte behind the header."""
    return format.mime in _PICTURES_BEGIN


def _head(file: Readable, format: Format) -> int:
    """Bytes before the pictures."""
    file.seek(0)
    return max(0, file.read(_LARGEST_HEAD).find(_PICTURES_BEGIN[format.mime]))


def _film(container: InputContainer, granted: Granted) -> Film:
    streams = [stream for stream in container.streams.video if stream.codec_context]
    for stream in streams:
        stream.codec_context.thread_count = 1
        stream.codec_context.thread_type = ThreadType.NONE
    films = [s for s in streams if not s.disposition & Disposition.attached_pic]
    covers = [s for s in streams if s.disposition & Disposition.attached_pic]
    return Film(
        container,
        granted,
        max(films, key=_area, default=None),
        max(covers, key=_area, default=None),
        len(streams) < len(container.streams.video),
        not granted.refused,
    )


def decoder_of(stream: VideoStream) -> VideoCodecContext:
    """The decoder for the pictures of a stream: FFmpeg's own, unless that would leave out what is
    transparent in WebM."""
    name = _WITH_ALPHA.get(stream.codec_context.name)
    if name is None or "1" not in (
        stream.metadata.get("alpha_mode"),
        stream.metadata.get("ALPHA_MODE"),
    ):
        return stream.codec_context
    decoder = cast("VideoCodecContext", CodecContext.create(name, "r"))
    decoder.thread_count = 1
    return decoder


def _area(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height


def broken(error: BaseException, path: Path) -> Undecodable:
    """The sentence for a film that cannot be opened."""
    said = cast("str", getattr(error, "strerror", "")) or str(error) or type(error).__name__
    why = f"{said[:1].lower()}{said[1:]}"
    if isinstance(error, av.error.InvalidDataError):
        why = "its header is broken, or missing: the recording may have been cut off"
    return Undecodable(
        "The film could not be opened",
        why=why.replace(str(path), "the file"),
        hint="The original is kept as it is",
        reason="broken",
    )
