"""A zip file without its directory: entry after entry by their own headers, past any damage."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator
from typing import BinaryIO

from albums.sources.archives.entry import Entry, EntryStream
from albums.sources.archives.parts import Part
from albums.sources.archives.zip_data import opened
from albums.sources.archives.zip_headers import (
    AFTER_ENTRIES,
    DESCRIPTOR,
    Record,
    plausible,
    read_central,
    read_local,
)

_MARK = re.compile(rb"PK(?:\x03\x04|\x01\x02)")
_BLOCK = 1 << 20
Found = tuple[Entry, EntryStream]


def scan(
    part: Part, file: BinaryIO, length: int, skip: Collection[int], at: int = 0, index: int = 0
) -> Iterator[Found]:
    """The entries from byte `at` on, numbered from `index`; what is none is said and passed."""
    while at < length:
        at = after_descriptor(file, at)
        found = read_local(file, at)
        if found is None:
            file.seek(at)
            if file.read(4) in AFTER_ENTRIES:
                return
            after = _next_mark(file, at + 1, length)
            part.say(f"Bytes {at} to {after} are no readable entry")
            at = after
            continue
        record, begin = found
        at = yield from _entry(file, record, begin, length, index, index in skip)
        part.passed(at)
        index += 1


def _entry(
    file: BinaryIO, record: Record, begin: int, length: int, index: int, skipped: bool
) -> Generator[Found, None, int]:
    """Delivers one entry, and returns where the next should begin."""
    entry = record.entry(index)
    end = begin + record.packed
    if entry.kind == "folder" or not record.endless:
        if not skipped:
            file.seek(begin)
            yield entry, opened(file, entry, record, record.packed)
        return end
    entry.size = entry.crc32 = None
    file.seek(begin)
    stream = opened(file, entry, record, length - begin)
    if not skipped:
        yield entry, stream
    stream.drain()
    known: int | None = getattr(stream.source, "end", None)
    return _next_mark(file, begin, length) if known is None else known


def after_descriptor(file: BinaryIO, at: int) -> int:
    """Past a data descriptor that follows an entry whose sizes were known before."""
    file.seek(at)
    data = file.read(28)
    if data[:4] == DESCRIPTOR:
        for size in (16, 24):
            if data[size : size + 2] == b"PK":
                return at + size
    return at


def _next_mark(file: BinaryIO, at: int, length: int) -> int:
    """Where the next believable entry or the directory begins; `length` if nowhere."""
    while at < length:
        file.seek(at)
        block = file.read(_BLOCK + 3)
        for mark in _MARK.finditer(block):
            if _believable(file, at + mark.start()):
                return at + mark.start()
        at += _BLOCK
    return length


def _believable(file: BinaryIO, at: int) -> bool:
    found = read_local(file, at)
    if found:
        return plausible(found[0])
    file.seek(at)
    record = read_central(file)
    return bool(record and plausible(record) and record.offset < at)
