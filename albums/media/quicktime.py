"""What the head of a QuickTime or MP4 film says of it, without opening the film itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from albums.media.isomedia import LARGEST, boxes

if TYPE_CHECKING:
    from typing import BinaryIO

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_KEYS = 1000  # more is noise
_TEXT = 1  # type of a value: UTF-8


def header_time(file: BinaryIO) -> datetime | None:
    """When the film was begun, by its `mvhd` box: UTC by the standard, by some cameras local."""
    moov = _box(file, b"moov", 0, None)
    mvhd = _box(file, b"mvhd", *moov) if moov else None
    if mvhd is None:
        return None
    file.seek(mvhd[0])
    head = file.read(12)
    seconds = int.from_bytes(head[4:12] if head[:1] == b"\1" else head[4:8], "big")
    try:
        return _EPOCH + timedelta(seconds=seconds) if seconds else None
    except OverflowError:
        return None


def metadata(file: BinaryIO) -> dict[str, str]:
    """Texts of the film by key, such as com.apple.quicktime.creationdate. See Apple's QuickTime
    File Format, "Metadata"."""
    moov = _box(file, b"moov", 0, None)
    meta = _box(file, b"meta", *moov) if moov else None
    if meta is None:
        return {}
    start, end = meta
    file.seek(start + 4)
    if file.read(4) != b"hdlr":  # in MP4, unlike in QuickTime, four bytes come first
        start += 4
    keys, values = _box(file, b"keys", start, end), _box(file, b"ilst", start, end)
    if keys is None or values is None:
        return {}
    names = _names(file, *keys)
    found: dict[str, str] = {}
    for kind, at, size in boxes(file, *values):
        number = int.from_bytes(kind, "big")
        if 0 < number <= len(names) and (text := _text(file, at, at + size)):
            found.setdefault(names[number - 1], text)
    return found


def _box(file: BinaryIO, kind: bytes, start: int, end: int | None) -> tuple[int, int] | None:
    """Where the content of the first box of this kind begins and ends."""
    return next(((at, at + size) for k, at, size in boxes(file, start, end) if k == kind), None)


def _names(file: BinaryIO, start: int, end: int) -> list[str]:
    names: list[str] = []
    at = start + 8
    while at + 8 <= end and len(names) < _KEYS:
        file.seek(at)
        size = int.from_bytes(file.read(4), "big")
        if size < 8:
            break
        names.append(file.read(min(size, 1000))[4 : size - 4].decode("utf-8", "replace"))
        at += size
    return names


def _text(file: BinaryIO, start: int, end: int) -> str:
    data = _box(file, b"data", start, end)
    if data is None or data[1] - data[0] > LARGEST:
        return ""
    file.seek(data[0])
    content = file.read(data[1] - data[0])
    if int.from_bytes(content[:4], "big") != _TEXT:
        return ""
    return content[8:].decode("utf-8", "replace").strip("\0 ")
