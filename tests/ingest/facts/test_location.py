"""Coordinates that are a place, and those that are not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts import iso6709
from albums.ingest.facts.location import location_claims, plausible


def test_signed_degrees_are_a_place() -> None:
    tags = {"exif": {"GPSLatitude": -33.8568, "GPSLongitude": 151.2153}}
    [claim] = location_claims(tags)
    assert (claim.value, claim.source) == ([-33.8568, 151.2153], "exif")


@pytest.mark.parametrize(
    "point",
    [
        (0, 0),
        (0.0, 0.0),
        (91, 5),
        (5, 181),
        (math.nan, 5),
        (5, math.inf),
        (90, 0),
        (None, 5),
        (5, "6"),
    ],
)
def test_what_a_receiver_without_a_fix_writes_is_no_place(point: tuple[object, object]) -> None:
    assert plausible(*point) is None


def test_the_equator_and_the_meridian_are_places() -> None:
    assert plausible(0.0, 9.4) == (0.0, 9.4)
    assert plausible(51.5, 0.0) == (51.5, 0.0)


def test_a_void_fix_is_believed_less() -> None:
    point = {"GPSLatitude": 1.0, "GPSLongitude": 2.0}
    [sure] = location_claims({"exif": point})
    [void] = location_claims({"exif": point | {"GPSStatus": "V"}})
    assert void.confidence < sure.confidence


def test_xmp_writes_degrees_and_minutes_with_a_letter() -> None:
    xmp = {"exif:GPSLatitude": "39,3.5S", "exif:GPSLongitude": "94,17,30.0W"}
    [claim] = location_claims({"xmp": xmp})
    assert claim.value == pytest.approx([-39.058333, -94.291667], abs=1e-6)


@given(st.text(max_size=20), st.text(alphabet="0123456789,.NSEW ", max_size=20))
def test_no_text_breaks_it(one: str, other: str) -> None:
    for claim in location_claims({"xmp": {"exif:GPSLatitude": one, "exif:GPSLongitude": other}}):
        assert abs(claim.value[0]) <= 90


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("+38.7223-009.1393/", (38.7223, -9.1393, None)),
        ("+38.7223-009.1393+012.300/", (38.7223, -9.1393, 12.3)),
        ("+9.2504-83.7465/", (9.2504, -83.7465, None)),  # a Pixel's
        ("-33523.0+15113.1/", None),  # fits neither degrees nor minutes
        ("-3352.30+15112.90/", (-33.8716667, 151.215, None)),
        ("-335218+1511254-1CRSWGS_84/", (-33.8716667, 151.215, -1.0)),
        ("+3899.9-00908.3/", None),
        ("38.7, -9.1", None),
        ("", None),
        (None, None),
    ],
)
def test_iso_6709_is_read_with_and_without_height(
    text: str | None, there: tuple[float, float, float | None] | None
) -> None:
    found = iso6709.place(text)
    if there is None:
        assert found is None
    else:
        assert found == pytest.approx(there, abs=1e-6)


@pytest.mark.parametrize(
    "name", ["com.apple.quicktime.location.ISO6709", "location", "location-eng", "©xyz"]
)
def test_a_film_has_a_place(name: str) -> None:
    [claim] = location_claims({"container": {name: "+38.7223-009.1393+012.3/"}})
    assert (claim.value, claim.source) == ([38.7223, -9.1393], "container")
    assert not list(location_claims({"container": {name: "+00.0000+000.0000/"}}))


@given(st.text("+-.0123456789/CRS", max_size=40))
def test_no_text_makes_the_place_of_a_film_fail(text: str) -> None:
    for claim in location_claims({"container": {"location": text}}):
        assert plausible(*claim.value)
