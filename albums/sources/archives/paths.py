"""What an archive's names say: their encoding, and a path that stays where it belongs."""

from __future__ import annotations

import re
import struct
import zlib

_UNICODE_PATH = 0x7075
_EXPORT_NAME = r"takeout-\d{8}T\d{6}Z[^/]*"
# Takeout/takeout-2024…-001/Takeout/Google Foto: unpacked by hand into one another.
_NESTED = re.compile(rf"^(?:(?:Takeout|{_EXPORT_NAME})/)+(?=Takeout/)", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")


def decode(raw: bytes, *, fallback: str = "cp437") -> tuple[str, bool]:
    """Text, and whether its encoding is a guess. UTF-8 is tried first, as it hardly fits by chance:
    many programs write it without saying so."""
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode(fallback), True


def decode_zip(raw: bytes, extra: bytes) -> tuple[str, bool]:
    """A zip entry's name; its Unicode Path extra field goes first (APPNOTE 4.6.9)."""
    for kind, data in extra_fields(extra):
        if kind == _UNICODE_PATH and data[:1] == b"\x01" and len(data) > 5:
            (crc,) = struct.unpack_from("<I", data, 1)
            if crc == zlib.crc32(raw):
                try:
                    return data[5:].decode("utf-8"), False
                except UnicodeDecodeError:
                    break
    return decode(raw)


def extra_fields(extra: bytes) -> list[tuple[int, bytes]]:
    """(id, data) of each extra field of a zip header; what is cut off or garbage is left out."""
    found, at = [], 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if at + 4 + length > len(extra):
            break
        found.append((kind, extra[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def safe(name: str, *, backslashes: bool = False) -> str:
    """A relative path with `/`, without drive, `..` and NUL; Takeout roots in one another are one.

    It stays a name: nothing is ever written to it.
    """
    if backslashes:
        name = name.replace("\\", "/")
    name = _DRIVE.sub(lambda drive: drive[0][0] + "_", name.replace("\0", "_"))
    steps = ["_" if step == ".." else step for step in name.split("/") if step not in ("", ".")]
    return _NESTED.sub("", "/".join(steps))
