from __future__ import annotations

from pathlib import Path

import pillow_heif
import pytest

from albums.errors import Undecodable
from albums.media import heif
from albums.media.formats import identify_file
from albums.media.still import Decoded
from tests.media import pictures
from tests.media.pictures import corners, exif_with, seen_corners, turned


def write(path: Path, orientation: int = 1, **options: object) -> Path:
    image = turned(corners(), orientation)
    # pillow_heif turns the orientation into irot and imir, as phones do.
    pillow_heif.from_pillow(image).save(path, quality=90, exif=exif_with(orientation), **options)
    return path


def decode(path: Path) -> Decoded:
    return heif.decode(path, identify_file(path), 1600, 500_000_000)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_upright_exactly_once(tmp_path: Path, orientation: int) -> None:
    path = write(tmp_path / "x.heic", orientation)
    decoded = decode(path)
    assert decoded.size == (96, 64)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]
    assert heif.size_of(path, identify_file(path)) == ((96, 64), 1)


def test_exif_orientation_is_not_applied_to_a_heic(tmp_path: Path) -> None:
    path = write(tmp_path / "x.heic")
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00"
    content = path.read_bytes()
    at = content.find(entry)
    entry_big = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00"
    if at >= 0:
        content = content[: at + 8] + b"\x06" + content[at + 9 :]
    else:
        at = content.index(entry_big)
        content = content[: at + 9] + b"\x06" + content[at + 10 :]
    path.write_bytes(content)
    assert seen_corners(decode(path).image) == [0, 1, 2, 3]


def test_a_phone_photo_keeps_display_p3(tmp_path: Path) -> None:
    p3 = pictures.rgb_profile(pictures.P3_COLORANTS)
    path = tmp_path / "x.heic"
    image = corners()
    image.info["icc_profile"] = p3
    pillow_heif.from_pillow(image).save(path, quality=90)
    assert decode(path).icc == p3


@pytest.mark.parametrize("keep", [20, 100, 400])
def test_a_truncated_heic_is_undecodable_with_a_reason(tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "x.heic")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(Undecodable) as caught:
        decode(path)
    assert caught.value.why


def test_a_heic_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "x.heic")
    with pytest.raises(Undecodable, match="too large"):
        heif.decode(path, identify_file(path), 1600, pixels=1000)
