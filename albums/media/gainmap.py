"""Whether a photo carries a gain map, with which screens that can show it brighter. The map stays
in the original; nothing here changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from albums.media import blocks, isomedia

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

GainMap = Literal["ultra hdr", "iso 21496-1", "apple"]

_ISO = b"urn:iso:std:iso:ts:21496:-1\0"  # an APP2 segment of a JPEG
_APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"  # the kind of an auxiliary image of a HEIC
_ITEMS = 4_000_000  # bytes of a HEIF's list of items


def find(file: BinaryIO, mime: str, xmp: Mapping[str, object]) -> GainMap | None:
    """The kind of gain map of an open file; `xmp`: its properties. Never fails."""
    if mime == "image/jpeg":
        return _in_jpeg(file, xmp)
    if mime in ("image/heic", "image/heif", "image/avif"):
        return _in_heif(file)
    if mime == "image/jxl":
        found = any(kind == b"jhgm" for kind, _, _ in isomedia.boxes(file, 0, None))
        return "iso 21496-1" if found else None
    return None


def _in_jpeg(file: BinaryIO, xmp: Mapping[str, object]) -> GainMap | None:
    """Android writes both of the first two into one file, so that older programs know it, too."""
    if any(name in xmp for name in ("hdrgm:Version", "hdrgm:version")):
        return "ultra hdr"
    segments = blocks.segments(file)
    if any(marker == 0xE2 and content.startswith(_ISO) for marker, content in segments):
        return "iso 21496-1"
    return "apple" if any(name.startswith("HDRGainMap:") for name in xmp) else None


def _in_heif(file: BinaryIO) -> GainMap | None:
    meta = next((box for box in isomedia.boxes(file, 0, None) if box[0] == b"meta"), None)
    if meta is None:
        return None
    _, start, size = meta
    file.seek(start)
    items = file.read(min(size, _ITEMS))
    if b"tmap" in items and b"infe" in items:
        return "iso 21496-1"
    return "apple" if _APPLE in items else None
