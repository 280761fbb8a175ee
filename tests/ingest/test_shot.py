"""What tags and names say of bursts and edited copies."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageFilter

from albums.ingest.shot import burst_of, camera_of, clock_of, original_names
from albums.ingest.steps.stack import sharpness


@pytest.mark.parametrize(
    ("stem", "burst", "cover"),
    [
        ("00003IMG_00003_BURST20180102030405678", "20180102030405678", False),
        ("00001IMG_00001_BURST20180102030405678_COVER", "20180102030405678", True),
        ("DSC_0165_BURST20150903124356843", "20150903124356843", False),
        ("IMG_20180102_030405_BURST001_COVER", "img_20180102_030405", True),
        ("IMG_20180102_030405_BURST12", "img_20180102_030405", False),
        ("20170304_123456_Burst03", "20170304_123456", False),
        ("20180102_030405_001", None, False),  # not by every camera
        ("IMG_0001", None, False),
        ("IMG_20180102_030405_1", None, False),
        ("MY_BURST_1", None, False),
    ],
)
def test_names_of_bursts(stem: str, burst: str | None, cover: bool) -> None:
    assert burst_of({}, [stem]) == (burst, cover)


def test_samsung_counts_its_bursts_in_three_digits() -> None:
    tags = {"exif": {"Make": "SAMSUNG"}}
    assert burst_of(tags, ["20180102_030405_001"]) == ("20180102_030405", False)


def test_what_the_camera_writes_into_the_file_comes_before_its_name() -> None:
    assert burst_of({"exif": {"BurstUUID": "U"}}, ["IMG_20180102_030405_BURST001"]) == ("U", False)
    google = {"xmp": {"GCamera:BurstID": "G", "GCamera:BurstPrimary": "1"}}
    assert burst_of(google, ["IMG_0001"]) == ("G", True)


def test_of_several_names_the_order_does_not_matter() -> None:
    names = ["IMG_20180102_030406_BURST001", "IMG_20180102_030405_BURST001"]
    assert burst_of({}, names) == burst_of({}, names[::-1])


@pytest.mark.parametrize(
    ("exif", "camera"),
    [
        ({"Make": "Canon", "Model": "EOS R5", "BodySerialNumber": "12"}, "canon|eos r5|12"),
        ({"Make": "Canon", "Model": " EOS R5 "}, "canon|eos r5|"),
        ({"Make": "Canon"}, ""),
        ({}, ""),
    ],
)
def test_a_camera_is_told_by_make_model_and_number(exif: dict[str, Any], camera: str) -> None:
    assert camera_of({"exif": exif}) == camera


def test_the_cameras_clock_is_read_to_the_millisecond_whatever_its_zone() -> None:
    exif = {"DateTimeOriginal": "1970:01:01 00:00:02", "SubSecTimeOriginal": "25"}
    assert clock_of({"exif": exif}) == 2250
    assert clock_of({"exif": exif | {"OffsetTimeOriginal": "+09:00"}}) == 2250
    assert clock_of({"exif": {"DateTimeOriginal": "1970:01:01"}}) is None
    assert clock_of({"exif": {"ModifyDate": "1970:01:01 00:00:02"}}) is None


@pytest.mark.parametrize(
    ("edit", "original"),
    [
        ("IMG_E1234", ["IMG_1234"]),
        ("PXL_20240102_030405678~2", ["PXL_20240102_030405678"]),
        ("IMG_1234-edited", ["IMG_1234"]),
        ("IMG_1234", []),
        ("IMG_EVENING", []),
    ],
)
def test_names_of_edited_copies(edit: str, original: list[str]) -> None:
    assert original_names(edit) == original


def test_a_sharp_picture_is_sharper_than_a_blurred_one() -> None:
    sharp = Image.effect_noise((80, 60), 60)
    blurred = sharp.filter(ImageFilter.GaussianBlur(2))
    assert sharpness(sharp) > 2 * sharpness(blurred)
    assert sharpness(Image.new("L", (2, 2))) == 0
