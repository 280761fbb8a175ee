from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.library.stills import panorama_of, still_of

SPHERE = {"GPano:ProjectionType": "equirectangular"}
# A sweep from Google's documentation: the middle of a sphere, with nothing above and below.
SWEEP = SPHERE | {
    "GPano:CroppedAreaImageWidthPixels": "2000",
    "GPano:CroppedAreaImageHeightPixels": "500",
    "GPano:FullPanoWidthPixels": "4000",
    "GPano:FullPanoHeightPixels": "2000",
    "GPano:CroppedAreaLeftPixels": "1000",
    "GPano:CroppedAreaTopPixels": "750",
}


def tags(**said: Any) -> dict[str, Any]:
    return {"animated": False, "frames": 1, "upright_size": [40, 20], "xmp": {}} | said


def test_a_whole_sphere_needs_no_more_than_its_name() -> None:
    assert panorama_of(SPHERE, [4000, 2000]) == {
        "left": 0, "top": 0, "width": 1, "height": 1, "heading": 0, "pitch": 0, "view": 75,
    }  # fmt: skip


def test_a_part_of_a_sphere_lies_where_it_was_taken() -> None:
    found = panorama_of(SWEEP, [1000, 250])  # a smaller copy: the numbers are of the first
    assert found == {
        "left": 0.25, "top": 0.375, "width": 0.5, "height": 0.25, "heading": 0, "pitch": 0,
        "view": 75,
    }  # fmt: skip


def test_the_first_look_goes_where_the_photographer_said() -> None:
    said = {"GPano:PoseHeadingDegrees": "350", "GPano:InitialViewHeadingDegrees": "20"}
    found = panorama_of(SPHERE | said | {"GPano:InitialHorizontalFOVDegrees": "300"}, [4000, 2000])
    assert found is not None
    assert (found["heading"], found["view"]) == (30, 100)


@pytest.mark.parametrize(
    "xmp",
    [
        {},
        {"GPano:ProjectionType": "cylindrical"},
        SPHERE | {"GPano:FullPanoWidthPixels": "-5"},
        SWEEP | {"GPano:CroppedAreaLeftPixels": "9000"},
    ],
)
def test_what_makes_no_sphere_stays_flat(xmp: dict[str, Any]) -> None:
    assert panorama_of(xmp, [4000, 2000]) is None


@given(
    st.dictionaries(
        st.sampled_from(sorted(SWEEP)), st.text(max_size=8) | st.floats() | st.integers()
    ),
    st.tuples(st.integers(1, 60000), st.integers(1, 60000)),
)
def test_no_numbers_lead_out_of_the_sphere(xmp: dict[str, Any], size: tuple[int, int]) -> None:
    found = panorama_of(xmp | SPHERE, list(size))
    if found is not None:
        assert all(abs(value) < 400 for value in found.values())
        assert 0 < found["width"] <= 1
        assert 0 < found["height"] <= 1


def test_a_gif_plays_as_it_is_and_a_heic_sequence_as_a_copy() -> None:
    moving = tags(animated=True, frames=9)
    for mime, where in [
        ("image/gif", "original"),
        ("image/heic", "animation"),
        ("image/jxl", None),
    ]:
        still = still_of(mime, moving)
        assert still is not None
        assert (still["animation"], still["pages"]) == (where, 1)


def test_the_pages_of_a_tiff_are_counted() -> None:
    still = still_of("image/tiff", tags(frames=3))
    assert still is not None
    assert (still["pages"], still["animation"]) == (3, None)


def test_a_film_and_what_was_not_read_yet_are_no_stills() -> None:
    assert still_of("video/mp4", tags()) is None
    assert still_of("image/jpeg", {}) is None
