"""The files are made by hand (tests/media/raws.py); none came from a camera."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import piexif
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import exif, raw
from albums.media.formats import identify_file
from albums.media.still import TURNS, Decoded
from tests.media import raws
from tests.media.pictures import corners, encoded, seen_corners, turned

PIXELS = 10_000_000
MAKERS = [raws.cr2, raws.nef, raws.arw, raws.pef, raws.rw2, raws.raf, raws.dng_of]

TINY = encoded(corners((30, 20)), "JPEG")


def opened(path: Path, content: bytes, longest: int = 1600) -> Decoded:
    path.write_bytes(content)
    return raw.decode(path, identify_file(path), longest, PIXELS)


def test_a_raw_without_a_preview_is_developed(tmp_path: Path) -> None:
    decoded = opened(tmp_path / "x.dng", raws.dng())
    assert decoded.size == decoded.image.size == (96, 64)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


@pytest.mark.parametrize("content", [raws.lossless_dng(), raws.cr2(TINY)])
def test_numbers_packed_as_lossless_jpeg_are_developed(tmp_path: Path, content: bytes) -> None:
    decoded = opened(tmp_path / "x.dng", content)
    assert decoded.image.size == (96, 64)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


def test_an_orf_is_developed_upright(tmp_path: Path) -> None:
    decoded = opened(tmp_path / "x.orf", raws.orf(6))
    assert decoded.size == decoded.image.size == (64, 96)


@pytest.mark.parametrize(("orientation", "size"), [(1, (96, 64)), (3, (96, 64)), (8, (64, 96))])
def test_a_developed_raw_is_upright(
    tmp_path: Path, orientation: int, size: tuple[int, int]
) -> None:
    decoded = opened(tmp_path / "x.dng", raws.dng(orientation=orientation))
    assert decoded.image.size == size
    wanted = corners().transpose(TURNS[orientation]) if orientation > 1 else corners()
    assert seen_corners(decoded.image) == seen_corners(wanted)


def test_a_large_sensor_is_developed_at_half_its_edges(tmp_path: Path) -> None:
    decoded = opened(tmp_path / "x.dng", raws.dng((400, 200)), longest=200)
    assert (decoded.image.size, decoded.size) == ((200, 100), (400, 200))


def test_a_preview_that_is_large_enough_is_shown_as_the_camera_made_it(tmp_path: Path) -> None:
    grey = encoded(Image.new("RGB", (64, 48), (120, 120, 120)), "JPEG")
    decoded = opened(tmp_path / "x.dng", raws.dng(jpeg=grey))
    assert decoded.size == (96, 64)
    assert decoded.image.getpixel((30, 20)) == (120, 120, 120)


def test_a_small_preview_is_passed_over(tmp_path: Path) -> None:
    grey = encoded(Image.new("RGB", (46, 30), (120, 120, 120)), "JPEG")
    decoded = opened(tmp_path / "x.dng", raws.dng(jpeg=grey))
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


def test_a_small_preview_is_better_than_nothing(tmp_path: Path) -> None:
    jpeg = encoded(corners((32, 24)), "JPEG")
    undevelopable = raws.rw2(jpeg)
    decoded = opened(tmp_path / "x.rw2", undevelopable)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("maker", MAKERS)
def test_a_preview_is_upright(tmp_path: Path, orientation: int, maker: raws.Maker) -> None:
    size = (480, 320) if orientation < 5 else (320, 480)
    jpeg = encoded(turned(corners(size), orientation), "JPEG")
    content = maker(jpeg, orientation)
    decoded = opened(tmp_path / f"x.{maker.__name__[:3]}", content, longest=320)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


def test_a_preview_that_was_already_turned_is_not_turned_again(tmp_path: Path) -> None:
    upright = encoded(corners((320, 480)), "JPEG")
    decoded = opened(tmp_path / "x.nef", raws.nef(upright, 6), longest=320)
    assert seen_corners(decoded.image) == [0, 1, 2, 3]


@pytest.mark.parametrize("maker", MAKERS)
def test_a_raw_says_when_and_with_what_it_was_taken(tmp_path: Path, maker: raws.Maker) -> None:
    path = tmp_path / f"x.{maker.__name__[:3]}"
    path.write_bytes(maker(encoded(corners((320, 200)), "JPEG"), 6))
    tags = exif.read(path)
    assert tags["exif"]["DateTimeOriginal"] == "2021:06:05 14:03:02"  # type: ignore[index]
    assert tags["exif"]["Make"]  # type: ignore[index]
    assert tags["frames"] == 1


def test_tags_in_no_block_that_we_know_are_told_by_libraw(tmp_path: Path) -> None:
    path = tmp_path / "x.cr2"
    path.write_bytes(raws.cr2(TINY))
    assert raw.said(path) == {"DateTimeOriginal": "2021:06:05 14:03:02"}
    path.write_bytes(b"II\x1a\0\0\0HEAPCCDR" + bytes(900))
    assert raw.said(path) == {}
    assert exif.read(path)["exif"] == {}


def test_an_orf_has_tags_like_any_tiff(tmp_path: Path) -> None:
    path = tmp_path / "x.orf"
    path.write_bytes(raws.orf())
    tags: Any = exif.read(path)["exif"]
    assert (tags["Model"], tags["DateTimeOriginal"]) == ("E-5", "2021:06:05 14:03:02")


def test_canons_boxes_of_tags_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.cr3"
    path.write_bytes(raws.cr3_tags())
    tags: Any = exif.read(path)["exif"]
    assert (tags["Make"], tags["Model"]) == ("Canon", "Canon EOS R5")
    assert tags["DateTimeOriginal"] == "2021:06:05 14:03:02"
    assert tags["GPSLatitude"] == pytest.approx(38.7222, abs=1e-4)


def test_panasonics_numbers_of_the_sensor_are_not_taken_for_tags(tmp_path: Path) -> None:
    jpeg = encoded(corners((320, 200)), "JPEG", exif=piexif.dump({"Exif": {0x9290: b"07"}}))
    path = tmp_path / "x.rw2"
    path.write_bytes(raws.rw2(jpeg))
    tags: Any = exif.read(path)["exif"]
    assert not [name for name in tags if name.startswith("0x00") or "base64" in str(tags[name])]
    assert tags["SubSecTime"] == "07"  # stands in the JPEG inside alone


def test_a_raw_that_libraw_does_not_know_has_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Undecodable, match="no RAW photo"):
        opened(tmp_path / "x.cr2", b"II*\0\x10\0\0\0CR\2\0" + bytes(5000))
    assert exif.read(tmp_path / "x.cr2")["upright_size"] is None


def test_a_sensor_of_more_pixels_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.dng"
    path.write_bytes(raws.dng())
    with pytest.raises(Undecodable, match="too large"):
        raw.decode(path, identify_file(path), 1600, 6000)
