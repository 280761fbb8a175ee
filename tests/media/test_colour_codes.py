"""Colours that a file names without a profile: by code points, or as cameras write Adobe RGB."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import piexif
import pillow_heif
import pytest
from PIL import Image, ImageCms

from albums.media import hdr, picture
from albums.media.colour import to_srgb
from albums.media.formats import decoder_for, identify_file
from albums.media.profile import COLORANTS, Named, icc_of
from albums.media.still import Decoded
from tests.media.pictures import corners, encoded

P3, BT2020 = 12, 9
GREEN = (60, 200, 70)  # which sRGB and wider spaces mean differently


def heic(colour: tuple[int, int, int], primaries: int, transfer: int) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64), colour)).save(out, quality=100)
    return coded(out.getvalue(), primaries, transfer)


def avif(colour: tuple[int, int, int], primaries: int, transfer: int) -> bytes:
    image = Image.new("RGB", (64, 64), colour)
    return coded(encoded(image, "AVIF", quality=100), primaries, transfer)


def coded(content: bytes, primaries: int, transfer: int) -> bytes:
    at = content.index(b"nclx") + 4
    return content[:at] + struct.pack(">HH", primaries, transfer) + content[at + 4 :]


def opened(path: Path, content: bytes) -> Decoded:
    path.write_bytes(content)
    format = identify_file(path)
    decoder = decoder_for(format)
    assert decoder is not None
    return decoder.load()(path, format, 1600, 10_000_000)


def in_srgb(decoded: Decoded) -> tuple[int, ...]:
    colour = to_srgb(decoded.image, decoded.icc).getpixel((20, 20))
    assert isinstance(colour, tuple)
    return colour


@pytest.mark.parametrize("name", COLORANTS)
def test_a_made_profile_keeps_grey_and_widens_colours(name: Named) -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_of(name)))
    assert ImageCms.getProfileDescription(profile).strip() == name.title()
    grey = to_srgb(Image.new("RGB", (1, 1), (255, 255, 255)), icc_of(name))
    assert grey.getpixel((0, 0)) == pytest.approx((255, 255, 255), abs=1)
    green = to_srgb(Image.new("RGB", (1, 1), GREEN), icc_of(name)).getpixel((0, 0))
    assert isinstance(green, tuple)
    assert green[0] < GREEN[0] - 20  # further from red than sRGB's


@pytest.mark.parametrize("make", [heic, avif])
def test_display_p3_by_its_code_is_kept_wide(tmp_path: Path, make: type) -> None:
    plain = opened(tmp_path / "s", make(GREEN, 1, 13))
    wide = opened(tmp_path / "w", make(GREEN, P3, 13))
    assert plain.icc is None
    assert wide.icc == icc_of("display p3")
    assert in_srgb(plain) == pytest.approx(GREEN, abs=3)
    assert in_srgb(wide)[0] < 20


@pytest.mark.parametrize("make", [heic, avif])
def test_bt_2020_is_converted(tmp_path: Path, make: type) -> None:
    decoded = opened(tmp_path / "x", make(GREEN, BT2020, 1))
    assert decoded.icc is None
    assert decoded.image.getpixel((20, 20)) != pytest.approx(GREEN, abs=15)


@pytest.mark.parametrize("make", [heic, avif])
def test_paper_white_in_pq_is_nearly_white(tmp_path: Path, make: type) -> None:
    level = 148  # of 255: 203 candela per square metre
    decoded = opened(tmp_path / "x", make((level, level, level), BT2020, hdr.PQ))
    colour = in_srgb(decoded)
    assert min(colour) > 225
    assert max(colour) - min(colour) <= 3


@pytest.mark.parametrize("transfer", [hdr.PQ, hdr.HLG])
def test_brighter_stays_brighter(transfer: int) -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None].repeat(2, 0)).convert("RGB")
    shown = np.asarray(hdr.to_sdr(ramp, BT2020, transfer))[0, :, 1].astype(int)
    assert (np.diff(shown) >= 0).all()
    assert shown[0] == 0
    assert shown[-1] >= 254
    assert len(set(shown)) > 90


def test_hlg_at_half_is_a_middle_grey() -> None:
    shown = hdr.to_sdr(Image.new("RGB", (4, 4), (128, 128, 128)), BT2020, hdr.HLG)
    assert shown.getpixel((0, 0)) == pytest.approx((132, 132, 132), abs=20)


def test_a_cameras_adobe_rgb_is_converted(tmp_path: Path) -> None:
    image = Image.new("RGB", (64, 64), GREEN)
    r03 = piexif.dump({"Exif": {0xA001: 65535}, "Interop": {1: b"R03"}})
    wide = opened(tmp_path / "w", encoded(image, "JPEG", quality=98, exif=r03))
    plain = opened(tmp_path / "p", encoded(image, "JPEG", quality=98))
    assert in_srgb(plain) == pytest.approx(GREEN, abs=4)
    assert in_srgb(wide)[0] < 30
    assert wide.icc is None


def test_what_is_meant_for_brighter_screens_keeps_its_size(tmp_path: Path) -> None:
    path = tmp_path / "x"
    big = encoded(corners((2000, 1000)), "AVIF")
    path.write_bytes(coded(big, BT2020, hdr.PQ))
    rendered = picture.render(path)
    assert (rendered.width, rendered.height) == (2000, 1000)
