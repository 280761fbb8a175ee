"""The tags of a TIFF structure, which is also what EXIF is. Whatever is readable is read: a broken
entry costs that entry, and IFDs that point at each other end the walk."""

from __future__ import annotations

import base64
import math
import struct
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
POINTERS = {EXIF_IFD: "exif", GPS_IFD: "gps", INTEROP_IFD: "interop"}
XMP, IPTC, MAKER_NOTE, USER_COMMENT = 0x02BC, 0x83BB, 0x927C, 0x9286
JPEG_FROM_RAW = 0x002E  # Panasonic's: the camera's JPEG, with all tags
# How the pixels lie in the file, and blocks with a reader of their own: nothing about the photo.
STRUCTURE = {0x0111, 0x0117, 0x0120, 0x0121, 0x0140, 0x0144, 0x0145, 0x014A, 0x015B, 0x0201, 0x0202}
STRUCTURE |= {XMP, IPTC, JPEG_FROM_RAW, 0x8649, 0x8773, 0x935C}
XP_TAGS = range(0x9C9B, 0x9CA0)  # written by Windows as UTF-16
PANASONIC = 0x55
MAGIC = {42, PANASONIC, 0x4F52, 0x5352}  # TIFF, RW2, ORF ("RO", "RS")
STANDARD = 0x00FE  # below, Panasonic has numbers of its own for its sensors

ENTRIES = 2000  # an IFD that claims more is noise
LONGEST = 4_000_000  # bytes of one value
FORMATS = {1: "B", 2: "s", 3: "H", 4: "I", 6: "b", 7: "s", 8: "h", 9: "i", 11: "f", 12: "d"}
FORMATS |= {5: "II", 10: "ii", 13: "I"}


@dataclass
class Tags:
    """What was found. `main`, `exif`, `gps`, `interop`, `thumbnail`: tag number -> value."""

    ifds: dict[str, dict[int, object]] = field(default_factory=dict)
    blocks: dict[int, bytes] = field(default_factory=dict)  # XMP, IPTC, MAKER_NOTE, JPEG_FROM_RAW
    maker_note_at: int = 0  # where it begins, counted from the TIFF header
    order: str = "<"
    warnings: list[str] = field(default_factory=list)


