"""The folder at the top of each of Google's archives, never localised."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

ROOT = "takeout"
_OURS = (f"{ROOT}/".encode(), b"__macosx/")  # macOS may put its own files first
_HEAD = 1 << 16  # bytes
_TAR_NAME, _ZIP_NAME = 100, 30  # bytes of a name in a tar; where it begins in a zip


def is_of_others(archive: Path) -> bool:
    """Does it begin with something else? False where nobody can say."""
    try:
        with archive.open("rb") as file:
            first = _first_name(file.read(_HEAD))
    except (OSError, zlib.error, struct.error):
        return False
    return bool(first) and not first.lower().startswith(_OURS)


def _first_name(head: bytes) -> bytes:
    if head.startswith(b"PK\x03\x04"):
        (length,) = struct.unpack_from("<H", head, 26)
        return head[_ZIP_NAME : _ZIP_NAME + length]
    if head.startswith(b"\x1f\x8b\x08"):
        head = zlib.decompressobj(31).decompress(head, 512)
    elif head[257:262] != b"ustar":
        return b""
    return head[:_TAR_NAME]
