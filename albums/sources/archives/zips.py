"""One pass over a zip file: by its directory, and by the entries' own headers where that fails."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from typing import BinaryIO

from albums.sources.archives.entry import Entry, EntryStream, Nothing
from albums.sources.archives.parts import Part
from albums.sources.archives.unpacking import STORED, UNPACKERS
from albums.sources.archives.zip_data import opened
from albums.sources.archives.zip_headers import (
    LOCAL_HEADER,
    STREAMED,
    Directory,
    Record,
    find_directory,
    read_central,
    read_local,
)
from albums.sources.archives.zip_scan import after_descriptor, scan

_BUFFER = 1 << 18
_4_GB = 1 << 32
Found = tuple[Entry, EntryStream]
Place = tuple[Record, int]  # the local header and where the data begin


def zip_entries(part: Part, skip: Collection[int]) -> Iterator[Found]:
    """Every entry in the order of the directory; the stream is good until the next is asked for."""
    with ExitStack() as stack:
        file = stack.enter_context(part.path.open("rb", buffering=_BUFFER))
        length = file.seek(0, os.SEEK_END)
        directory = find_directory(file, length)
        walk = _Walk(part, file, length, skip)
        if directory is None:
            part.say("It has no readable list of contents at its end (cut off, or damaged)")
            yield from scan(part, file, length, skip)
            return
        if directory.problem:
            part.say(directory.problem)
        listing = stack.enter_context(part.path.open("rb", buffering=_BUFFER))
        yield from walk.by_directory(directory, listing)


class _Walk:
    def __init__(self, part: Part, file: BinaryIO, length: int, skip: Collection[int]) -> None:
        self.part, self.file, self.length, self.skip = part, file, length, skip
        self.index = 0
        self._furthest = 0
        self._skipped: Record | None = None

    def by_directory(self, directory: Directory, listing: BinaryIO) -> Iterator[Found]:
        listing.seek(directory.start)
        while listing.tell() < directory.end:
            record = read_central(listing)
            if record is None or listing.tell() > directory.end:
                self.part.say(f"Its list of contents is damaged after entry {self.index}")
                yield from scan(
                    self.part, self.file, self.length, self.skip, self._after(directory), self.index
                )
                return
            if self.index in self.skip:
                self._skipped = record
            else:
                yield self._listed(record, directory)
            self.index += 1
        if self.index % 65536 != directory.count % 65536:
            self.part.say(f"It lists {self.index} entries and announces {directory.count}")

    def _listed(self, record: Record, directory: Directory) -> Found:
        entry = record.entry(self.index)
        place = self._place(record, directory) or self._next_place(record, directory)
        if place is None:
            entry.say("Its data are not where the list of contents says")
            return entry, EntryStream(entry, Nothing())
        local, begin = place
        record, other = self._believed(record, local, begin)
        self._past(begin + record.packed)
        self.file.seek(begin)
        room = directory.start - begin if directory.start > begin else self.length - begin
        entry.size, entry.crc32 = record.size, record.crc
        return entry, opened(self.file, entry, record, room, other)

    def _past(self, position: int) -> None:
        self._skipped = None
        self._furthest = max(self._furthest, min(position, self.length))
        self.part.passed(position)

    def _after(self, directory: Directory) -> int:
        """Where the entries seen so far end; those passed over are only looked for when needed."""
        if self._skipped and (place := self._place(self._skipped, directory)):
            self._past(place[1] + self._skipped.packed)
        return self._furthest

    def _place(self, record: Record, directory: Directory) -> Place | None:
        """Where the data begin. Programs without zip64 write offsets over 4 GB modulo 2^32."""
        wraps = range(0, self.length, _4_GB) if record.offset < _4_GB else range(1)
        for wrap in wraps:
            for at in dict.fromkeys((record.offset + directory.shift, record.offset)):
                if 0 <= at + wrap < self.length:
                    found = read_local(self.file, at + wrap)
                    if found and (found[0].name == record.name or len(wraps) == 1):
                        return found
                    if self._named_there(at + wrap, record.name):
                        return record, at + wrap + LOCAL_HEADER.size + len(record.name)
        return None

    def _next_place(self, record: Record, directory: Directory) -> Place | None:
        """Right behind the entry before: where it is when only its offset is damaged."""
        found = read_local(self.file, after_descriptor(self.file, self._after(directory)))
        return found if found and found[0].name == record.name else None

    def _believed(self, record: Record, local: Record, begin: int) -> tuple[Record, Record | None]:
        """Which of the two to read by, and the other if they do not agree."""
        if local.name != record.name:
            self.part.say(f"Entry {self.index} has another name in the list of contents")
        if local.flags & STREAMED or local.essence == record.essence:
            return record, None
        self.part.say(f"The list of contents and entry {self.index} itself do not agree")
        if self._sound(local, begin) and not self._sound(record, begin):
            return local, record
        return record, local

    def _sound(self, record: Record, begin: int) -> bool:
        """Can its data be read, and do they end where something else begins?"""
        if record.encrypted or not (record.method == STORED or record.method in UNPACKERS):
            return False
        if record.method == STORED and record.packed != record.size:
            return False
        self.file.seek(min(begin + record.packed, self.length))
        return self.file.read(2) == b"PK"

    def _named_there(self, at: int, name: bytes) -> bool:
        """A header with a damaged mark, but with the right name."""
        self.file.seek(at + LOCAL_HEADER.size)
        return bool(name) and self.file.read(len(name)) == name
