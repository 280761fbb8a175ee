"""The film inside a motion photo: where it lies, by what phones write about it.

Google's MicroVideo and MotionPhoto (XMP), Samsung's trailer (SEF), and the box `mpvd` of HEIC.
What is written may be wrong, as photos are edited: only where a film stands there is one.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from albums.media import blocks, isomedia, xmp
from albums.media.formats import identify_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

MIMES = ("image/jpeg", "image/heic", "image/heif", "image/avif")
_BOXES = 10_000  # of one film; fragments are many
_ITEMS = 50  # of a container; phones write two or three
_SEF_ENTRIES = 1000
_SEF_TAIL = 65_536  # bytes at the end of a file in which Samsung's trailer ends
_SEF_FILM = 0x0A30  # MotionPhoto_Data
_KIND = re.compile(rb"[ -~\xa9]{4}")
_IDLE = (b"sefd", b"free", b"skip", b"uuid")  # boxes that no picture needs
_MISSING = "It says that it moves, but there is no film in it. Was it edited?"


@dataclass(frozen=True)
class MovingPart:
    """`length` 0: there is none. Bytes from the beginning of the file, seconds."""

    offset: int = 0
    length: int = 0
    still_length: int = 0  # the file up to here is the still
    mime: str = ""
    duration: float | None = None
    presented: float | None = None  # when in the film the still was taken
    standard: str = ""  # motion photo, micro video, samsung, mpvd
    warning: str = ""


@dataclass(frozen=True)
class _Place:
    """Where a film is said to begin, and where at the latest it ends."""

    standard: str
    start: int
    end: int
    still_end: int


def find(path: Path, name: str = "") -> MovingPart:
    """The moving part of the photo at `path`, whose owner called it `name`. A `warning` without a
    film: the file speaks of one that is not there."""
    format = identify_file(path, name)
    if format.mime not in MIMES:
        return MovingPart()
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        said = _said(file, format.mime)
        places = [*_in_box(file, size, format.mime), *_by_xmp(said, size), *_by_samsung(file, size)]
        for place in places:
            end = _film_end(file, place.start, place.end)
            if end is not None:
                return _found(file, format.mime, place, end, said)
    return MovingPart(warning=_MISSING if places or _promised(said) else "")


def _said(file: BinaryIO, mime: str) -> dict[str, object]:
    """The XMP that can be read; of the rest, media/exif.py warns."""
    said: dict[str, object] = {}
    for packet in blocks.find(file, mime).xmp:
        with suppress(ValueError):
            said |= xmp.read(packet)
    return said


def _promised(said: Mapping[str, object]) -> bool:
    return "1" in (said.get("GCamera:MotionPhoto"), said.get("GCamera:MicroVideo"))


def _found(
    file: BinaryIO, mime: str, place: _Place, end: int, said: Mapping[str, object]
) -> MovingPart:
    file.seek(place.start + 8)
    kind = "video/quicktime" if file.read(4) == b"qt  " else "video/mp4"
    still_end = place.still_end
    if mime == "image/jpeg" and not _ends_jpeg(file, still_end):
        still_end = place.start
    when = said.get("GCamera:MotionPhotoPresentationTimestampUs") or said.get(
        "GCamera:MicroVideoPresentationTimestampUs"
    )
    micros = _number(when)
    return MovingPart(
        offset=place.start,
        length=end - place.start,
        still_length=still_end,
        mime=kind,
        duration=_duration(file, place.start, end),
        presented=micros / 1e6 if micros is not None else None,
        standard=place.standard,
    )


def _ends_jpeg(file: BinaryIO, end: int) -> bool:
    file.seek(max(0, end - 2))
    return file.read(2) == b"\xff\xd9"


def _in_box(file: BinaryIO, size: int, mime: str) -> Iterator[_Place]:
    """HEIC: the film is what the box `mpvd` holds."""
    if mime == "image/jpeg":
        return
    found = list(isomedia.boxes(file, 0, size))
    for number, (kind, at, length) in enumerate(found):
        if kind == b"mpvd":
            # A picture whose parts lie behind the film cannot do without what is between.
            rest = all(after[0] in _IDLE for after in found[number + 1 :])
            yield _Place("mpvd", at, at + length, at - 8 if rest else size)


def _by_xmp(said: Mapping[str, object], size: int) -> Iterator[_Place]:
    """Google, https://developer.android.com/media/platform/motion-photo-format: the items of a
    container follow the still in order, so their lengths count from the end."""
    if said.get("GCamera:MotionPhoto") == "1":
        yield from _by_container(_items(said), size)
    offset = _number(said.get("GCamera:MicroVideoOffset"))
    if said.get("GCamera:MicroVideo") == "1" and offset is not None and 0 < offset < size:
        yield _Place("micro video", size - offset, size, size - offset)


def _by_container(items: list[dict[str, object]], size: int) -> Iterator[_Place]:
    lengths = [_number(item.get("Item:Length")) or 0 for item in items]
    paddings = [_number(item.get("Item:Padding")) or 0 for item in items]
    for number, item in enumerate(items):
        if item.get("Item:Semantic") != "MotionPhoto" or number == 0:
            continue
        # Some count an item's padding as a part of its length, others beside it.
        within = size - sum(lengths[number:])
        beside = within - sum(paddings[number:])
        counted = sum(lengths[:number]) + sum(paddings[:number]) if lengths[0] else within
        for start in dict.fromkeys((within, beside, counted)):
            if 0 < start < size:
                yield _Place("motion photo", start, size, max(0, start - paddings[number - 1]))


def _items(said: Mapping[str, object]) -> list[dict[str, object]]:
    directory = said.get("Container:Directory")
    listed = directory if isinstance(directory, list) else []
    items = (i.get("Container:Item", i) for i in listed[:_ITEMS] if isinstance(i, dict))
    return [item for item in items if isinstance(item, dict)]


def _by_samsung(file: BinaryIO, size: int) -> Iterator[_Place]:
    """A trailer of named blocks; its directory comes last and counts backwards from itself."""
    file.seek(max(0, size - _SEF_TAIL))
    tail = file.read(_SEF_TAIL)
    mark = tail.rfind(b"SEFT")
    if mark < 4:
        return
    head = mark - 4 - int.from_bytes(tail[mark - 4 : mark], "little")
    if head < 0 or tail[head : head + 4] != b"SEFH":
        return
    sefh = size - len(tail) + head
    count = min(int.from_bytes(tail[head + 8 : head + 12], "little"), _SEF_ENTRIES)
    entries = [tail[at : at + 12] for at in range(head + 12, head + 12 + 12 * count, 12)]
    backs = [int.from_bytes(entry[4:8], "little") for entry in entries]
    still_end = max(0, sefh - max(backs, default=0))
    for entry, back in zip(entries, backs, strict=True):
        if int.from_bytes(entry[2:4], "little") == _SEF_FILM and 8 < back <= sefh:
            block = sefh - back
            end = min(sefh, block + int.from_bytes(entry[8:12], "little"))
            file.seek(block + 4)
            start = block + 8 + int.from_bytes(file.read(4), "little")
            if block < start < end and not _points_elsewhere(file, start):
                yield _Place("samsung", start, end, still_end)


def _points_elsewhere(file: BinaryIO, start: int) -> bool:
    """In HEIC the block only says where the box `mpvd` is."""
    file.seek(start)
    return file.read(4) == b"mpv2"


def _film_end(file: BinaryIO, start: int, end: int) -> int | None:
    """Where the film ends that begins at `start`; None where none does. What is appended after it,
    up to `end`, is no part of it."""
    at, kinds = start, list[bytes]()
    for _ in range(_BOXES):
        kind, size = _box_at(file, at, end)
        if not kind or (not kinds and (kind != b"ftyp" or size > 4096)):
            break
        if at + size > end:  # cut off: the head and what is left of the frames may play
            at = end if kind == b"mdat" and b"moov" in kinds else at
            break
        kinds.append(kind)
        at += size
    return at if b"moov" in kinds else None


def _box_at(file: BinaryIO, at: int, end: int) -> tuple[bytes, int]:
    """Kind and whole size of the box there; b"" where nothing looks like one."""
    if not 0 <= at <= end - 8:
        return b"", 0
    file.seek(at)
    head = file.read(16)
    size, kind = int.from_bytes(head[:4], "big"), head[4:8]
    if size == 1:
        size = int.from_bytes(head[8:16], "big")
    elif size == 0:
        size = end - at
    if size < 8 or kind == b"sefd" or not _KIND.fullmatch(kind):
        return b"", 0
    return kind, size


def _duration(file: BinaryIO, start: int, end: int) -> float | None:
    """Seconds, by the head of the film."""
    for kind, at, size in isomedia.boxes(file, start, end):
        if kind == b"moov":
            for inner, where, _ in isomedia.boxes(file, at, at + size):
                if inner == b"mvhd":
                    file.seek(where)
                    return _ticks(file.read(32))
    return None


def _ticks(mvhd: bytes) -> float | None:
    long = mvhd[:1] == b"\1"
    scale = int.from_bytes(mvhd[20:24] if long else mvhd[12:16], "big")
    ticks = int.from_bytes(mvhd[24:32] if long else mvhd[16:20], "big")
    endless = ticks >= (2**64 if long else 2**32) - 1
    return ticks / scale if scale and ticks and not endless else None


def _number(written: object) -> int | None:
    """A count as XMP writes it; None for what is none."""
    text = str(written) if isinstance(written, str) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None
