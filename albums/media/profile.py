"""ICC profiles of colour spaces that files name and do not carry: small, made on the spot."""

from __future__ import annotations

import struct
from functools import cache
from typing import Literal

Named = Literal["display p3", "adobe rgb", "bt.2020"]

# Red, green and blue as XYZ, adapted to D50 as profiles hold them.
COLORANTS = {
    "display p3": (
        (0.51512, 0.2412, -0.00105),
        (0.29198, 0.69225, 0.04189),
        (0.1571, 0.06657, 0.78407),
    ),
    "adobe rgb": (
        (0.60974, 0.31111, 0.01947),
        (0.20528, 0.62567, 0.06087),
        (0.14919, 0.06322, 0.74457),
    ),
    "bt.2020": (
        (0.67348, 0.27904, -0.00194),
        (0.16566, 0.67534, 0.02998),
        (0.1251, 0.04561, 0.79686),
    ),
}
GAMMAS = {"adobe rgb": 563 / 256, "bt.2020": 2.4}
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# ITU-T H.273: the code points of primaries that are wider than sRGB's.
PRIMARIES: dict[int, Named] = {9: "bt.2020", 11: "display p3", 12: "display p3"}


@cache
def icc_of(name: Named) -> bytes:
    """The profile of a colour space (ICC.1:2004, version 4.0)."""
    curve = _curve(name)
    tags = [
        (b"desc", _text(name.title())),
        (b"cprt", _text("No copyright, use freely")),
        (b"wtpt", _xyz((0.9642, 1.0, 0.82491))),
        *zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, COLORANTS[name]), strict=True),
        *((tag, curve) for tag in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    table, content = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, value in tags:
        table += tag + struct.pack(">II", start + len(content), len(value))
        content += value + bytes(-len(value) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", start + len(content), bytes(4), 0x04000000, b"mntr", b"RGB ", b"XYZ "
    )
    head += (
        struct.pack(">6H", 2024, 1, 1, 0, 0, 0)
        + b"acsp"
        + bytes(28)
        + _xyz((0.9642, 1.0, 0.82491))[8:]
    )
    return head.ljust(128, b"\0") + table + content


def _curve(name: Named) -> bytes:
    if name in GAMMAS:
        return b"para" + bytes(4) + struct.pack(">HHi", 0, 0, _fixed(GAMMAS[name]))
    return b"para" + bytes(4) + struct.pack(">HH5i", 3, 0, *map(_fixed, SRGB_CURVE))


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *map(_fixed, values))


def _text(text: str) -> bytes:
    content = text.encode("utf-16-be")
    return (
        b"mluc"
        + bytes(4)
        + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(content), 28)
        + content
    )


def _fixed(value: float) -> int:
    return round(value * 65536)
