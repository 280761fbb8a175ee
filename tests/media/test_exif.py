from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import piexif
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from albums.media import exif, tiff
from tests.media.pictures import corners, encoded, saved

WRITTEN = piexif.dump(
    {
        "0th": {piexif.ImageIFD.Make: b"samsung", piexif.ImageIFD.Model: b"SM-S921U\0\0"},
        "Exif": {
            piexif.ExifIFD.DateTimeOriginal: b"2026:04:26 18:42:11",
            piexif.ExifIFD.OffsetTimeOriginal: b"-07:00",
            piexif.ExifIFD.ExposureTime: (1, 250),
            piexif.ExifIFD.MakerNote: b"\x01\x02\xff",
            piexif.ExifIFD.UserComment: b"UNICODE\0" + "schön".encode("utf-16-be"),
        },
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: b"N",
            piexif.GPSIFD.GPSLatitude: [(45, 1), (44, 1), (276, 100)],
            piexif.GPSIFD.GPSLongitudeRef: b"W",
            piexif.GPSIFD.GPSLongitude: [(122, 1), (40, 1), (2676, 100)],
            piexif.GPSIFD.GPSAltitudeRef: 1,
            piexif.GPSIFD.GPSAltitude: (12, 1),
        },
        "1st": {piexif.ImageIFD.Compression: 6},
    }
)
PACKET = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:XX="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:own="http://example.org/own/" XX:Rating="5" own:word="hi">
<dc:subject><rdf:Bag><rdf:li>beach</rdf:li><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>
<dc:description><rdf:Alt><rdf:li xml:lang="de">Meer</rdf:li>
<rdf:li xml:lang="x-default">The sea</rdf:li></rdf:Alt></dc:description>
<own:thing rdf:parseType="Resource"><own:a>1</own:a></own:thing>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = exif.read(path)
    json.dumps(found, allow_nan=False)
    return found


def heic(path: Path, **options: object) -> Path:
    pillow_heif.from_pillow(corners()).save(path, **options)
    return path


def check_written(tags: dict[str, Any]) -> None:
    assert tags["Make"] == "samsung"
    assert tags["Model"] == "SM-S921U"
    assert tags["DateTimeOriginal"] == "2026:04:26 18:42:11"
    assert tags["OffsetTimeOriginal"] == "-07:00"
    assert tags["ExposureTime"] == 0.004
    assert tags["MakerNote"] == {"base64": "AQL/"}
    assert tags["UserComment"] == "schön"
    assert tags["GPSLatitude"] == pytest.approx(45.7341)
    assert tags["GPSLongitude"] == pytest.approx(-122.6741)
    assert tags["GPSAltitude"] == -12


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_is_read_from_every_container(tmp_path: Path, format: str) -> None:
    found = read(saved(tmp_path / "x", corners(), format, exif=WRITTEN))
    check_written(found["exif"])
    assert found["upright_size"] == [96, 64]
    assert found["frames"] == 1
    assert found["format"]["kind"] == "photo"


def test_exif_and_xmp_are_read_from_heic(tmp_path: Path) -> None:
    found = read(heic(tmp_path / "x", exif=WRITTEN, xmp=PACKET))
    check_written(found["exif"])
    assert found["xmp"]["xmp:Rating"] == "5"


def test_a_tiff_is_its_own_exif(tmp_path: Path) -> None:
    info = Image.Exif()
    info[0x010F] = "Leica"
    found = read(saved(tmp_path / "x.tif", corners(), "TIFF", exif=info))
    assert found["exif"]["Make"] == "Leica"
    assert "StripOffsets" not in found["exif"]


