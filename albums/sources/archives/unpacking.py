"""Decompressors of one shape: bounded memory however little is packed how much."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from typing import Protocol

import inflate64

from albums.sources.archives.entry import Broken

STORED, DEFLATE, DEFLATE64, BZIP2, LZMA = 0, 8, 9, 12, 14
NAMES = {1: "shrink", 6: "implode", DEFLATE64: "deflate64", 93: "zstd", 95: "xz", 98: "ppmd"}
_MOST_DICTIONARY = 1 << 26  # LZMA: a header of 9 bytes may ask for 4 GB of memory


class Unpacker(Protocol):
    """`unpack` raises Broken on damaged data; `left` are bytes after the end of the packed data."""

    @property
    def ended(self) -> bool: ...

    @property
    def hungry(self) -> bool: ...

    @property
    def left(self) -> bytes: ...

    def unpack(self, data: bytes, limit: int) -> bytes: ...


class Inflate:
    """Deflate, or with `wbits` 31 one gzip member."""

    def __init__(self, wbits: int = -15) -> None:
        self._inflater = zlib.decompressobj(wbits)
        self._rest = b""

    @property
    def ended(self) -> bool:
        return self._inflater.eof

    @property
    def hungry(self) -> bool:
        return not self._rest and not self.ended

    @property
    def left(self) -> bytes:
        return self._inflater.unused_data

    def unpack(self, data: bytes, limit: int) -> bytes:
        try:
            out = self._inflater.decompress(self._rest + data, limit)
        except zlib.error as error:
            raise Broken(f"Its packed data is damaged ({error})") from error
        self._rest = self._inflater.unconsumed_tail
        return out


class _Library:
    """bz2 and lzma have the same shape in the standard library."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def ended(self) -> bool:
        return self._inner.eof

    @property
    def hungry(self) -> bool:
        return self._inner.needs_input

    @property
    def left(self) -> bytes:
        return self._inner.unused_data

    def unpack(self, data: bytes, limit: int) -> bytes:
        try:
            return self._inner.decompress(data, limit)
        except (OSError, lzma.LZMAError, EOFError, ValueError) as error:
            raise Broken(f"Its packed data is damaged ({error})") from error


class Bzip2(_Library):
    def __init__(self) -> None:
        super().__init__(bz2.BZ2Decompressor())


class Lzma:
    """LZMA inside zip: 4 bytes of version and length, then the 5 bytes of LZMA1 (APPNOTE 5.8)."""

    def __init__(self) -> None:
        self._head = b""
        self._library: _Library | None = None

    @property
    def ended(self) -> bool:
        return self._library is not None and self._library.ended

    @property
    def hungry(self) -> bool:
        return self._library is None or self._library.hungry

    @property
    def left(self) -> bytes:
        return self._library.left if self._library else b""

    def unpack(self, data: bytes, limit: int) -> bytes:
        if self._library is None:
            self._head += data
            if len(self._head) < 9:
                return b""
            self._library = _Library(_lzma(self._head))
            data = self._head[9:]
        return self._library.unpack(data, limit)


def _lzma(head: bytes) -> lzma.LZMADecompressor:
    _, length, byte, dictionary = struct.unpack("<HHBI", head[:9])
    if length != 5 or byte >= 225:
        raise Broken("Its packed data is damaged (no LZMA header)")
    if dictionary > _MOST_DICTIONARY:
        raise Broken(
            f"It was packed with a dictionary of {dictionary >> 20} MB, too much to unpack"
        )
    rest, lc = divmod(byte, 9)
    pb, lp = divmod(rest, 5)
    if lc + lp > 4:
        raise Broken("Its packed data is damaged (no LZMA header)")
    filters = {"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters])


class Deflate64:
    """What Windows Explorer writes for files over 2 GB; the standard library has no decoder."""

    # One call's output has no limit: a length of 65,538 may cost 2 bits, so 64 bytes give 17 MB.
    _SIP = 64

    def __init__(self) -> None:
        self._inflater = inflate64.Inflater()
        self._rest = b""
        self._out = b""

    @property
    def ended(self) -> bool:
        return bool(self._inflater.eof) and not self._out

    @property
    def hungry(self) -> bool:
        return not self._out and not self._rest and not self._inflater.eof

    @property
    def left(self) -> bytes:
        return self._rest

    def unpack(self, data: bytes, limit: int) -> bytes:
        self._rest += data
        parts, size, at = [self._out], len(self._out), 0
        while size < limit and at < len(self._rest) and not self._inflater.eof:
            part = self._sip(self._rest[at : at + self._SIP])
            at += self._SIP
            parts.append(part)
            size += len(part)
        self._rest = self._rest[at:]
        out = b"".join(parts)
        self._out = out[limit:]
        return out[:limit]

    def _sip(self, data: bytes) -> bytes:
        try:
            return bytes(self._inflater.inflate(data))
        except (ValueError, RuntimeError, EOFError) as error:
            raise Broken(f"Its packed data is damaged ({error})") from error


UNPACKERS: dict[int, Callable[[], Unpacker]] = {
    DEFLATE: Inflate,
    DEFLATE64: Deflate64,
    BZIP2: Bzip2,
    LZMA: Lzma,
}
