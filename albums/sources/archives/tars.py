"""One pass over a tar or tgz, block by block; tarfile only reads the header of a block.

tarfile's own pass stops at the first damage, keeps every member in memory, and takes an extended
header of any announced size at once.
"""

from __future__ import annotations

import tarfile
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Protocol

from albums.sources.archives.entry import Entry, EntryStream, Kind, with_kind
from albums.sources.archives.gunzip import Gunzip
from albums.sources.archives.parts import Part
from albums.sources.archives.paths import decode, safe

_BLOCK = 512
_CHUNK = 1 << 18
_MOST_HEADER = 1 << 20  # an extended header holds a name; a megabyte of it is an attack
_ENCODING = "utf-8"
_PAX, _PAX_ALL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_KINDS: dict[bytes, Kind] = {
    **{kind: "file" for kind in _FILES},
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "link",
}
Found = tuple[Entry, EntryStream]


class _Source(Protocol):
    def read(self, count: int) -> bytes: ...


def tar_entries(part: Part, skip: Collection[int]) -> Iterator[Found]:
    """Every entry of a tar or tgz in its order; those skipped in a tgz are unpacked, too."""
    with part.path.open("rb", buffering=_CHUNK) as file:
        source: _Source = Gunzip(part, file) if part.kind == "tgz" else file
        yield from _Walk(part, source, skip).entries()


class _Data:
    """The bytes of one member."""

    def __init__(self, source: _Source, size: int) -> None:
        self._source, self._size, self.left = source, size, size

    def take(self, limit: int) -> bytes:
        data = self._source.read(min(limit, self.left))
        self.left -= len(data)
        return data

    def ended(self, crc: int) -> str:
        there = self._size - self.left
        return f"It is cut off: {there} of {self._size} bytes are there" if self.left else ""


class _Walk:
    def __init__(self, part: Part, source: _Source, skip: Collection[int]) -> None:
        self.part, self.source, self.skip = part, source, skip
        self.at = 0
        self.ended_well = False
        self.cut = False
        self.for_all: dict[str, str] = {}
        self.for_next: dict[str, str] = {}

    def entries(self) -> Iterator[Found]:
        index = 0
        while header := self._header():
            if header.type in (_PAX, _PAX_ALL, _LONG_NAME, _LONG_LINK):
                self._extended(header)
                continue
            entry, size = self._entry(index, header)
            data = _Data(self.source, size)
            if index not in self.skip:
                yield entry, with_kind(EntryStream(entry, data))
            self._pass(data)
            self.at += size + -size % _BLOCK
            index += 1
        if not self.ended_well:
            self.part.say("It ends without its end mark: it may be cut off between two files")

    def _pass(self, data: _Data) -> None:
        while data.left and data.take(_CHUNK):
            pass
        if not data.left:
            self.source.read(-(data._size) % _BLOCK)

    def _header(self) -> tarfile.TarInfo | None:
        """The next header. Damage and zeros before it are passed over, the damage is said."""
        damaged_from: int | None = None
        while len(block := self.source.read(_BLOCK)) == _BLOCK:
            here, self.at = self.at, self.at + _BLOCK
            if not any(block):
                self.ended_well = True
                continue
            header = _header(block)
            if header and (damaged_from is None or block[257:262] == b"ustar"):
                self.ended_well = False
                if damaged_from is not None:
                    self.part.say(f"Bytes {damaged_from} to {here} are no readable entry")
                return header
            damaged_from = here if damaged_from is None else damaged_from
        if damaged_from is not None:
            self.part.say(f"Bytes {damaged_from} to {self.at} are no readable entry")
        return None

    def _extended(self, header: tarfile.TarInfo) -> None:
        """Names that do not fit into a header go before it."""
        size = header.size
        data = self.source.read(min(size, _MOST_HEADER))
        rest = _Data(self.source, size - len(data))
        while rest.left and rest.take(_CHUNK):
            pass
        self.source.read(-size % _BLOCK)
        self.at += size + -size % _BLOCK
        if size > _MOST_HEADER:
            self.part.say(f"An extended header of {size} bytes was passed over")
        elif header.type == _PAX_ALL:
            self.for_all.update(_pax(data))
        elif header.type == _PAX:
            self.for_next.update(_pax(data))
        else:
            key = "path" if header.type == _LONG_NAME else "linkpath"
            self.for_next[key] = data.rstrip(b"\0").decode(_ENCODING, "surrogateescape")

    def _entry(self, index: int, header: tarfile.TarInfo) -> tuple[Entry, int]:
        facts = {**self.for_all, **self.for_next}
        self.for_next = {}
        name, guessed = _text(facts.get("path", header.name))
        kind: Kind = _KINDS.get(header.type, "special")
        size = _number(facts.get("size"), header.size)
        if kind in ("link", "folder") or header.type in (b"3", b"4", b"6"):
            size = 0  # they have no data, whatever their size says
        entry = Entry(index, name, safe(name), kind, size, None, name_guessed=guessed)
        entry.modified = _moment(facts.get("mtime"), header.mtime)
        entry.target = _text(facts.get("linkpath", header.linkname))[0] if kind == "link" else ""
        if header.type == tarfile.GNUTYPE_SPARSE or any(k.startswith("GNU.sparse") for k in facts):
            entry.say("It is stored as a sparse file, which cannot be read here")
        return entry, size


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        header = tarfile.TarInfo.frombuf(block, _ENCODING, "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None
    return header if header.size >= 0 else None


def _text(name: str) -> tuple[str, bool]:
    return decode(name.encode(_ENCODING, "surrogateescape"), fallback="latin-1")


def _pax(data: bytes) -> dict[str, str]:
    """Records of the form "25 path=Takeout/é.jpg\\n"; the first that is none ends it."""
    found, at = {}, 0
    while at < len(data):
        digits, space, _ = data[at : at + 20].partition(b" ")
        if not space or not digits.isdigit() or int(digits) <= len(digits) + 1:
            break
        record = data[at + len(digits) + 1 : at + int(digits)].rstrip(b"\n")
        key, _, value = record.partition(b"=")
        found[key.decode(_ENCODING, "replace")] = value.decode(_ENCODING, "surrogateescape")
        at += int(digits)
    return found


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else otherwise


def _moment(text: str | None, otherwise: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text) if text else otherwise, UTC)
    except (ValueError, OverflowError, OSError):
        return None
