"""ISO base media files (HEIC, AVIF, JPEG XL containers): boxes, and the metadata items in them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LARGEST = 16_000_000  # bytes of a metadata box or item
FARTHEST = 2**48  # bytes into a file; a broken offset may be more than seek() takes
COUNT = 20_000  # boxes, items, extents: more is noise


def boxes(file: BinaryIO, start: int, end: int | None) -> Iterator[tuple[bytes, int, int]]:
    """(type, where its content begins, size of its content) of each box from `start` to `end`."""
    if end is None:
        end = file.seek(0, io.SEEK_END)
    for _ in range(COUNT):
        if start + 8 > end:
            return
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            return
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        size = end - start if size == 0 else size
        if size < header:
            return
        yield head[4:8], start + header, min(size, end - start) - header
        start += size


def metadata_items(file: BinaryIO) -> tuple[bytes, list[bytes]]:
    """The Exif item (b"" if there is none) and the XMP items of a HEIF or AVIF file."""
    meta = next((box for box in boxes(file, 0, None) if box[0] == b"meta"), None)
    if meta is None:
        return b"", []
    parts = {kind: (at, size) for kind, at, size in boxes(file, meta[1] + 4, meta[1] + meta[2])}
    if b"iinf" not in parts or b"iloc" not in parts:
        return b"", []
    kinds = _item_kinds(file, *parts[b"iinf"])
    places = _item_places(_content(file, *parts[b"iloc"]))
    data_at = parts.get(b"idat", (0, 0))[0]
    exif, xmp = b"", []
    for item, kind in kinds.items():
        content = b"".join(_extents(file, places.get(item, []), data_at))
        if kind == b"Exif" and not exif:
            exif = content
        elif kind == b"mime" and content:
            xmp.append(content)
    return exif, xmp


def colour_code(file: BinaryIO) -> tuple[int, int] | None:
    """Primaries and transfer function (ITU-T H.273) that a HEIF or AVIF file names for its first
    picture."""
    start, end = 0, file.seek(0, io.SEEK_END)
    for wanted, head in ((b"meta", 4), (b"iprp", 0), (b"ipco", 0)):
        found = next((box for box in boxes(file, start, end) if box[0] == wanted), None)
        if found is None:
            return None
        start, end = found[1] + head, found[1] + found[2]
    for kind, at, size in boxes(file, start, end):
        content = _content(file, at, min(size, 11)) if kind == b"colr" else b""
        if content[:4] == b"nclx" and len(content) == 11:
            return int.from_bytes(content[4:6], "big"), int.from_bytes(content[6:8], "big")
    return None


def _content(file: BinaryIO, start: int, size: int) -> bytes:
    if start > FARTHEST:
        return b""
    file.seek(start)
    return file.read(min(size, LARGEST))


def _item_kinds(file: BinaryIO, start: int, size: int) -> dict[int, bytes]:
    """Item id -> b"Exif", or b"mime" where that is XMP."""
    wide = _content(file, start, 1) != b"\0"
    kinds: dict[int, bytes] = {}
    for _, at, length in boxes(file, start + (8 if wide else 6), start + size):
        entry = _content(file, at, min(length, 1000))
        width = 4 if entry[:1] == b"\3" else 2
        kind = entry[6 + width : 10 + width]
        if kind == b"Exif" or (kind == b"mime" and b"rdf+xml" in entry):
            kinds[int.from_bytes(entry[4 : 4 + width], "big")] = kind
    return kinds


def _item_places(box: bytes) -> dict[int, list[tuple[int, int, int]]]:
    """Item id -> its extents: (0 in the file or 1 in the idat box, offset, length)."""
    read = io.BytesIO(box)

    def number(size: int) -> int:
        return int.from_bytes(read.read(size), "big")

    version = number(4) >> 24
    sizes = number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    places: dict[int, list[tuple[int, int, int]]] = {}
    for _ in range(min(number(wide), COUNT)):
        item = number(wide)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(base_size)
        extents = places.setdefault(item, [])
        for _ in range(min(number(2), COUNT)):
            number(index_size)
            extents.append((method, base + number(offset_size), number(length_size)))
        if read.tell() >= len(box):
            break
    return places


def _extents(file: BinaryIO, extents: list[tuple[int, int, int]], data_at: int) -> Iterator[bytes]:
    left = LARGEST
    for method, offset, length in extents:
        if method > 1 or length > left:
            return
        left -= length
        yield _content(file, offset + (data_at if method else 0), length)
