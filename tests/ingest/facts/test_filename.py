"""Dates in file names."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts.filename import date_in_name


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20240512_184211.jpg",
        "IMG_20240512_184211_HDR.jpg",
        "IMG_20240512_184211~2.jpg",
        "IMG20240512184211.jpg",
        "VID_20240512_184211.mp4",
        "20240512_184211.heic",
        "BURST20240512184211.jpg",
        "Screenshot_2024-05-12-18-42-11.png",
        "Screenshot_2024-05-12-18-42-11-123_com.app.jpg",
        "Screenshot_20240512-184211_Chrome.jpg",
        "Screenshot_20240512-184211.png",
        "Screenshot 2024-05-12 at 18.42.11.png",
        "Screenshot 2024-05-12 at 6.42.11 PM.png",
        "Screenshot 2024-05-12 at 6.42.11\u202fPM.png",
        "WhatsApp Image 2024-05-12 at 18.42.11.jpeg",
        "2024-05-12 18.42.11.jpg",
        "2024-05-12 18-42-11.jpg",
        "photo_2024-05-12_18-42-11.jpg",
        "signal-2024-05-12-184211.jpg",
        "signal-2024-05-12-18-42-11-123.jpg",
        "WIN_20240512_18_42_11_Pro.jpg",
    ],
)
def test_a_name_with_a_local_time_tells_it(name: str) -> None:
    stamp = date_in_name(name)
    assert stamp
    assert (stamp.when, stamp.has_time) == (datetime(2024, 5, 12, 18, 42, 11), True)


def test_pixel_names_are_in_utc_and_have_milliseconds() -> None:
    stamp = date_in_name("PXL_20240827_094331806.MP.jpg")
    assert stamp
    assert stamp.when == datetime(2024, 8, 27, 9, 43, 31, 806000, tzinfo=UTC)


def test_a_z_after_the_time_means_utc() -> None:
    stamp = date_in_name("20240512T184211Z.jpg")
    assert stamp
    assert stamp.when == datetime(2024, 5, 12, 18, 42, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["FB_IMG_1715539331000.jpg", "mmexport1715539331000.jpg", "1715539331000.png"]
)
def test_milliseconds_since_1970_are_a_time_in_utc(name: str) -> None:
    stamp = date_in_name(name)
    assert stamp
    assert stamp.when == datetime(2024, 5, 12, 18, 42, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["IMG-20240512-WA0001.jpg", "2024-05-12.jpg", "Porto 2024-05-12 (3).jpg"]
)
def test_a_name_with_only_a_date_says_so(name: str) -> None:
    stamp = date_in_name(name)
    assert stamp
    assert (stamp.when, stamp.has_time) == (datetime(2024, 5, 12), False)


@pytest.mark.parametrize(
    "name",
    [
        "DSC_0001.JPG",
        "P1010001.JPG",
        "IMG_E1234.HEIC",
        "image00971.jpg",
        "20240230_101010.jpg",  # 30 February
        "IMG_20241312.jpg",  # month 13
        "received_10213745634839284.jpeg",
        "202405121.jpg",
        "Screenshot 2024.png",
        "",
    ],
)
def test_a_name_without_a_date_tells_none(name: str) -> None:
    assert date_in_name(name) is None


def test_noon_and_midnight_of_the_twelve_hour_clock() -> None:
    noon = date_in_name("Screenshot 2024-05-12 at 12.00.01 PM.png")
    midnight = date_in_name("Screenshot 2024-05-12 at 12.00.01 AM.png")
    assert noon
    assert midnight
    assert (noon.when.hour, midnight.when.hour) == (12, 0)


_NAME_PARTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "IMG",
                "PXL_",
                "20240512",
                "184211",
                "-",
                "_",
                ":",
                " at ",
                " ",
                "PM",
                ".jpg",
                "Z",
                "1715539331000",
            ]
        ),
        st.text(alphabet="0123456789-_.: ", max_size=8),
        st.text(max_size=4),
    ),
    max_size=8,
)


@given(_NAME_PARTS.map("".join))
def test_no_name_breaks_it_and_no_date_is_invented(name: str) -> None:
    stamp = date_in_name(name)
    if stamp is None or "1970" in stamp.detail:
        return
    when = stamp.when
    date = rf"{when.year:04}\D?{when.month:02}\D?{when.day:02}"
    assert re.search(date, name)
    if stamp.has_time:
        assert f"{when.minute:02}" in name
        assert f"{when.second:02}" in name
