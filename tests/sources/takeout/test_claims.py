"""What a Google JSON says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.sources.takeout.claims import AlbumSaid, OtherSaid, PhotoSaid, Place, read

FULL: dict[str, Any] = {
    "title": "sea.jpg",
    "description": "Waves",
    "imageViews": "3",
    "creationTime": {"timestamp": "1700000000"},
    "photoTakenTime": {"timestamp": "1656849600", "formatted": "3 juil. 2022, 12:00:00 UTC"},
    "geoData": {"latitude": 47.5, "longitude": 9.7, "altitude": 400.0, "latitudeSpan": 0.0},
    "geoDataExif": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
    "people": [{"name": "Ada"}, {"name": "Zoë"}, {"name": "Ada"}],
    "url": "https://photos.example/1",
    "favorited": True,
    "archived": True,
    "googlePhotosOrigin": {"fromPartnerSharing": {}},
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def photo(**changed: Any) -> PhotoSaid:
    found = read(json.dumps(FULL | changed).encode())
    assert isinstance(found, PhotoSaid)
    return found


def test_a_photo_says_all_that_google_knows() -> None:
    said = photo()
    assert said.taken == datetime(2022, 7, 3, 12, tzinfo=UTC)
    assert (said.title, said.description, said.people) == ("sea.jpg", "Waves", ("Ada", "Zoë"))
    assert (said.place, said.place_exif) == (Place(47.5, 9.7, 400.0), None)
    assert (said.favorited, said.archived, said.trashed, said.from_partner) == (
        True,
        True,
        False,
        True,
    )
    assert (said.url, said.odd) == ("https://photos.example/1", ())


def test_the_bytes_are_kept_as_they_came() -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(FULL, indent=3).encode()
    assert read(raw).raw == raw


@pytest.mark.parametrize(
    ("timestamp", "year"), [("-2082844800", 1904), (0, None), ("0", None), (1656849600, 2022)]
)
def test_before_1970_is_real_and_zero_says_nothing(timestamp: object, year: int | None) -> None:
    taken = photo(photoTakenTime={"timestamp": timestamp}).taken
    assert (taken.year if taken else None) == year


def test_only_zero_and_zero_is_no_place() -> None:
    assert photo(geoData={"latitude": 0.0, "longitude": 9.7}).place == Place(0.0, 9.7)
    assert photo(geoData={"latitude": 95, "longitude": 9.7}).odd == ("geoData",)
    assert photo(geoData={"latitude": 47.5}).place is None


def test_odd_fields_are_named_and_the_rest_is_read() -> None:
    said = photo(photoTakenTime="soon", people="Ada", favorited="yes", description=7)
    assert said.odd == ("description", "favorited", "people", "photoTakenTime")
    assert (said.title, said.taken, said.people, said.favorited) == ("sea.jpg", None, (), False)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ({"title": "Trip"}, "Trip"),
        ({"title": "", "access": "protected", "date": {"timestamp": "0"}}, None),
        ({"albumData": {"title": "Trip", "geoData": {"latitude": 1.0}}}, "Trip"),
    ],
)
def test_an_album_is_known_by_its_content(content: dict[str, Any], title: str | None) -> None:
    found = read(json.dumps(content).encode())
    assert isinstance(found, AlbumSaid)
    assert found.title == title


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"title": ["a memory"]}',
        b'{"externalOrderId": "1", "title": "x"}',
    ],
)
def test_what_is_neither_is_said_so_and_kept(raw: bytes) -> None:
    found = read(raw)
    assert isinstance(found, OtherSaid)
    assert (found.raw, bool(found.why)) == (raw, True)


@given(st.binary(max_size=80))
def test_no_bytes_raise(raw: bytes) -> None:
    assert read(raw).raw == raw


@given(st.dictionaries(st.sampled_from([*FULL, "trashed", "albumData"]), ANYTHING, max_size=8))
def test_no_content_raises(content: dict[str, Any]) -> None:
    raw = json.dumps(content).encode()
    found = read(raw)
    assert found.raw == raw
    if isinstance(found, PhotoSaid) and found.title:
        found.title.encode()
