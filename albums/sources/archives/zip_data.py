"""The data of one zip entry: stored or packed, of known length or up to a data descriptor."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from albums.sources.archives.entry import Broken, Bytes, Entry, EntryStream, Nothing, with_kind
from albums.sources.archives.unpacking import DEFLATE64, NAMES, STORED, UNPACKERS, Unpacker
from albums.sources.archives.zip_headers import DESCRIPTOR, Record

_CHUNK = 1 << 16
_4_GB = 1 << 32


def opened(
    file: BinaryIO, entry: Entry, record: Record, room: int, other: Record | None = None
) -> EntryStream:
    """The stream of the entry whose data begin at the file's position and have `room`.

    `other` says different things of the same data: whichever the data prove is right.
    """
    data = _data(file, entry, record, room)
    if other is not None:
        data = Contested(data, entry, other)
    return with_kind(EntryStream(entry, data, checked=True))


def _data(file: BinaryIO, entry: Entry, record: Record, room: int) -> Bytes:
    if record.encrypted:
        entry.say("It is encrypted")
        return Nothing()
    if record.method == STORED:
        return EndlessStored(file, entry) if record.endless else Stored(file, record.packed)
    if record.method not in UNPACKERS or (record.endless and record.method == DEFLATE64):
        method = NAMES.get(record.method, f"method {record.method}")
        entry.say(f"It is packed in a way that cannot be read here ({method})")
        return Nothing()
    unpacker = UNPACKERS[record.method]()
    if record.endless:
        return EndlessPacked(file, unpacker, entry, room)
    # Programs without zip64 (macOS's own) write sizes over 4 GB modulo 2^32.
    wrapped = room >= record.packed + _4_GB and record.packed < _4_GB
    return Packed(file, unpacker, entry, room if wrapped else record.packed)


class Contested:
    """Data of which the directory and the entry's own header say different things."""

    def __init__(self, data: Bytes, entry: Entry, other: Record) -> None:
        self._data, self._entry, self._other = data, entry, other

    def take(self, limit: int) -> bytes:
        return self._data.take(limit)

    def ended(self, crc: int) -> str:
        missing = self._data.ended(crc)
        if not missing and (self._other.crc, self._other.size) == (crc, self._entry.read):
            self._entry.crc32, self._entry.size = crc, self._entry.read
        return missing


class Stored:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size, self._left = file, size, size

    def take(self, limit: int) -> bytes:
        data = self._file.read(min(limit, self._left))
        self._left -= len(data)
        return data

    def ended(self, crc: int) -> str:
        there = self._size - self._left
        return f"It is cut off: {there} of {self._size} bytes are there" if self._left else ""


class Packed:
    def __init__(self, file: BinaryIO, unpacker: Unpacker, entry: Entry, room: int) -> None:
        self._file, self._unpacker, self._entry, self._left = file, unpacker, entry, room
        self.consumed = 0

    def take(self, limit: int) -> bytes:
        while not self._unpacker.ended:
            data = b""
            if starving := self._unpacker.hungry:
                data = self._file.read(min(_CHUNK, self._left))
                self._left -= len(data)
                self.consumed += len(data)
            out = self._unpacker.unpack(data, limit)
            if out:
                return out
            if starving and not data:
                raise Broken("It is cut off: its packed data do not come to an end")
        return b""

    def ended(self, crc: int) -> str:
        entry = self._entry
        if entry.size is not None and (entry.read - entry.size) % _4_GB == 0:
            entry.size = entry.read
        return ""


class EndlessPacked(Packed):
    """Packed data that end by themselves; checksum and sizes follow in a descriptor."""

    def __init__(self, file: BinaryIO, unpacker: Unpacker, entry: Entry, room: int) -> None:
        super().__init__(file, unpacker, entry, room)
        self._begin = file.tell()
        self.end: int | None = None

    def ended(self, crc: int) -> str:
        at = self._begin + self.consumed - len(self._unpacker.left)
        self._file.seek(at)
        announced, length = _descriptor(self._file.read(24), self._entry.read)
        self._entry.crc32, self._entry.size = announced, self._entry.read
        self.end = at + length
        return "" if length else "It has no checksum behind its data"


def _descriptor(data: bytes, size: int) -> tuple[int | None, int]:
    """The checksum in a data descriptor and its length: with a mark or without, 32 or 64 bits."""
    mark = 4 if data[:4] == DESCRIPTOR else 0
    for shape in ("<IQQ", "<III"):
        if len(data) >= mark + struct.calcsize(shape):
            crc, _, unpacked = struct.unpack_from(shape, data, mark)
            if unpacked == size:
                return crc, mark + struct.calcsize(shape)
    return None, 0


class EndlessStored:
    """Stored data of unknown length: they end where a descriptor fits what went before."""

    def __init__(self, file: BinaryIO, entry: Entry) -> None:
        self._file, self._entry = file, entry
        self._waiting = b""
        self._at = file.tell()
        self._crc = self._count = 0
        self.end: int | None = None

    def take(self, limit: int) -> bytes:
        if self.end is not None:
            return b""
        if len(self._waiting) < 24:
            self._waiting += self._file.read(_CHUNK)
        if length := self._fits():
            self.end = self._at + length
            return b""
        if not self._waiting:
            raise Broken("It is cut off: nothing says where its data end")
        after = self._waiting.find(DESCRIPTOR, 1)
        # A mark of 4 bytes and what belongs to it may lie across two chunks.
        safe = after if after > 0 else max(1, len(self._waiting) - 3)
        out = self._waiting[: min(limit, safe)]
        self._waiting = self._waiting[len(out) :]
        self._at += len(out)
        self._count += len(out)
        self._crc = zlib.crc32(out, self._crc)
        return out

    def _fits(self) -> int:
        if self._waiting[:4] != DESCRIPTOR:
            return 0
        crc, length = _descriptor(self._waiting[:24], self._count)
        return length if crc == self._crc else 0

    def ended(self, crc: int) -> str:
        self._entry.crc32, self._entry.size = self._crc, self._count
        return ""