def test_imagemagicks_raw_profile_in_a_png_is_read(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    profile = f"\nexif\n{len(WRITTEN):8}\n{WRITTEN.hex()}\n"
    info.add_text("Raw profile type exif", profile, zip=True)
    info.add_text("Creation Time", "2024:05:06 07:08:09")
    found = read(saved(tmp_path / "x.png", corners(), "PNG", pnginfo=info))
    check_written(found["exif"])
    assert found["text"]["Creation Time"] == "2024:05:06 07:08:09"


def test_a_jpeg_xl_container_is_read_though_nobody_decodes_it(tmp_path: Path) -> None:
    block = bytes(4) + WRITTEN.removeprefix(b"Exif\0\0")
    content = b"\0\0\0\x0cJXL \r\n\x87\n" + struct.pack(">I", 8 + len(block)) + b"Exif" + block
    path = tmp_path / "x.jxl"
    path.write_bytes(content + struct.pack(">I", 8 + len(PACKET)) + b"xml " + PACKET)
    found = read(path)
    check_written(found["exif"])
    assert found["xmp"]["dc:subject"] == ["beach", "sea"]
    assert found["upright_size"] is None


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


@pytest.mark.parametrize("offset", [40, 2**40, 2**63, 2**64 - 1])
def test_an_item_that_lies_nowhere_is_left_out(tmp_path: Path, offset: int) -> None:
    item = box(b"infe", b"\2\0\0\0\0\1\0\0Exif\0")
    kinds = box(b"iinf", bytes(4) + b"\0\1" + item)
    extent = struct.pack(">HHHHQQ", 1, 1, 0, 1, offset, 20)
    places = box(b"iloc", bytes(4) + b"\x88\0" + extent)
    path = tmp_path / "x"
    path.write_bytes(box(b"ftyp", b"heic\0\0\0\0") + box(b"meta", bytes(4) + kinds + places))
    assert read(path)["exif"] == {}


def test_xmp_is_flattened_under_the_usual_prefixes(tmp_path: Path) -> None:
    found = read(saved(tmp_path / "x", corners(), "JPEG", xmp=PACKET))["xmp"]
    assert found == {
        "xmp:Rating": "5",
        "own:word": "hi",
        "dc:subject": ["beach", "sea"],
        "dc:description": "The sea",
        "own:thing": {"own:a": "1"},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_xmp_sidecar_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.xmp"
    path.write_bytes(PACKET.decode().encode(encoding))
    assert read(path)["xmp"]["xmp:Rating"] == "5"


def test_xml_bombs_are_a_warning(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    found = read(saved(tmp_path / "x", corners(), "JPEG", xmp=bomb))
    assert found["xmp"] == {}
    assert "XMP" in found["warnings"][0]


def iptc(*sets: tuple[int, int, bytes]) -> bytes:
    return b"".join(b"\x1c" + struct.pack(">BBH", r, n, len(v)) + v for r, n, v in sets)


@pytest.mark.parametrize(("charset", "encoding"), [(b"\x1b%G", "utf-8"), (b"", "latin-1")])
def test_iptc_is_read_from_photoshops_blocks(tmp_path: Path, charset: bytes, encoding: str) -> None:
    block = iptc(
        (1, 90, charset),
        (2, 25, b"tree"),
        (2, 25, "Höhe".encode(encoding)),
        (2, 55, b"20240506"),
        (2, 120, b"A caption"),
    )
    resources = b"Photoshop 3.0\x008BIM\x03\xed\0\0" + struct.pack(">I", 2) + b"xx"
    resources += b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block
    content = encoded(corners(), "JPEG")
    path = tmp_path / "x"
    path.write_bytes(
        content[:2] + b"\xff\xed" + struct.pack(">H", len(resources) + 2) + resources + content[2:]
    )
    assert read(path)["iptc"] == {
        "Keywords": ["tree", "Höhe"],
        "DateCreated": "20240506",
        "Caption-Abstract": "A caption",
    }


def ifd(*entries: tuple[int, int, int, bytes], following: int = 0) -> bytes:
    body = b"".join(struct.pack("<HHI", t, k, n) + v.ljust(4, b"\0") for t, k, n, v in entries)
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", following)


def tags_of(block: bytes, path: Path) -> dict[str, Any]:
    found = read(saved(path, corners(), "JPEG", exif=b"Exif\0\0" + block))
    tags: dict[str, Any] = found["exif"]
    return tags


def test_ifds_that_point_at_each_other_end(tmp_path: Path) -> None:
    pointer = struct.pack("<I", 8)
    block = b"II*\0" + pointer + ifd(
        (0x010F, 2, 4, b"Ab\0\0"), (0x8769, 4, 1, pointer), (0x8825, 4, 1, pointer), following=8
    )  # fmt: skip
    assert tags_of(block, tmp_path / "x") == {"Make": "Ab"}


def test_a_broken_entry_costs_that_entry(tmp_path: Path) -> None:
    far = struct.pack("<I", 2**31)
    block = b"II*\0\x08\0\0\0" + ifd(
        (0x0110, 2, 100, far),  # lies outside
        (0x0132, 99, 1, b""),  # no such type
        (0x8298, 2, 2**32 - 1, far),  # four gigabytes
        (0x010F, 2, 4, b"Ab\xe4\0"),
    )
    assert tags_of(block, tmp_path / "x") == {"Make": "Abä"}


@pytest.mark.parametrize(
    ("degrees", "reference", "wanted"),
    [
        ([(51, 1), (30, 1), (0, 1)], b"S", -51.5),
        ([(51, 1), (305, 10), (0, 0)], b"N", 51 + 30.5 / 60),
        ([(0, 0), (0, 0), (0, 0)], b"N", None),
        ([(95, 1), (0, 1), (0, 1)], b"N", None),
    ],
)
def test_gps_is_signed_degrees_or_nothing(
    tmp_path: Path, degrees: list[tuple[int, int]], reference: bytes, wanted: float | None
) -> None:
    block = piexif.dump({"GPS": {1: reference, 2: degrees}})
    assert tags_of(block[6:], tmp_path / "x").get("GPSLatitude") == (
        None if wanted is None else pytest.approx(wanted)
    )


def test_the_lens_of_a_canon_maker_note_is_found(tmp_path: Path) -> None:
    start = 8 + 2 + 3 * 12 + 4
    lens = b"EF50mm f/1.8 STM\0"
    note_at = start + 2 + 12 + 4
    note = ifd((0x0095, 2, len(lens), struct.pack("<I", note_at + 18))) + lens
    main = ifd(
        (0x010F, 2, 6, struct.pack("<I", note_at + 60)),
        (0x8769, 4, 1, struct.pack("<I", start)),
        (0x0112, 3, 1, b"\1\0"),
    )
    sub = ifd((0x927C, 7, len(note), struct.pack("<I", note_at)))
    block = (b"II*\0\x08\0\0\0" + main + sub + note).ljust(note_at + 60, b"\0") + b"Canon\0"
    assert tags_of(block, tmp_path / "x")["MakerNoteLensModel"] == "EF50mm f/1.8 STM"


def test_a_truncated_photo_keeps_its_tags(tmp_path: Path) -> None:
    content = encoded(corners(), "JPEG", exif=WRITTEN)
    path = tmp_path / "x.jpg"
    path.write_bytes(content[: len(WRITTEN) + 60])
    found = read(path)
    check_written(found["exif"])
    assert found["upright_size"] is None
    assert found["warnings"]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff\xe1\xff\xff", b"hello", b"RIFF\1\0\0\0WEBP"]
)
def test_there_is_always_an_answer(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert read(path)["exif"] == {}


def test_a_text_chunk_that_unpacks_to_gigabytes_is_cut(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(100_000_000), 9)
    chunk = b"zTXtnote\0\0" + packed
    content = encoded(corners(), "PNG")
    path = tmp_path / "x.png"
    path.write_bytes(
        content[:33] + struct.pack(">I", len(chunk) - 4) + chunk + bytes(4) + content[33:]
    )
    assert len(read(path)["text"]["note"]) <= 16_000_000


@given(st.binary(max_size=300))
def test_any_bytes_after_a_tiff_header_are_read_or_left(content: bytes) -> None:
    for head in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        tiff.read(io.BytesIO(head + content))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x8769, 0x8825, 0xA005, 0x9286, 0x9C9B, 0x0112, 0x02BC, 0x927C]),
            st.integers(0, 15),
            st.integers(0, 20) | st.just(2**32 - 1),
            st.binary(min_size=4, max_size=4) | st.just(b"\x08\0\0\0"),
        ),
        max_size=8,
    )
)
def test_any_entries_give_json(entries: list[tuple[int, int, int, bytes]]) -> None:
    tags, _ = exif._exif(io.BytesIO(b"II*\0\x08\0\0\0" + ifd(*entries, following=8)), [])
    json.dumps(tags, allow_nan=False)
