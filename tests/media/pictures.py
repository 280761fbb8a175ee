"""Pictures and colour profiles made for the tests. Four corners tell how an image is turned."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 40), (30, 40, 220), (230, 220, 40)
CORNERS = [RED, GREEN, BLUE, YELLOW]  # top left, top right, bottom left, bottom right

SRGB_COLORANTS = ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))
P3_COLORANTS = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE_COLORANTS = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))


def corners(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Four coloured quarters, wider than high."""
    image = Image.new("RGB", size)
    half = size[0] // 2, size[1] // 2
    for number, colour in enumerate(CORNERS):
        left, top = number % 2 * half[0], number // 2 * half[1]
        image.paste(colour, (left, top, left + half[0], top + half[1]))
    return image


def seen_corners(image: Image.Image) -> list[int]:
    """Which of CORNERS stands top left, top right, bottom left, bottom right."""
    w, h = image.size
    places = [
        (w // 4, h // 4),
        (w * 3 // 4, h // 4),
        (w // 4, h * 3 // 4),
        (w * 3 // 4, h * 3 // 4),
    ]
    return [nearest(image.convert("RGB").getpixel(place)) for place in places]


def nearest(colour: object) -> int:
    assert isinstance(colour, tuple)
    distances = [sum(abs(a - b) for a, b in zip(colour, c, strict=True)) for c in CORNERS]
    return distances.index(min(distances))


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The image as a camera would store it, so that `orientation` makes it upright again."""
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    return image if stored is None else image.transpose(stored)


def exif_with(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def saved(path: Path, image: Image.Image, format: str, **options: object) -> Path:
    image.save(path, format, **options)
    return path


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def rgb_profile(colorants: tuple[tuple[float, ...], ...], gamma: float = 2.2) -> bytes:
    """A small ICC profile: three primaries (XYZ, D50) and one gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = [
        (b"rXYZ", xyz(colorants[0])),
        (b"gXYZ", xyz(colorants[1])),
        (b"bXYZ", xyz(colorants[2])),
    ]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"RGB ", tags)


def grey_profile(gamma: float) -> bytes:
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    return profile(b"GRAY", [(b"kTRC", curve)])


def xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))


def profile(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    white = xyz((0.9642, 1.0, 0.8249))
    name = b"desc" + bytes(4) + struct.pack(">I", 5) + b"Test\0" + bytes(78)
    tags = [(b"desc", name + bytes(-len(name) % 4)), (b"wtpt", white), *tags]
    table, content = struct.pack(">I", len(tags)), b""
    for tag, value in tags:
        table += tag + struct.pack(">II", 132 + 12 * len(tags) + len(content), len(value))
        content += value
    size = 128 + len(table) + len(content)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, b"mntr", space, b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + white[8:]
    return head.ljust(128, b"\0") + table + content
