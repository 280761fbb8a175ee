"""RAW files written by hand: as much of each maker's layout as LibRaw asks for. None of them came
from a camera."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tests.media.pictures import corners

SENSOR = (96, 64)


@dataclass(frozen=True)
class Pointer:
    """The offset of an IFD or of bytes, known once the file is laid out."""

    to: Ifd | bytes


@dataclass(frozen=True)
class Entry:
    tag: int
    kind: int  # 1 byte, 2 text, 3 short, 4 long, 5 fraction, 7 undefined
    value: int | bytes | list[int] | list[tuple[int, int]] | Pointer | list[Pointer]


Ifd = list[Entry]
Maker = Callable[[bytes, int], bytes]  # preview and orientation -> file


def cfa(size: tuple[int, int] = (96, 64)) -> bytes:
    """What an RGGB sensor of 14 bits sees of `corners`, in linear light."""
    rgb = np.asarray(corners(size)).astype(float) / 255
    linear = (rgb**2.2 * 12000 + 500).astype("<u2")
    mosaic = linear[:, :, 1].copy()
    mosaic[0::2, 0::2] = linear[0::2, 0::2, 0]
    mosaic[1::2, 1::2] = linear[1::2, 1::2, 2]
    return mosaic.tobytes()


def sensor(size: tuple[int, int], orientation: int = 1) -> Ifd:
    """An IFD with the bare numbers of the sensor."""
    return [
        Entry(254, 4, 0),
        Entry(256, 4, size[0]),
        Entry(257, 4, size[1]),
        Entry(258, 3, 16),
        Entry(259, 3, 1),
        Entry(262, 3, 32803),
        Entry(273, 4, Pointer(cfa(size))),
        Entry(274, 3, orientation),
        Entry(277, 3, 1),
        Entry(278, 4, size[1]),
        Entry(279, 4, size[0] * size[1] * 2),
        Entry(33421, 3, [2, 2]),
        Entry(33422, 1, [0, 1, 1, 2]),
    ]


def about_dng() -> Ifd:
    identity = [(n, 10000) for n in (32404, -15371, -4985, -9692, 18760, 416, 556, -2040, 10572)]
    return [
        Entry(50706, 1, [1, 4, 0, 0]),
        Entry(50708, 2, b"Made by hand\0"),
        Entry(50714, 3, 500),
        Entry(50717, 4, 12500),
        Entry(50721, 10, identity),
        Entry(50728, 5, [(1, 1), (1, 1), (1, 1)]),
        Entry(50778, 3, 21),
    ]


def gear(make: bytes, model: bytes, orientation: int = 1) -> Ifd:
    when = Entry(0x9003, 2, b"2021:06:05 14:03:02\0")
    return [
        Entry(271, 2, make + b"\0"),
        Entry(272, 2, model + b"\0"),
        Entry(274, 3, orientation),
        Entry(0x8769, 4, Pointer([when])),
    ]


def jpeg_preview(jpeg: bytes) -> Ifd:
    """As Nikon and Sony point at it."""
    return [
        Entry(254, 4, 1),
        Entry(259, 3, 6),
        Entry(0x0201, 4, Pointer(jpeg)),
        Entry(0x0202, 4, len(jpeg)),
    ]


def dng(size: tuple[int, int] = (96, 64), orientation: int = 1, jpeg: bytes = b"") -> bytes:
    """A DNG with the sensor's numbers, and with an embedded JPEG where one is given."""
    own = gear(b"Hand", b"Made", orientation) + about_dng()
    if not jpeg:
        return tiff([*own, *[e for e in sensor(size) if e.tag != 274]])
    width, height = size_of(jpeg)
    preview = [
        Entry(254, 4, 1),
        Entry(256, 4, width),
        Entry(257, 4, height),
        Entry(258, 3, [8, 8, 8]),
        Entry(259, 3, 7),
        Entry(262, 3, 6),
        Entry(273, 4, Pointer(jpeg)),
        Entry(277, 3, 3),
        Entry(278, 4, height),
        Entry(279, 4, len(jpeg)),
        Entry(330, 4, Pointer(sensor(size, orientation))),
    ]
    return tiff(own + preview)


def dng_of(jpeg: bytes, orientation: int = 1) -> bytes:
    return dng(orientation=orientation, jpeg=jpeg)


def nef(jpeg: bytes, orientation: int = 1) -> bytes:
    own = gear(b"NIKON CORPORATION", b"NIKON D3S", orientation)
    return tiff([*own, Entry(330, 4, [Pointer(jpeg_preview(jpeg)), Pointer(sensor(SENSOR))])])


