"""One entry of an archive, and the stream of its bytes that keeps count and checks."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Kind = Literal["file", "folder", "link", "special", "apple-double"]
APPLE_DOUBLE = b"\x00\x05\x16\x07"  # the magic number of macOS's `._name` twins (RFC 1740)
_CHUNK = 1 << 16


@dataclass
class Entry:
    """`name` is what the archive says, `path` the same as a safe relative path.

    `size` and `crc32` are what is announced, None when unknown. While the stream is read, `read`
    counts; at its end `whole` becomes true when the bytes are all there and their checksum (where
    the format has one) is right, else `problem` says what is wrong. A stream that breaks just ends.
    """

    index: int
    name: str
    path: str
    kind: Kind = "file"
    size: int | None = None
    crc32: int | None = None
    modified: datetime | None = None  # without a zone where the archive knows none
    name_guessed: bool = False  # the name's bytes are of no known encoding
    target: str = ""  # where a link points
    problem: str = ""
    read: int = 0
    whole: bool = False

    def say(self, problem: str) -> None:
        """Keep the first problem: what follows is mostly its consequence."""
        self.problem = self.problem or problem


class Bytes(Protocol):
    """Where an entry's bytes come from."""

    def take(self, limit: int) -> bytes:
        """Up to `limit` bytes; none at the end. Raises Broken where they cannot be read."""

    def ended(self, crc: int) -> str:
        """After the last byte: what is missing, or nothing. `crc` is the one of all that came."""


class Broken(Exception):
    """The bytes of one entry cannot be read any further; the message says why."""


class EntryStream(io.RawIOBase):
    """The bytes of the current entry, to be read before the next one is asked for."""

    def __init__(self, entry: Entry, source: Bytes, *, checked: bool = False) -> None:
        self.entry = entry
        self.source = source
        self._peeked = b""
        self._checked = checked
        self._crc = 0
        self._over = False

    def readable(self) -> bool:
        return True

    def peek(self, count: int) -> bytes:
        """The first bytes, which stay to be read."""
        while len(self._peeked) < count and (more := self._take(count - len(self._peeked))):
            self._peeked += more
        return self._peeked

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return self.readall()
        if size == 0:
            return b""
        data, self._peeked = self._peeked[:size], self._peeked[size:]
        if not data:
            data = self._take(size)
        self.entry.read += len(data)
        if not data:
            self._finish()
        return data

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(_CHUNK), b""))

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """Read what the caller left."""
        while self.read(_CHUNK):
            pass

    def _take(self, limit: int) -> bytes:
        if self._over:
            return b""
        try:
            data = self.source.take(limit)
        except (Broken, OSError) as error:
            self._over = True
            unread = isinstance(error, OSError)
            self.entry.say(f"It cannot be read ({error})" if unread else str(error))
            return b""
        if self._checked:
            self._crc = zlib.crc32(data, self._crc)
        return data

    def _finish(self) -> None:
        if self._over and (self.entry.whole or self.entry.problem):
            return
        self._over = True
        entry, missing = self.entry, self.source.ended(self._crc)
        if missing:
            entry.say(missing)
        elif entry.crc32 is not None and self._checked and entry.crc32 != self._crc:
            entry.say(f"Its checksum is {self._crc:08x}, announced was {entry.crc32:08x}")
        elif entry.size is not None and entry.size != entry.read:
            entry.say(f"It holds {entry.read} bytes, announced were {entry.size}")
        else:
            entry.whole = not entry.problem


class Nothing:
    """The bytes of an entry that has none, or whose bytes cannot be had."""

    def take(self, limit: int) -> bytes:
        return b""

    def ended(self, crc: int) -> str:
        return ""


def with_kind(stream: EntryStream) -> EntryStream:
    """Recognise a macOS twin by its name and its content: a photo may be called `._me.jpg`."""
    entry = stream.entry
    twin = entry.name.startswith("__MACOSX/") or entry.name.rpartition("/")[2].startswith("._")
    if entry.kind == "file" and twin and stream.peek(4) == APPLE_DOUBLE:
        entry.kind = "apple-double"
    return stream
