"""The bytes of a gzip file up to its end or to its damage, without seeking."""

from __future__ import annotations

from typing import BinaryIO

from albums.sources.archives.entry import Broken
from albums.sources.archives.parts import Part
from albums.sources.archives.unpacking import Inflate

_CHUNK = 1 << 18


class Gunzip:
    """The bytes of a gzip file, which may have several members; never raises, `problem` says."""

    def __init__(self, part: Part, file: BinaryIO) -> None:
        self._part, self._file = part, file
        self._inflate = Inflate(31)
        self._over = False
        self._waiting = b""  # compressed, already read from the file

    def read(self, count: int) -> bytes:
        """`count` bytes; fewer only at the end."""
        parts, size = [], 0
        while size < count and not self._over:
            part = self._some(count - size)
            parts.append(part)
            size += len(part)
        return b"".join(parts) if len(parts) != 1 else parts[0]

    def _some(self, limit: int) -> bytes:
        if self._inflate.ended:
            self._next_member()
            return b""
        data = b""
        if starving := self._inflate.hungry:
            data = self._compressed()
        try:
            out = self._inflate.unpack(data, limit)
        except Broken as error:
            self._stop(str(error))
            return b""
        if starving and not data and not out:
            self._stop("It is cut off: its end is missing")
        return out

    def _compressed(self) -> bytes:
        data = self._waiting or self._file.read(_CHUNK)
        self._waiting = b""
        self._part.passed(self._file.tell())
        return data

    def _next_member(self) -> None:
        rest = self._inflate.left.lstrip(b"\0")
        while not rest and (more := self._file.read(_CHUNK)):
            rest = more.lstrip(b"\0")
        if len(rest) == 1:
            rest += self._file.read(_CHUNK)
        if rest[:2] == b"\x1f\x8b":
            self._inflate, self._waiting = Inflate(31), rest
            return
        self._over = True
        if rest:
            self._part.say("Something else follows after its end")

    def _stop(self, problem: str) -> None:
        self._over = True
        self._part.say(problem)