def arw(jpeg: bytes, orientation: int = 1) -> bytes:
    own = gear(b"SONY", b"ILCE-7", orientation) + jpeg_preview(jpeg)
    return tiff([*own, Entry(330, 4, Pointer(sensor(SENSOR)))])


def pef(jpeg: bytes, orientation: int = 1) -> bytes:
    own = gear(b"PENTAX", b"PENTAX K-5", orientation) + jpeg_preview(jpeg)
    return tiff([*own, Entry(330, 4, Pointer(sensor(SENSOR)))])


def rw2(jpeg: bytes, orientation: int = 1) -> bytes:
    """Panasonic numbers the sensor's tags in its own way, and packs its numbers: these are not."""
    width, height = SENSOR
    own = [
        Entry(0x01, 7, b"0310"),
        *[
            Entry(tag, 3, value)
            for tag, value in enumerate((width, height, 0, 0, height, width), 2)
        ],
        Entry(0x2E, 7, jpeg),
        Entry(0x117, 4, width * height * 2),
        Entry(0x118, 4, Pointer(cfa(SENSOR))),
    ]
    return tiff(own + gear(b"Panasonic", b"DMC-G1", orientation), b"IIU\0", bytes(16))


def raf(jpeg: bytes, orientation: int = 1) -> bytes:
    """Fuji's own header, a JPEG with all tags, and the sensor's numbers after it."""
    jpeg = jpeg[:2] + _app1(gear(b"FUJIFILM", b"FinePix S5Pro", orientation)) + jpeg[20:]
    jpeg += bytes(-len(jpeg) % 4)
    records = [(0x100, SENSOR), (0x110, (0, 0)), (0x111, SENSOR), (0x121, SENSOR)]
    numbers = struct.pack(">I", len(records)) + b"".join(
        struct.pack(">HHHH", tag, 4, size[1], size[0]) for tag, size in records
    )
    head = b"FUJIFILMCCD-RAW 0201FF389501" + b"FinePix S5Pro".ljust(32, b"\0") + b"0100"
    at = 160 + len(jpeg)
    places = (160, len(jpeg), at, len(numbers), at + len(numbers), len(cfa(SENSOR)))
    head = head.ljust(84, b"\0") + struct.pack(">6I", *places)
    return head.ljust(160, b"\0") + jpeg + numbers + cfa(SENSOR)


def cr2(jpeg: bytes, orientation: int = 1) -> bytes:
    """Canon's: a JPEG first, the sensor's numbers last, as lossless JPEG; each IFD names the
    next."""
    packed = lossless(SENSOR)
    width, height = size_of(jpeg)
    shown = [
        Entry(256, 3, width),
        Entry(257, 3, height),
        Entry(258, 3, [8, 8, 8]),
        Entry(259, 3, 6),
        Entry(273, 4, Pointer(jpeg)),
        Entry(279, 4, len(jpeg)),
    ]
    numbers = [
        Entry(259, 3, 6),
        Entry(273, 4, Pointer(packed)),
        Entry(279, 4, len(packed)),
        Entry(0xC640, 3, [0, 0, SENSOR[0]]),
    ]
    own = gear(b"Canon", b"Canon EOS 40D", orientation) + shown
    out = bytearray(b"II*\0" + bytes(4) + b"CR\2\0" + bytes(4))
    following = 0
    for ifd in (numbers, shown, jpeg_preview(jpeg)[2:], own):
        at = _lay(out, ifd)
        struct.pack_into("<I", out, at + 2 + 12 * len(ifd), following)
        following = at
    struct.pack_into("<I", out, 4, following)
    return bytes(out)


def orf(orientation: int = 1) -> bytes:
    """Olympus', with numbers of 12 bits; its previews lie in maker notes, which this one lacks."""
    levels = np.frombuffer(cfa(SENSOR), "<u2").reshape(-1, 2).astype(int) >> 2
    first, second = levels[:, 0], levels[:, 1]
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1)
    content = packed.astype(np.uint8).tobytes()
    replaced: dict[int, int | Pointer] = {
        258: 12,
        273: Pointer(content),
        279: len(content),
        274: orientation,
    }
    numbers = _replaced(sensor(SENSOR), replaced)
    own = gear(b"OLYMPUS IMAGING CORP.  ", b"E-5", orientation)
    return tiff([*own, *[e for e in numbers if e.tag != 274]], b"IIRO")


