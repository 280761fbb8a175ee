"""Somebody's words, and the words of cameras that are nobody's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts.words_in_file import keywords, word_claims


def values(tags: dict[str, Any]) -> dict[tuple[str, str], object]:
    return {(claim.field, claim.source): claim.value for claim in word_claims(tags)}


def test_title_and_description_are_claims_of_each_who_says_them() -> None:
    tags = {
        "xmp": {"dc:title": "Mongol Els", "dc:description": "Dunes in the evening."},
        "iptc": {"Caption-Abstract": "Dunes."},
        "exif": {"ImageDescription": "Dünen", "XPTitle": "Els"},
    }
    assert values(tags) == {
        ("title", "xmp"): "Mongol Els",
        ("title", "exif"): "Els",
        ("description", "xmp"): "Dunes in the evening.",
        ("description", "iptc"): "Dunes.",
        ("description", "exif"): "Dünen",
    }


@pytest.mark.parametrize(
    "text",
    [
        "OLYMPUS DIGITAL CAMERA         ",
        "SANYO DIGITAL CAMERA",
        "SONY DSC",
        "DCIM\\100MEDIA\\DJI_0001.JPG",
        "Maker:Canon,Date:2012-1-2",
        "<Digimax i50 MP3, Samsung #1 MP3>",
        "Created with GIMP",
        "cof",
        "hdrpl",
        "charset=Ascii",
        "IMG_1234.JPG",
        "      ",
        "D70",
    ],
)
def test_what_a_camera_writes_by_itself_is_not_a_description(text: str) -> None:
    assert values({"exif": {"ImageDescription": text, "Model": "D70"}}) == {}


@pytest.mark.parametrize(
    "text", ["Camera day at school", "hdr and tripod", "Porto", "None of us slept"]
)
def test_words_that_only_begin_alike_are_kept(text: str) -> None:
    assert values({"exif": {"ImageDescription": text}}) == {("description", "exif"): text}


@pytest.mark.parametrize(
    "text",
    [
        "a5cb01550dbb9a6bf732f87e413f6e231cc4581e6a5be800fb0871dce0760cd5",
        '{"effect":"none"} saved here',
        "fileterIntensity: 0.0; filterMask: 0; module: photo",
        "Screenshot",
    ],
)
def test_a_dump_of_settings_is_not_a_comment(text: str) -> None:
    assert values({"exif": {"UserComment": text}}) == {}


def test_a_comment_in_words_is_a_description_without_its_charset() -> None:
    tags = {"exif": {"UserComment": "ASCII\x00\x00\x00Our first evening in Porto"}}
    assert values(tags) == {("description", "exif"): "Our first evening in Porto"}


def test_keywords_of_all_rooms_are_one_list_each_once() -> None:
    tags = {
        "xmp": {"dc:subject": ["Beach", "dog"], "lr:hierarchicalSubject": ["People|Ann", "dog"]},
        "iptc": {"Keywords": ["beach", "sunset"]},
        "exif": {"XPKeywords": "dog;picnic; "},
    }
    assert keywords(tags) == ["beach", "dog", "sunset", "picnic", "Ann"]


def test_a_single_keyword_is_a_list_of_one() -> None:
    assert keywords({"iptc": {"Keywords": "tag"}}) == ["tag"]


@pytest.mark.parametrize(
    ("tags", "stars"),
    [
        ({"xmp": {"xmp:Rating": "4"}}, 4),
        ({"xmp": {"xmp:Rating": "0"}}, None),
        ({"xmp": {"xmp:Rating": "-1"}}, None),
        ({"exif": {"Rating": 3, "RatingPercent": 50}}, 3),
        ({"exif": {"RatingPercent": 1}}, 1),
        ({"exif": {"RatingPercent": 25}}, 2),
        ({"exif": {"RatingPercent": 99}}, 5),
        ({"xmp": {"MicrosoftPhoto:Rating": "75"}}, 4),
        ({"exif": {"Rating": 18246}}, None),
        ({"xmp": {"xmp:Rating": "five"}}, None),
        ({"xmp": {"xmp:Rating": "nan"}}, None),
    ],
)
def test_a_rating_is_one_to_five_stars_or_none(tags: dict[str, Any], stars: int | None) -> None:
    ratings = [claim.value for claim in word_claims(tags) if claim.field == "rating"]
    assert ratings == ([stars] if stars else [])


_VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["dc:title", "dc:subject", "xmp:Rating"]), _VALUES),
    st.dictionaries(st.sampled_from(["XPKeywords", "UserComment", "RatingPercent"]), _VALUES),
)
def test_no_tag_of_any_type_breaks_it(xmp: dict[str, Any], exif: dict[str, Any]) -> None:
    tags = {"xmp": xmp, "exif": exif}
    assert all(claim.value for claim in word_claims(tags))
    assert all(isinstance(word, str) and word for word in keywords(tags))
