"""Names of places."""

from __future__ import annotations

import pytest

from albums.ingest.facts.gazetteer import Place, gazetteer


def place(latitude: float, longitude: float) -> Place | None:
    return gazetteer().places([(latitude, longitude)])[0]


def where(latitude: float, longitude: float) -> tuple[str, str]:
    found = place(latitude, longitude)
    assert found
    return found.city, found.country


def test_a_city_is_named_with_region_and_country() -> None:
    found = place(38.7223, -9.1393)
    assert found
    assert (found.city, found.region, found.country, found.country_code) == (
        "Lisbon", "Lisbon", "Portugal", "PT",
    )  # fmt: skip
    assert found.distance_km is not None
    assert found.distance_km < 2


def test_a_quarter_is_called_by_its_city() -> None:
    assert where(40.70906, -74.00317) == ("New York City", "United States")  # Seaport
    assert where(51.539, -0.1426) == ("London", "United Kingdom")  # Camden Town


def test_a_town_beside_a_big_city_keeps_its_name() -> None:
    assert where(40.744, -74.032) == ("Hoboken", "United States")  # another state
    assert where(48.936, 2.357) == ("Saint-Denis", "France")


def test_a_border_is_kept_even_where_the_nearest_town_is_across_it() -> None:
    assert where(48.5735, 7.7990) == ("Strasbourg", "France")  # Kehl is nearer
    assert where(48.5747, 7.8153) == ("Kehl", "Germany")
    assert where(65.83, 24.13) == ("Haparanda", "Sweden")
    assert where(65.848, 24.147) == ("Tornio", "Finland")


def test_both_sides_of_the_date_line_are_near_each_other() -> None:
    found = place(-16.8, -179.99)
    assert found
    assert found.country == "Fiji"
    assert found.distance_km is not None
    assert found.distance_km < 100


def test_empty_land_has_a_country_and_no_city() -> None:
    assert place(72.0, -40.0) == Place("", "", "Greenland", "GL", None)
    assert place(-75.0, 0.0) == Place("", "", "Antarctica", "AQ", None)


@pytest.mark.parametrize("point", [(40.0, -35.0), (89.0, 0.0)])
def test_the_open_sea_is_no_place(point: tuple[float, float]) -> None:
    assert place(*point) is None


def test_zones_that_cover_another_country_do_not_rename_its_cities() -> None:
    assert where(21.03, 105.85) == ("Hanoi", "Vietnam")
    assert where(42.6629, 21.1655) == ("Pristina", "Kosovo")


def test_many_points_are_answered_in_order_and_none_is_none() -> None:
    found = gazetteer().places([(35.66, 139.7), (40.0, -35.0), (38.7223, -9.1393)])
    assert [p.country_code if p else None for p in found] == ["JP", None, "PT"]
    assert gazetteer().places([]) == []


def test_countries_are_called_as_people_call_them() -> None:
    assert where(37.57, 126.98)[1] == "South Korea"
    assert where(55.75, 37.62)[1] == "Russia"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("paris", "Paris, Île-de-France, France"),
        ("Paris, texas", "Paris, Texas, United States"),
        ("sao paulo, br", "São Paulo, Brazil"),
        ("ZÜRICH", "Zürich, Zurich, Switzerland"),
    ],
)
def test_a_city_is_found_by_its_name_the_largest_first(typed: str, meant: str) -> None:
    found = gazetteer().named(typed)
    assert found
    assert found[0] == meant
    assert place(*found[1])


@pytest.mark.parametrize("typed", ["", ",", "Paris, Japan", "no such town"])
def test_a_name_that_no_city_has_is_none(typed: str) -> None:
    assert gazetteer().named(typed) is None