def lossless_dng() -> bytes:
    """As most programs write it: the sensor's numbers as lossless JPEG."""
    packed = lossless(SENSOR)
    replaced: dict[int, int | Pointer] = {259: 7, 273: Pointer(packed), 279: len(packed)}
    numbers = _replaced(sensor(SENSOR), replaced)
    own = gear(b"Hand", b"Made") + about_dng()
    return tiff([*own, *[e for e in numbers if e.tag != 274]])


def _replaced(ifd: Ifd, values: dict[int, int | Pointer]) -> Ifd:
    return [Entry(e.tag, e.kind, values.get(e.tag, e.value)) for e in ifd]


def lossless(size: tuple[int, int]) -> bytes:
    """`cfa` as lossless JPEG of two components side by side (ITU-T T.81, process 14): each number
    as its difference from the one to the left."""
    rows = np.frombuffer(cfa(size), "<u2").reshape(size[1], size[0] // 2, 2).astype(int)
    before = np.concatenate([rows[:, :1], rows[:, :-1]], axis=1)
    before[1:, 0], before[0, 0] = rows[:-1, 0], 1 << 13
    bits = "".join(_difference(int(number)) for number in (rows - before).ravel())
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    table = b"\xff\xc4" + struct.pack(">HB16s16s", 35, 0, b"\0\0\0\0\x10", bytes(range(16)))
    frame = b"\xff\xc3" + struct.pack(">HBHHB", 14, 14, size[1], size[0] // 2, 2)
    start = b"\xff\xda" + struct.pack(">HB", 10, 2)
    return b"".join(
        (
            b"\xff\xd8",
            table,
            frame,
            b"\1\x11\0\2\x11\0",
            start,
            b"\1\0\2\0\1\0\0",
            scan,
            b"\xff\xd9",
        )
    )


def _difference(value: int) -> str:
    """Its length in bits, by a code of five bits, and then the bits."""
    length = abs(value).bit_length()
    coded = value if value > 0 else value + (1 << length) - 1
    return f"{length:05b}" + (f"{coded:0{length}b}" if length else "")


def cr3_tags() -> bytes:
    """Canon's boxes with tags, and no picture: each IFD is a TIFF of its own."""
    place = [Entry(1, 2, b"N\0"), Entry(2, 5, [(38, 1), (43, 1), (20, 1)])]
    tags = _box(b"CMT1", tiff([Entry(271, 2, b"Canon\0"), Entry(272, 2, b"Canon EOS R5\0")]))
    tags += _box(b"CMT2", tiff([Entry(0x9003, 2, b"2021:06:05 14:03:02\0")]))
    tags += _box(b"CMT4", tiff(place))
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    return _box(b"ftyp", b"crx \0\0\0\1crx isom") + _box(b"moov", _box(b"uuid", canon + tags))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def _app1(ifd: Ifd) -> bytes:
    block = b"Exif\0\0" + tiff(ifd)
    return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block


def size_of(jpeg: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(jpeg)).size


def tiff(ifd: Ifd, magic: bytes = b"II*\0", between: bytes = b"") -> bytes:
    """A TIFF file of one IFD and what it points at."""
    out = bytearray(magic + bytes(4) + between)
    struct.pack_into("<I", out, 4, _lay(out, ifd))
    return bytes(out)


def _lay(out: bytearray, ifd: Ifd) -> int:
    """Appends the IFD after everything that it points at; returns where it begins."""
    table = bytearray(struct.pack("<H", len(ifd)))
    for entry in sorted(ifd, key=lambda entry: entry.tag):
        content, count = _content(out, entry)
        if len(content) > 4:
            at = _append(out, content)
            content = struct.pack("<I", at)
        table += struct.pack("<HHI", entry.tag, entry.kind, count) + content.ljust(4, b"\0")
    return _append(out, bytes(table + bytes(4)))


def _content(out: bytearray, entry: Entry) -> tuple[bytes, int]:
    value = entry.value
    if isinstance(value, bytes):
        return value, len(value)
    values = value if isinstance(value, list) else [value]
    if isinstance(values[0], Pointer):
        places = [_place(out, pointer) for pointer in values if isinstance(pointer, Pointer)]
        return struct.pack(f"<{len(places)}I", *places), len(places)
    form = {1: "B", 3: "H", 4: "I", 5: "II", 10: "ii"}[entry.kind]
    packed = [struct.pack("<" + form, *(v if isinstance(v, tuple) else (v,))) for v in values]
    return b"".join(packed), len(values)


def _place(out: bytearray, pointer: Pointer) -> int:
    return _append(out, pointer.to) if isinstance(pointer.to, bytes) else _lay(out, pointer.to)


def _append(out: bytearray, content: bytes) -> int:
    out += bytes(-len(out) % 2)
    at = len(out)
    out += content
    return at
