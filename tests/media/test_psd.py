"""The files are written by hand: what Photoshop writes with "maximize compatibility"."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import exif, psd
from albums.media.formats import decoder_for, identify_file
from albums.media.still import Decoded
from tests.media.pictures import ADOBE_COLORANTS, corners, encoded, rgb_profile, seen_corners
from tests.media.test_exif import PACKET, WRITTEN


def photoshop(image: Image.Image, depth: int = 8, **resources: bytes) -> bytes:
    """A file without layers. `resources`: number in hexadecimal -> content."""
    held = b"".join(
        b"8BIM" + struct.pack(">HHI", int(name[1:], 16), 0, len(content)) + content
        + bytes(len(content) % 2)
        for name, content in resources.items()
    )  # fmt: skip
    width, height = image.size
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, depth, 3)
    channels = b"".join(
        band.tobytes() if depth == 8 else bytes(b for byte in band.tobytes() for b in (byte, byte))
        for band in image.split()
    )
    return head + struct.pack(">II", 0, len(held)) + held + struct.pack(">IH", 0, 0) + channels


def opened(path: Path, content: bytes) -> Decoded:
    path.write_bytes(content)
    format = identify_file(path)
    decoder = decoder_for(format)
    assert decoder is not None
    return decoder.load()(path, format, 1600, 100_000)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_composite_is_shown(tmp_path: Path, depth: int) -> None:
    decoded = opened(tmp_path / "x.psd", photoshop(corners(), depth))
    assert (decoded.image.size, decoded.size) == ((96, 64), (96, 64))
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


@pytest.mark.parametrize("depth", [8, 16])
def test_its_profile_is_heeded(tmp_path: Path, depth: int) -> None:
    green = Image.new("RGB", (40, 30), (60, 200, 70))
    content = photoshop(green, depth, x040F=rgb_profile(ADOBE_COLORANTS))
    colour = opened(tmp_path / "x.psd", content).image.getpixel((5, 5))
    assert isinstance(colour, tuple)
    assert colour[0] < 30


def test_its_tags_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.psd"
    path.write_bytes(photoshop(corners(), x0422=WRITTEN[6:], x0424=PACKET))
    tags = exif.read(path)
    assert tags["exif"]
    assert tags["xmp"]
    assert (tags["upright_size"], tags["frames"]) == ([96, 64], 1)


@pytest.mark.parametrize("depth", [8, 16, 32])
def test_what_is_broken_has_a_reason(tmp_path: Path, depth: int) -> None:
    with pytest.raises(Undecodable) as caught:
        opened(tmp_path / "x.psd", photoshop(corners(), depth)[:60])
    assert caught.value.why


def test_a_file_of_more_pixels_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match="too large"):
        opened(tmp_path / "x.psd", photoshop(Image.new("RGB", (400, 300)), 16))
    assert psd.size_of(tmp_path / "x.psd", identify_file(tmp_path / "x.psd"))[0] == (400, 300)


def test_the_largest_picture_of_an_icon_is_shown(tmp_path: Path) -> None:
    sizes = [(16, 16), (96, 96), (32, 32)]
    content = encoded(corners((96, 96)), "ICO", sizes=sizes)
    decoded = opened(tmp_path / "x.ico", content)
    assert decoded.size == (96, 96)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]
    assert Image.open(io.BytesIO(content)).size == (96, 96)
