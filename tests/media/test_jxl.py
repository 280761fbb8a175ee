from __future__ import annotations

import io
import struct
from pathlib import Path

import brotli
import pillow_jxl
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import exif, jxl
from albums.media.blocks import LARGEST
from albums.media.formats import identify_file
from albums.media.still import Decoded
from tests.media.pictures import (
    corners,
    encoded,
    exif_with,
    seen_corners,
    turned,
)
from tests.media.test_exif import PACKET, WRITTEN

assert pillow_jxl  # the import lets Pillow write JPEG XL
PIXELS = 10_000_000


def opened(path: Path, content: bytes, pixels: int = PIXELS) -> Decoded:
    path.write_bytes(content)
    return jxl.decode(path, identify_file(path), 1600, pixels)


def repacked(tmp_path: Path, orientation: int) -> bytes:
    """A JPEG turned into JPEG XL without loss, as archives do it."""
    jpeg = tmp_path / "x.jpg"
    size = (96, 64) if orientation < 5 else (64, 96)
    turned(corners(size), orientation).save(jpeg, exif=exif_with(orientation))
    out = io.BytesIO()
    with Image.open(jpeg) as image:
        image.save(out, "JXL", lossless_jpeg=True)
    return out.getvalue()


@pytest.mark.parametrize("container", [False, True])
def test_a_jpeg_xl_file_is_opened(tmp_path: Path, container: bool) -> None:
    decoded = opened(tmp_path / "x.jxl", encoded(corners(), "JXL", use_container=container))
    assert (decoded.image.size, decoded.size) == ((96, 64), (96, 64))
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_in_jpeg_xl_is_upright(tmp_path: Path, orientation: int) -> None:
    decoded = opened(tmp_path / "x.jxl", repacked(tmp_path, orientation))
    assert decoded.size == ((96, 64) if orientation < 5 else (64, 96))
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_its_size_is_read_from_the_header_alone(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "x.jxl"
    path.write_bytes(repacked(tmp_path, orientation))
    size = (96, 64) if orientation < 5 else (64, 96)
    assert jxl.size_of(path, identify_file(path)) == (size, 1)
    with path.open("rb") as file:
        assert jxl.read_header(jxl.codestream(file)).orientation == orientation


@pytest.mark.parametrize(
    "size", [(8, 8), (256, 256), (400, 300), (300, 200), (1920, 1080), (257, 3), (1, 600)]
)
def test_every_way_to_write_a_size_is_read(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "x.jxl"
    path.write_bytes(encoded(Image.new("RGB", size), "JXL"))
    assert jxl.size_of(path, identify_file(path))[0] == size


def test_an_animation_says_that_it_is_one() -> None:
    bits = [1] + [0] * 5 + [1, 0, 0]  # 8 x 8 pixels, as a square
    bits += [0, 1] + [0] * 3 + [0, 0, 1]  # more is written: not turned, no other size, it moves
    stream = sum(bit << place for place, bit in enumerate(bits)).to_bytes(4, "little")
    assert jxl.read_header(jxl.BARE + stream) == jxl.Header((8, 8), 1, animated=True)


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off(tmp_path: Path) -> None:
    half = Image.new("I;16", (40, 30), 32896)  # of the light, as its profile says
    decoded = opened(tmp_path / "x.jxl", encoded(half, "JXL", lossless=True))
    assert decoded.image.getpixel((20, 15)) == pytest.approx((188, 188, 188), abs=2)


def test_what_is_transparent_shows_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (40, 30), (10, 20, 30, 0))
    decoded = opened(tmp_path / "x.jxl", encoded(clear, "JXL", lossless=True))
    assert decoded.image.getpixel((20, 15)) == (255, 255, 255)


def test_its_tags_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jxl"
    path.write_bytes(encoded(corners(), "JXL", exif=WRITTEN, xmp=PACKET))
    tags = exif.read(path)
    assert (tags["exif"], tags["xmp"]) == _tags_of_a_jpeg(tmp_path)
    assert (tags["upright_size"], tags["frames"]) == ([96, 64], 1)


def test_packed_tags_are_read_as_if_they_were_not(tmp_path: Path) -> None:
    path = tmp_path / "x.jxl"
    path.write_bytes(encoded(corners(), "JXL", exif=WRITTEN, xmp=PACKET, compress_metadata=True))
    assert b"brob" in path.read_bytes()
    tags = exif.read(path)
    assert (tags["exif"], tags["xmp"]) == _tags_of_a_jpeg(tmp_path)


def test_packed_tags_that_are_broken_or_a_bomb_are_not_lost_in_silence(tmp_path: Path) -> None:
    bomb = brotli.compress(bytes(LARGEST + 1))
    for packed in (
        b"Exif" + brotli.compress(WRITTEN)[:-9],
        b"Exif" + bomb,
        b"xml " + bomb[:40],
        b"",
    ):
        path = tmp_path / "x.jxl"
        head = b"\0\0\0\x0cJXL \r\n\x87\n"
        path.write_bytes(head + struct.pack(">I", 8 + len(packed)) + b"brob" + packed)
        tags = exif.read(path)
        assert (tags["exif"], tags["xmp"]) == ({}, {})
        assert "packed" in str(tags["warnings"])


def _tags_of_a_jpeg(tmp_path: Path) -> tuple[object, object]:
    path = tmp_path / "same.jpg"
    path.write_bytes(encoded(corners(), "JPEG", exif=WRITTEN, xmp=PACKET))
    tags = exif.read(path)
    assert tags["exif"]
    assert tags["xmp"]
    return tags["exif"], tags["xmp"]


def test_more_pixels_than_the_limit_are_not_decoded(tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match="too large"):
        opened(tmp_path / "x.jxl", encoded(corners(), "JXL"), pixels=6000)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\x0a",
        b"\xff\x0a" + bytes(range(200)),
        b"\0\0\0\x0cJXL \r\n\x87\n" + struct.pack(">I", 9) + b"jxlc\xff",
        encoded(corners(), "JXL")[:-40],
    ],
)
def test_what_is_broken_has_a_reason(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Undecodable) as caught:
        opened(tmp_path / "x.jxl", content)
    assert caught.value.why
    assert "libjxl" not in str(caught.value)
