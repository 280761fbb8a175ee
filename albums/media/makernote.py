"""What only maker notes say: the lens, where the standard tag is missing (Canon, Panasonic, Nikon,
Olympus), and which film belongs to a live photo and which photos are one burst (Apple)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from albums.media import tiff

if TYPE_CHECKING:
    from typing import BinaryIO

CANON_LENS, PANASONIC_LENS, NIKON_LENS = 0x0095, 0x0051, 0x0084
PANASONIC = b"Panasonic\0\0\0"
NIKON = b"Nikon\0"  # then a version, then a TIFF structure of its own
NIKON_HEADER = 10
OLYMPUS = b"OLYMPUS\0"  # offsets inside are counted from the note's first byte
APPLE = b"Apple iOS\0"  # then a version and "MM"; offsets are counted from the note's first byte
APPLE_HEADER, APPLE_CONTENT, APPLE_BURST = 14, 0x0011, 0x000B
OLYMPUS_HEADER, OLYMPUS_EQUIPMENT, OLYMPUS_LENS = 12, 0x2010, 0x0203


def lens_of(block: BinaryIO, tags: tiff.Tags, make: str) -> str:
    """The lens as the camera's maker wrote it, or "" """
    note = tags.blocks.get(tiff.MAKER_NOTE, b"")
    maker = make.lower()
    if maker.startswith("canon"):
        found = tiff.read_ifd(block, tags.order, tags.maker_note_at).get(CANON_LENS)
    elif note.startswith(PANASONIC):
        start = tags.maker_note_at + len(PANASONIC)
        found = tiff.read_ifd(block, tags.order, start).get(PANASONIC_LENS)
    elif note.startswith(NIKON):
        inner = tiff.read(io.BytesIO(note[NIKON_HEADER:]))
        found = _nikon(inner.ifds.get("main", {}).get(NIKON_LENS))
    elif note.startswith(OLYMPUS):
        found = _olympus(io.BytesIO(note), "<" if note[8:10] == b"II" else ">")
    else:
        return ""
    return found if isinstance(found, str) else ""


def _nikon(lens: object) -> str:
    """[18, 70, 3.5, 4.5] -> "18-70mm f/3.5-4.5"."""
    if not isinstance(lens, list) or len(lens) != 4 or not all(lens):
        return ""
    short, long, wide, narrow = (f"{value:g}" for value in lens)
    focal = short if short == long else f"{short}-{long}"
    return f"{focal}mm f/{wide if wide == narrow else f'{wide}-{narrow}'}"


def _olympus(note: BinaryIO, order: str) -> object:
    equipment = tiff.read_ifd(note, order, OLYMPUS_HEADER).get(OLYMPUS_EQUIPMENT)
    if not isinstance(equipment, int):
        return ""
    return tiff.read_ifd(note, order, equipment).get(OLYMPUS_LENS)


def content_identifier(tags: tiff.Tags) -> str:
    """What Apple writes alike into a live photo and its film, or "". Tag names: exiftool's."""
    return _apple(tags, APPLE_CONTENT)


def burst_identifier(tags: tiff.Tags) -> str:
    """What Apple writes alike into all photos of a burst (BurstUUID), or "" """
    return _apple(tags, APPLE_BURST)


def _apple(tags: tiff.Tags, tag: int) -> str:
    note = tags.blocks.get(tiff.MAKER_NOTE, b"")
    if not note.startswith(APPLE):
        return ""
    order = "<" if note[12:14] == b"II" else ">"
    found = tiff.read_ifd(io.BytesIO(note), order, APPLE_HEADER).get(tag)
    return found if isinstance(found, str) else ""
