from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from albums.media import exif
from tests.media.pictures import corners, encoded
from tests.media.test_hostile_files import heic

SAMPLES = Path(os.environ.get("ALBUMS_SAMPLES", "")) / "exif/pillow_heif"
ULTRA_HDR = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
   hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>"""
ISO = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)


def found_in(path: Path, content: bytes) -> object:
    path.write_bytes(content)
    return exif.read(path)["gain_map"]


def test_a_photo_of_android_has_its_gain_map(tmp_path: Path) -> None:
    content = encoded(corners(), "JPEG", xmp=ULTRA_HDR)
    assert found_in(tmp_path / "x.jpg", content) == "ultra hdr"


def test_the_standard_of_iso_is_known(tmp_path: Path) -> None:
    jpeg = encoded(corners(), "JPEG")
    segment = b"\xff\xe2" + struct.pack(">H", len(ISO) + 2) + ISO
    assert found_in(tmp_path / "x.jpg", jpeg[:2] + segment + jpeg[2:]) == "iso 21496-1"


def test_a_plain_photo_has_none(tmp_path: Path) -> None:
    assert found_in(tmp_path / "x.jpg", encoded(corners(), "JPEG")) is None
    assert found_in(tmp_path / "x.heic", heic()) is None


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="ALBUMS_SAMPLES names no folder with HEIC files")
def test_real_photos_have_theirs() -> None:
    assert exif.read(SAMPLES / "heif_special/aux_YCbCr.heic")["gain_map"] == "iso 21496-1"
    assert exif.read(SAMPLES / "heif_other/pug.heic")["gain_map"] == "apple"
