"""Trips are found by time and place, and named after where most photos are from."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from albums.search.memories import memories
from albums.search.trips import Cell, away, km, title, trips

from .conftest import Shelves

PICTURES = """insert into pictures (asset_id, thumbhash, aspect, bytes, truncated)
              select id, x'00', 1.5, 1, 0 from assets"""
HOME = (53.5, 10.0)
LISBON = (38.7, -9.1)
NEAR_HOME = (53.9, 10.7)  # 60 km
START = date(2024, 1, 1)


def days(*where: tuple[Cell, int] | None) -> dict[date, Counter[Cell]]:
    """From START on, a day each; None: no photo."""
    return {
        START + timedelta(days=at): Counter({one[0]: one[1]})
        for at, one in enumerate(where)
        if one is not None
    }


def spans(*where: tuple[Cell, int] | None) -> list[tuple[int, int]]:
    return [((first - START).days, (last - START).days) for first, last in away(days(*where))]


home, lisbon = (HOME, 3), (LISBON, 4)


def test_days_in_a_row_far_from_home_are_a_trip() -> None:
    assert spans(home, home, home, lisbon, lisbon, lisbon, home) == [(3, 5)]


def test_a_day_without_a_photo_does_not_end_a_trip_and_a_day_at_home_does() -> None:
    many = [home] * 9
    assert spans(*many, lisbon, None, None, lisbon, home) == [(9, 12)]
    assert spans(*many, lisbon, lisbon, home, lisbon, lisbon) == [(9, 10), (12, 13)]
    assert spans(*many, lisbon, lisbon, None, None, None, lisbon, lisbon) == [(9, 10), (14, 15)]


def test_a_walk_near_home_and_one_snapshot_far_away_are_no_trips() -> None:
    assert spans(home, home, home, (NEAR_HOME, 20), (NEAR_HOME, 20), (LISBON, 3)) == []


def test_one_day_with_many_photos_is_a_trip() -> None:
    assert spans(home, home, (LISBON, 10), home) == [(2, 2)]


def test_who_moved_is_at_home_in_the_new_place() -> None:
    there = {START + timedelta(days=d): Counter({HOME: 2}) for d in range(0, 1000, 3)}
    later = {START + timedelta(days=2000 + d): Counter({LISBON: 2}) for d in range(0, 1000, 3)}
    assert away(there | later) == []


def test_a_year_of_few_photos_does_not_make_a_holiday_home() -> None:
    at_home = {START + timedelta(days=d): Counter({HOME: 2}) for d in range(0, 300, 3)}
    abroad = {START + timedelta(days=1500 + d): Counter({LISBON: 4}) for d in range(5)}
    assert len(away(at_home | abroad)) == 1


def test_nothing_known_is_no_trip() -> None:
    assert away({}) == []


def test_kilometres_are_measured_along_the_sphere() -> None:
    assert abs(km((52.52, 13.405), (48.8566, 2.3522)) - 878) < 3
    assert km((0.0, 179.9), (0.0, -179.9)) < 23


def test_a_trip_is_named_after_its_main_places() -> None:
    lisbon, sintra = ("Lisbon", "Lisbon", "Portugal"), ("Sintra", "Lisbon", "Portugal")
    porto = ("Porto", "Porto", "Portugal")
    faro = ("Faro", "Faro", "Portugal")
    assert title({lisbon: 30}) == "Lisbon"
    assert title({lisbon: 30, sintra: 3}) == "Lisbon"
    assert title({lisbon: 30, sintra: 20}) == "Lisbon & Sintra"
    assert title({lisbon: 10, sintra: 10, porto: 10, faro: 10}) == "Lisbon & Porto"
    assert title({(f"City {n}", f"Region {n}", "Portugal"): 5 for n in range(8)}) == "Portugal"
    assert title({("", "", "Iceland"): 9}) == "Iceland"
    assert title({}) == ""


def test_trips_come_from_the_library_with_a_cover_and_without_what_is_no_memory(
    shelves: Shelves,
) -> None:
    for day in range(1, 20):
        shelves.add(at=f"2024-05-{day:02}T10:00:00", latitude=53.55, longitude=9.99)
    away_ = [
        shelves.add(
            at=f"2024-06-{day:02}T10:00:00", latitude=38.7, longitude=-9.1,
            place=("Lisbon", "Lisbon", "Portugal", "PT"), favourite=int(day == 4), **more,
        )
        for day, more in (
            (3, {}), (3, {}), (4, {}), (4, {"hidden": 1}), (5, {}), (5, {}),
            (5, {"kind": "document"}),
        )
    ]  # fmt: skip
    shelves.run(PICTURES)
    with shelves.library.read() as db:
        [trip] = trips(db)
        cover = db.execute("select sha from assets where id = ?", (away_[2],)).fetchone()[0]
    assert (trip.first, trip.last) == (date(2024, 6, 3), date(2024, 6, 5))
    assert (trip.title, trip.photos, trip.cover) == ("Lisbon", 5, cover)
    assert shelves.find("since:2024-06-03 before:2024-06-06 is:memory").total == trip.photos


def test_a_library_without_positions_has_no_trips(shelves: Shelves) -> None:
    shelves.add()
    with shelves.library.read() as db:
        assert trips(db) == []


def test_this_day_and_this_week_of_other_years(shelves: Shelves) -> None:
    for at in ("2019-05-12", "2019-05-12", "2021-05-14", "2026-05-12", "2019-06-12"):
        shelves.add(at=f"{at}T10:00:00")
    shelves.add(at="2020-05-12T10:00:00", hidden=1)
    with shelves.library.read() as db:
        found = memories(db, date(2026, 5, 12))
    assert [(m.years, m.photos) for m in found.of_day] == [(7, 2)]
    assert [(m.years, m.photos) for m in found.of_week] == [(5, 1), (7, 2)]
    assert found.of_week[0].first == date(2021, 5, 9)


def test_the_week_of_new_year_goes_over_its_end_and_a_leap_day_is_of_leap_years(
    shelves: Shelves,
) -> None:
    shelves.add(at="2020-12-31T10:00:00")
    shelves.add(at="2020-02-29T10:00:00")
    with shelves.library.read() as db:
        assert [m.first for m in memories(db, date(2026, 1, 2)).of_week] == [date(2020, 12, 30)]
        assert [m.years for m in memories(db, date(2024, 2, 29)).of_day] == [4]
