"""What a camcorder writes beside the pictures of an AVCHD film: when it was taken, and by whom.

It lies in the stream of pictures, in messages of H.264 (SEI) with an identifier of their own, as
pairs of a tag and four bytes; see the H264 tags of exiftool's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

_MARK = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM"
_SEARCHED = 1 << 20  # bytes; the first picture lies in them
_SYNC, _PACKET = 0x47, 188
_STRIDES = (188, 192)  # of a transport stream, and of one with times of arrival
_YEAR, _DAY, _MAKE = 0x18, 0x19, 0xE0
_MAKERS = {0x0103: "Panasonic", 0x0108: "Sony", 0x1011: "Canon", 0x1104: "JVC"}


def read(file: BinaryIO) -> dict[str, str]:
    """`mdpm:DateTimeOriginal` ("2008-12-31T23:16:24+01:00", offset only where one is set) and
    `make`, as far as they are written."""
    file.seek(0)
    for stream in _streams(file.read(_SEARCHED)):
        at = stream.find(_MARK)
        if at >= 0:
            return _told(stream[at + len(_MARK) : at + 1000].replace(b"\0\0\3", b"\0\0"))
    return {}


def _streams(head: bytes) -> list[bytes]:
    """Of the transport stream, without its packets' heads."""
    stride = next((s for s in _STRIDES if _fits(head, s)), None)
    if stride is None:
        return []
    found: dict[int, bytearray] = {}
    for at in range(stride - _PACKET, len(head) - _PACKET + 1, stride):
        packet = head[at : at + _PACKET]
        start = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        if packet[0] == _SYNC and packet[3] & 0x10:
            number = (packet[1] & 0x1F) << 8 | packet[2]
            found.setdefault(number, bytearray()).extend(packet[start:])
    return [bytes(stream) for stream in found.values()]


def _fits(head: bytes, stride: int) -> bool:
    first = stride - _PACKET
    marks = head[first : first + 20 * stride : stride]
    return len(marks) > 2 and set(marks) == {_SYNC}


def _told(content: bytes) -> dict[str, str]:
    ends = min(len(content), 1 + 5 * content[0]) if content else 0
    pairs = {content[at]: content[at + 1 : at + 5] for at in range(1, ends, 5)}
    found = {}
    if _YEAR in pairs and _DAY in pairs and (when := _when(pairs[_YEAR], pairs[_DAY])):
        found["mdpm:DateTimeOriginal"] = when
    maker = _MAKERS.get(int.from_bytes(pairs.get(_MAKE, b"")[:2], "big"))
    return found | ({"make": maker} if maker else {})


def _when(year: bytes, day: bytes) -> str | None:
    digits = (year[1:] + day).hex()
    if len(digits) != 14 or not digits.isdecimal():
        return None
    local = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:]}"
    return local + _offset(year[0])


def _offset(zone: int) -> str:
    """Sign, hours, a half, and an hour more in summer. Zero may be Greenwich or never set."""
    minutes = (zone >> 1 & 0x0F) * 60 + (30 if zone & 0x01 else 0)
    minutes = (-minutes if zone & 0x20 else minutes) + (60 if zone & 0x40 else 0)
    if not zone & 0x3F or abs(minutes) > 14 * 60:
        return ""
    sign, whole = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{whole // 60:02}:{whole % 60:02}"
