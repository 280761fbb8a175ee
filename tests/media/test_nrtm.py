"""What a Sony writes into its film as XML."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.media import nrtm

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.20">
  <CreationDate value="2019-05-05T12:30:00+09:00"/>
  <Device manufacturer="Sony" modelName="ILCE-7M3" serialNo="4294967295"/>
  <Lens modelName="FE 24-70mm F2.8 GM &amp; more"/>
</NonRealTimeMeta>"""


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def film(xml: bytes, *, inside: bool = True, full: bool = True) -> io.BytesIO:
    handler = box(b"hdlr", bytes(8) + b"nrtm" + bytes(13))
    meta = box(b"meta", (bytes(4) if full else b"") + handler + box(b"xml ", bytes(4) + xml))
    movie = box(b"moov", box(b"mvhd", bytes(100)) + (meta if inside else b""))
    return io.BytesIO(box(b"ftyp", b"XAVC" + bytes(8)) + movie + (b"" if inside else meta))


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("full", [True, False])
def test_clock_camera_and_lens_are_read_wherever_they_lie(inside: bool, full: bool) -> None:
    assert nrtm.read(film(XML, inside=inside, full=full)) == {
        "nrtm:CreationDate": "2019-05-05T12:30:00+09:00",
        "manufacturer": "Sony",
        "model": "ILCE-7M3",
        "nrtm:Lens": "FE 24-70mm F2.8 GM & more",
    }


def test_other_xml_says_nothing() -> None:
    assert nrtm.read(film(b"<x/>")) == {}
    assert nrtm.read(io.BytesIO()) == {}


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    nrtm.read(io.BytesIO(content))
    nrtm.read(film(b"NonRealTimeMeta" + content))
