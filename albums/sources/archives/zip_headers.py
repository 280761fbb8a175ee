"""The records of a zip file, read one at a time (PKWARE APPNOTE 6.3): zipfile keeps all of them in
memory, which is 350 MB for 500,000 entries, and knows no way around a missing directory."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from albums.sources.archives.entry import Entry
from albums.sources.archives.paths import decode_zip, extra_fields, safe

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END64, LOCATOR64, DESCRIPTOR = b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08"
AFTER_ENTRIES = (CENTRAL, END, END64, LOCATOR64, b"PK\x06\x08", b"PK\x05\x05")
ENCRYPTED, STREAMED = 0x1, 0x8
_ZIP64, _TIMES, _NTFS = 0x0001, 0x5455, 0x000A
_UNIX, _MAC = 3, 19
_FULL = 0xFFFFFFFF
_CENTRAL = struct.Struct("<4s6H3I5H2I")
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_EPOCH_1601 = 11_644_473_600


@dataclass(frozen=True)
class Record:
    """What a local header or a directory record says of one entry; `system` wrote it."""

    name: bytes
    extra: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    dos: tuple[int, int]
    mode: int = 0
    system: int | None = None

    @property
    def essence(self) -> tuple[bool, int, int, int, int]:
        """What the directory and the entry itself must say alike."""
        return self.encrypted, self.method, self.crc, self.packed, self.size

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED)

    @property
    def endless(self) -> bool:
        """In a local header: its sizes come only after the data."""
        return bool(self.flags & STREAMED) and self.packed == 0

    def entry(self, index: int) -> Entry:
        """What the caller is told before reading."""
        name, guessed = decode_zip(self.name, self.extra)
        foreign = self.system not in (_UNIX, _MAC) and (self.system is not None or "/" not in name)
        entry = Entry(
            index,
            name,
            safe(name, backslashes=foreign),
            size=self.size,
            crc32=self.crc,
            modified=_modified(self),
            name_guessed=guessed,
        )
        kind = stat.S_IFMT(self.mode >> 16) if self.system in (_UNIX, _MAC) else 0
        if name.endswith("/") or (foreign and name.endswith("\\")) or kind == stat.S_IFDIR:
            entry.kind = "folder"
        elif kind == stat.S_IFLNK:
            entry.kind = "link"
        elif kind not in (0, stat.S_IFREG):
            entry.kind = "special"
        return entry


def read_central(file: BinaryIO) -> Record | None:
    """The directory record at the file's position; None when there is none."""
    head = file.read(_CENTRAL.size)
    if len(head) < _CENTRAL.size or head[:4] != CENTRAL:
        return None
    (_, made, _, flags, method, time, date, crc, packed, size, n, e, c, _, _, mode, offset) = (
        _CENTRAL.unpack(head)
    )
    body = file.read(n + e + c)
    if len(body) < n + e + c:
        return None
    name, extra = body[:n], body[n : n + e]
    size, packed, offset = _wide(extra, size, packed, offset)
    return Record(
        name, extra, flags, method, crc, packed, size, offset, (date, time), mode, made >> 8
    )


def read_local(file: BinaryIO, at: int) -> tuple[Record, int] | None:
    """The local header at `at` and where its data begin; None when there is none."""
    file.seek(at)
    head = file.read(LOCAL_HEADER.size)
    if len(head) < LOCAL_HEADER.size or head[:4] != LOCAL:
        return None
    _, _, flags, method, time, date, crc, packed, size, n, e = LOCAL_HEADER.unpack(head)
    body = file.read(n + e)
    if len(body) < n + e:
        return None
    size, packed, _ = _wide(body[n:], size, packed, 0)
    record = Record(body[:n], body[n:], flags, method, crc, packed, size, at, (date, time))
    return record, at + LOCAL_HEADER.size + n + e


def plausible(record: Record) -> bool:
    """Does it look like an entry, rather than bytes of a picture that read alike?"""
    known = record.method <= 20 or 93 <= record.method <= 99
    return known and 0 < len(record.name) <= 4096 and min(record.name) >= 32


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """The 64-bit values of those that did not fit into 32 (APPNOTE 4.5.3)."""
    data = next((data for kind, data in extra_fields(extra) if kind == _ZIP64), b"")
    wide = iter(struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8]))
    size = next(wide, size) if size == _FULL else size
    packed = next(wide, packed) if packed == _FULL else packed
    return size, packed, next(wide, offset) if offset == _FULL else offset


def _modified(record: Record) -> datetime | None:
    for kind, data in extra_fields(record.extra):
        try:
            if kind == _TIMES and data and data[0] & 1 and len(data) >= 5:
                return datetime.fromtimestamp(struct.unpack_from("<i", data, 1)[0], UTC)
            if kind == _NTFS and len(data) >= 16:
                ticks = struct.unpack_from("<Q", data, 8)[0]
                return datetime.fromtimestamp(ticks / 10**7 - _EPOCH_1601, UTC)
        except (ValueError, OverflowError, OSError):
            continue
    date, time = record.dos
    try:
        return datetime(
            (date >> 9) + 1980, date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, time % 32 * 2
        )
    except ValueError:
        return None


@dataclass(frozen=True)
class Directory:
    """Where the list of entries lies; `shift` bytes were put before the archive afterwards."""

    start: int
    end: int
    count: int
    shift: int
    problem: str = ""


def find_directory(file: BinaryIO, length: int) -> Directory | None:
    """The directory by the record at the file's end; None when it cannot be found."""
    tail_at = max(0, length - (1 << 16) - 22)
    file.seek(tail_at)
    tail = file.read(length - tail_at)
    for at in _backwards(tail, END):
        if len(tail) - at < 22:
            continue
        _, disk, first, _, count, size, offset, _ = struct.unpack_from("<4s4H2IH", tail, at)
        end = tail_at + at
        wide = _end64(file, end)
        if wide:
            end, count, size, offset = wide
        problem = (
            "It is one piece of a split archive; join the pieces first"
            if not wide and (disk or first)
            else ""
        )
        for start in (end - size, offset):
            if count == 0 == size or _is_central(file, start):
                return Directory(start, end, count, start - offset, problem)
    return None


def _backwards(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.rfind(mark)
    while at >= 0:
        yield at
        at = data.rfind(mark, 0, at + len(mark) - 1) if at else -1


def _end64(file: BinaryIO, end: int) -> tuple[int, int, int, int] | None:
    """(where it lies, entries, bytes of the directory, its offset) of the zip64 end record."""
    if end < 76:
        return None
    file.seek(end - 20)
    if file.read(4) != LOCATOR64:
        return None
    _, at, _ = struct.unpack("<IQI", file.read(16))
    for place in (end - 76, at):
        if 0 <= place <= end - 76:
            file.seek(place)
            record = file.read(56)
            if record[:4] == END64:
                count, size, offset = struct.unpack_from("<QQQ", record, 32)
                return place, count, size, offset
    return None


def _is_central(file: BinaryIO, at: int) -> bool:
    if at < 0 or at > file.seek(0, os.SEEK_END):
        return False
    file.seek(at)
    return file.read(4) == CENTRAL
