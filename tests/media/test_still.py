from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile

from albums.errors import Undecodable
from albums.media import still
from albums.media.formats import identify_file
from albums.media.still import Decoded
from tests.media import pictures
from tests.media.pictures import corners, encoded, exif_with, saved, seen_corners, turned

MANY = 500_000_000


def decode(path: Path, longest: int = 1600, pixels: int = MANY) -> Decoded:
    return still.decode(path, identify_file(path), longest, pixels)


def middle(decoded: Decoded) -> tuple[int, ...]:
    pixel = decoded.image.getpixel((decoded.image.width // 2, decoded.image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def close(seen: tuple[int, ...], wanted: tuple[int, ...], tolerance: int = 4) -> bool:
    return max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_is_applied_exactly_once(
    tmp_path: Path, format: str, orientation: int
) -> None:
    path = saved(
        tmp_path / "x", turned(corners(), orientation), format, exif=exif_with(orientation)
    )
    decoded = decode(path)
    assert decoded.size == decoded.image.size == (96, 64)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]
    assert still.size_of(path, identify_file(path)) == ((96, 64), 1)


def test_a_jpeg_is_decoded_only_as_large_as_needed(tmp_path: Path) -> None:
    path = saved(tmp_path / "x", corners((4000, 3000)), "JPEG")
    decoded = decode(path, longest=1600)
    assert decoded.image.size == (2000, 1500)
    assert decoded.size == (4000, 3000)


def test_a_display_p3_picture_keeps_its_profile_and_its_numbers(tmp_path: Path) -> None:
    p3 = pictures.rgb_profile(pictures.P3_COLORANTS)
    path = saved(tmp_path / "x", Image.new("RGB", (32, 32), (200, 60, 40)), "PNG", icc_profile=p3)
    decoded = decode(path)
    assert decoded.icc == p3
    assert middle(decoded) == (200, 60, 40)


def test_an_adobe_rgb_picture_is_converted_to_srgb(tmp_path: Path) -> None:
    adobe = pictures.rgb_profile(pictures.ADOBE_COLORANTS)
    path = saved(
        tmp_path / "x", Image.new("RGB", (32, 32), (150, 120, 90)), "PNG", icc_profile=adobe
    )
    decoded = decode(path)
    assert decoded.icc is None
    # By hand: linearise with gamma 2.2, Adobe primaries to XYZ, XYZ to sRGB, sRGB curve.
    linear = (np.array((150, 120, 90)) / 255) ** 2.2
    there = np.array(pictures.ADOBE_COLORANTS).T
    back = np.linalg.inv(np.array(pictures.SRGB_COLORANTS).T)
    light = back @ (there @ linear)
    wanted = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    assert close(middle(decoded), tuple(int(v) for v in np.rint(wanted)), 2)
    assert not close(middle(decoded), (150, 120, 90), 5)


def test_an_srgb_profile_is_not_carried_along(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(tmp_path / "x", Image.new("RGB", (8, 8), (9, 99, 199)), "PNG", icc_profile=srgb)
    decoded = decode(path)
    assert decoded.icc is None
    assert middle(decoded) == (9, 99, 199)


def test_a_grey_profile_is_honoured(tmp_path: Path) -> None:
    linear = pictures.grey_profile(1.0)
    path = saved(tmp_path / "x", Image.new("L", (8, 8), 55), "PNG", icc_profile=linear)
    level = 255 * (1.055 * (55 / 255) ** (1 / 2.4) - 0.055)
    assert close(middle(decode(path)), (round(level),) * 3, 2)


@pytest.mark.parametrize("icc", [b"junk", b"", bytes(128), pictures.grey_profile(2.2)])
def test_a_broken_or_foreign_profile_is_ignored(tmp_path: Path, icc: bytes) -> None:
    path = saved(tmp_path / "x", Image.new("RGB", (8, 8), (9, 99, 199)), "PNG", icc_profile=icc)
    assert middle(decode(path)) == (9, 99, 199)


def test_cmyk_and_lab_become_rgb(tmp_path: Path) -> None:
    cmyk = saved(tmp_path / "c", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG")
    assert close(middle(decode(cmyk)), (255, 0, 0), 6)
    lab = saved(tmp_path / "l", Image.new("LAB", (16, 16), (137, 208, 195)), "TIFF")
    red = middle(decode(lab))  # L*a*b* 54, 80, 67 is sRGB's red
    assert red[0] > 240
    assert max(red[1:]) < 30


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    grey = Image.fromarray(np.full((8, 8), 0x8080, np.uint16))
    for format in ("PNG", "TIFF"):
        assert middle(decode(saved(tmp_path / format, grey, format))) == (128, 128, 128)
    rows = b"".join(b"\0" + struct.pack(">3H", 0xFFFF, 0x8080, 0x0101) * 4 for _ in range(4))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
    ]
    path = tmp_path / "deep.png"
    path.write_bytes(png(*chunks, (b"IEND", b"")))
    assert middle(decode(path)) == (255, 128, 1)


def test_floating_point_pictures_are_scaled(tmp_path: Path) -> None:
    ramp = Image.fromarray(np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8))
    image = decode(saved(tmp_path / "x", ramp, "TIFF")).image
    assert image.getextrema() == ((0, 255),) * 3


def test_what_is_transparent_shows_white(tmp_path: Path) -> None:
    half = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    assert close(middle(decode(saved(tmp_path / "a", half, "PNG"))), (127, 127, 127), 1)
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    assert middle(decode(saved(tmp_path / "p", palette, "PNG"))) == (0, 255, 0)
    path = saved(tmp_path / "t", palette, "GIF", transparency=1)
    assert middle(decode(path)) == (255, 255, 255)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_shown(tmp_path: Path, format: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ((250, 0, 0), (0, 0, 250))]
    path = saved(
        tmp_path / "x", frames[0], format, save_all=True, append_images=frames[1:], lossless=True
    )
    assert close(middle(decode(path)), (250, 0, 0))
    assert still.size_of(path, identify_file(path)) == ((16, 16), 2)


def test_a_truncated_photo_gives_what_is_there(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (64, 96, 3)).astype(np.uint8))
    for format in ("JPEG", "PNG"):
        content = encoded(noise, format)
        path = tmp_path / format
        path.write_bytes(content[: len(content) * 2 // 3])
        decoded = decode(path)
        assert decoded.truncated
        assert decoded.size == (96, 64)
        top = np.asarray(decoded.image)[:16]
        assert np.abs(top.astype(int) - np.asarray(noise)[:16]).mean() < 60
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_photo_that_ends_before_its_picture_begins_is_undecodable(tmp_path: Path) -> None:
    content = encoded(corners(), "JPEG")
    path = tmp_path / "x"
    path.write_bytes(content[: content.index(b"\xff\xda") + 14])
    with pytest.raises(Undecodable):
        decode(path)


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0\x08\0\0\0"]
)
def test_a_bare_signature_is_undecodable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(Undecodable) as caught:
        decode(path)
    assert str(tmp_path) not in str(caught.value)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_decompression_bomb_is_told_from_its_header(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(
        png(
            (b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(1_000_000))),
            (b"IEND", b""),
        )
    )
    with pytest.raises(Undecodable, match="too large to open") as caught:
        decode(path)
    assert caught.value.facts["reason"] == "too-many-pixels"
    gif = tmp_path / "bomb.gif"
    gif.write_bytes(b"GIF89a" + struct.pack("<HH", 65535, 65535) + encoded(corners(), "GIF")[10:])
    with pytest.raises(Undecodable, match="too large"):
        decode(gif)


def test_a_packed_profile_that_unpacks_to_gigabytes_harms_nothing(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    path = tmp_path / "x.png"
    clean = encoded(corners(), "PNG")
    profile = png((b"iCCP", b"x\0\0" + bomb)).removeprefix(b"\x89PNG\r\n\x1a\n")
    path.write_bytes(clean[:33] + profile + clean[33:])
    assert seen_corners(decode(path).image) == [0, 1, 2, 3]


def test_mpo_shows_its_first_photo(tmp_path: Path) -> None:
    other = Image.new("RGB", (96, 64), "black")
    path = saved(tmp_path / "x.jpg", corners(), "MPO", save_all=True, append_images=[other])
    assert seen_corners(decode(path).image) == [0, 1, 2, 3]


def test_exif_that_makes_no_sense_turns_nothing(tmp_path: Path) -> None:
    exif = b"Exif\0\0II*\0\xff\xff\xff\x7f" + bytes(10)
    path = saved(tmp_path / "x", corners(), "JPEG", exif=exif)
    assert seen_corners(decode(path).image) == [0, 1, 2, 3]