def read(file: BinaryIO) -> Tags:
    """All tags of the TIFF structure in `file`, whose first byte is its header."""
    tags = Tags()
    head = _at(file, 0, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8 or struct.unpack_from(order + "H", head, 2)[0] not in MAGIC:
        tags.warnings.append("The EXIF block has no TIFF header.")
        return tags
    tags.order = order
    todo = [("main", int(struct.unpack_from(order + "I", head, 4)[0]))]
    seen: set[int] = set()
    while todo:
        name, offset = todo.pop()
        if offset in seen or name in tags.ifds:
            tags.warnings.append(f"The {name} IFD is listed twice.")
            continue
        seen.add(offset)
        todo += _walk(file, tags, name, offset)
    if struct.unpack_from(order + "H", head, 2)[0] == PANASONIC:
        main = tags.ifds.get("main", {})
        tags.ifds["main"] = {tag: value for tag, value in main.items() if tag >= STANDARD}
    return tags


def read_ifd(file: BinaryIO, order: str, offset: int) -> dict[int, object]:
    """One IFD on its own, such as a maker note that is written like one."""
    tags = Tags(order=order)
    _walk(file, tags, "note", offset)
    return tags.ifds.get("note", {})


def names(ifd: str) -> dict[int, str]:
    """The standard's names of the tags of an IFD."""
    return _names()["gps" if ifd == "gps" else "interop" if ifd == "interop" else "photo"]


def _walk(file: BinaryIO, tags: Tags, name: str, offset: int) -> list[tuple[str, int]]:
    """Reads one IFD into `tags`; returns the IFDs that it points at."""
    raw = _at(file, offset, 2)
    if len(raw) < 2:
        tags.warnings.append(f"The {name} IFD lies outside of the data.")
        return []
    count = min(int(struct.unpack(tags.order + "H", raw)[0]), ENTRIES)
    table = _at(file, offset + 2, count * 12 + 4)
    found: dict[int, object] = tags.ifds.setdefault(name, {})
    more: list[tuple[str, int]] = []
    for start in range(0, min(count * 12, len(table) - 11), 12):
        tag, kind, number = struct.unpack_from(tags.order + "HHI", table, start)
        content = _content(file, tags, table[start + 8 : start + 12], kind, number)
        if content is None:
            tags.warnings.append(f"Tag 0x{tag:04x} of the {name} IFD cannot be read.")
        elif tag in POINTERS and kind in (4, 13) and len(content) == 4:
            more.append((POINTERS[tag], int(struct.unpack(tags.order + "I", content)[0])))
        else:
            _keep(tags, found, tag, kind, content, table[start + 8 : start + 12])
    if name == "main" and len(table) == count * 12 + 4:
        following = int(struct.unpack_from(tags.order + "I", table, count * 12)[0])
        more += [("thumbnail", following)] if following else []
    return more


def _keep(
    tags: Tags, found: dict[int, object], tag: int, kind: int, content: bytes, where: bytes
) -> None:
    if tag in (XMP, IPTC, MAKER_NOTE, JPEG_FROM_RAW):
        tags.blocks.setdefault(tag, content)
    if tag == MAKER_NOTE:
        tags.maker_note_at = int(struct.unpack(tags.order + "I", where)[0])
    if tag not in STRUCTURE:
        found.setdefault(tag, _value(tags.order, tag, kind, content))


def _content(file: BinaryIO, tags: Tags, inline: bytes, kind: int, number: int) -> bytes | None:
    """The bytes of a value; None where type, size or offset make no sense."""
    if kind not in FORMATS:
        return None
    size = struct.calcsize("=" + FORMATS[kind]) * number
    if size <= 4:
        return inline[:size]
    if size > LONGEST:
        return None
    content = _at(file, int(struct.unpack(tags.order + "I", inline)[0]), size)
    # Text that was cut off is still worth reading; half a number is not.
    return content if len(content) == size or (kind == 2 and content) else None


def _value(order: str, tag: int, kind: int, content: bytes) -> object:
    if tag in XP_TAGS:
        return content.decode("utf-16-le", "replace").rstrip("\0")
    if tag == USER_COMMENT:
        return _comment(order, content)
    if kind == 2:
        return text(content)
    if kind == 7:
        printable = len(content) <= 64 and content.rstrip(b"\0 ").isascii()
        plain = content.rstrip(b"\0 ").decode("ascii", "replace")
        return plain if printable and plain.isprintable() and plain else binary(content)
    numbers = list(_numbers(order, kind, content))
    return numbers[0] if len(numbers) == 1 else numbers


def _numbers(order: str, kind: int, content: bytes) -> list[int | float | None]:
    parts = struct.iter_unpack(order + FORMATS[kind], content)
    if kind in (5, 10):  # a fraction over nought is how cameras say "unknown"
        return [top / bottom if bottom else None for top, bottom in parts]
    return [n if not isinstance(n, float) or math.isfinite(n) else None for (n,) in parts]


def _comment(order: str, content: bytes) -> str:
    """UserComment begins with eight bytes that name its character set."""
    charset, rest = content[:8], content[8:]
    if charset.startswith(b"UNICODE"):
        utf16 = "utf-16-le" if order == "<" else "utf-16-be"
        return rest.decode(utf16, "replace").strip("\0 \ufeff")
    if charset.startswith(b"JIS"):
        return rest.decode("iso2022_jp", "replace").strip("\0 ")
    return text(rest if charset.startswith((b"ASCII", b"\0\0\0\0")) else content)


def text(content: bytes) -> str:
    """Text up to its NUL: UTF-8 where it is, else Latin-1, which always reads."""
    plain = content.split(b"\0", 1)[0]
    try:
        return plain.decode("utf-8").strip()
    except UnicodeDecodeError:
        return plain.decode("latin-1").strip()


def binary(content: bytes) -> dict[str, str]:
    """Bytes as JSON can hold them."""
    return {"base64": base64.b64encode(content).decode("ascii")}


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


@cache
def _names() -> dict[str, dict[int, str]]:
    import piexif
    from PIL import ExifTags

    photo = {int(tag): tag.name for tag in ExifTags.Base}
    for ifd in ("Image", "Exif"):
        photo |= {tag: str(entry["name"]) for tag, entry in piexif.TAGS[ifd].items()}
    gps = {int(tag): tag.name for tag in ExifTags.GPS}
    gps |= {tag: str(entry["name"]) for tag, entry in piexif.TAGS["GPS"].items()}
    return {"photo": photo, "gps": gps, "interop": {int(t): t.name for t in ExifTags.Interop}}
