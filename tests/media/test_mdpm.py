"""What a camcorder writes into the stream of its film."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.media import mdpm

MARK = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM"
WHEN = (b"\x18\x02\x20\x11\x07", b"\x19\x01\x18\x30\x05")  # +01:00, July 2011, the 1st, 18:30:05


def message(*pairs: bytes) -> bytes:
    return b"\0\0\1\x06\x05" + MARK + bytes([len(pairs)]) + b"".join(pairs)


def stream(content: bytes, stride: int = 192) -> io.BytesIO:
    """A transport stream with this content, cut into packets of two streams by turns."""
    packets = []
    rest = b"\0\0\1\xe0" + content + bytes(3000)
    for number in range(len(rest) // 150):
        part = rest[number * 150 : number * 150 + 150]
        stuffing = bytes([33]) + b"\0" + b"\xff" * 32  # an adaptation field fills the packet up
        packet = b"\x47\x50\x11" + b"\x30" + stuffing + part
        packets += [packet, b"\x47\x01\x00\x10" + bytes(184)]
    return io.BytesIO(b"".join(bytes(stride - 188) + packet for packet in packets))


@pytest.mark.parametrize("stride", [188, 192])
@pytest.mark.parametrize("before", [0, 120, 140])
def test_the_camcorders_clock_and_zone_are_read_wherever_packets_are_cut(
    stride: int, before: int
) -> None:
    content = bytes([1]) * before + message(*WHEN, b"\xe0\x01\x08\x00\x00")
    assert mdpm.read(stream(content, stride)) == {
        "mdpm:DateTimeOriginal": "2011-07-01T18:30:05+01:00",
        "make": "Sony",
    }


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        (0x00, ""),
        (0x80, ""),
        (0x42, "+02:00"),
        (0x2A, "-05:00"),
        (0x0B, "+05:30"),
        (0x6A, "-04:00"),
    ],
)
def test_the_zone_has_a_sign_a_half_and_a_summer(zone: int, offset: str) -> None:
    content = message(bytes([0x18, zone, 0x20, 0x11, 0x07]), WHEN[1])
    assert mdpm.read(stream(content))["mdpm:DateTimeOriginal"] == f"2011-07-01T18:30:05{offset}"


def test_what_is_no_date_is_none() -> None:
    assert mdpm.read(stream(message(b"\x18\x02\xff\xff\xff", b"\x19\xff\xff\xff\xff"))) == {}
    assert mdpm.read(stream(message(WHEN[0]))) == {}
    assert mdpm.read(io.BytesIO(b"no stream")) == {}


@given(st.binary(max_size=600))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    mdpm.read(io.BytesIO(content))
    for value in mdpm.read(stream(MARK + content)).values():
        assert isinstance(value, str)
