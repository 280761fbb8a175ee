"""What is counted is what the question of a name finds, and its cover is worth looking at."""

from __future__ import annotations

import pytest

from albums.ingest.facts.gazetteer import _countries
from albums.library import browse
from albums.library.browse import Counted, together
from albums.library.continents import continent_of
from albums.library.facts import Claim, add_claims
from tests.search import conftest
from tests.search.conftest import Shelves

shelves = conftest.shelves  # the fixture
PICTURES = """insert into pictures (asset_id, thumbhash, aspect, bytes, truncated)
              select id, x'00', 1.5, 1, 0 from assets"""
LISBON = ("Lisbon", "Lisbon", "Portugal", "PT")
PARIS = ("Paris", "Île-de-France", "France", "FR")
PARIS_TEXAS = ("Paris", "Texas", "United States", "US")


@pytest.fixture
def shown(shelves: Shelves) -> Shelves:
    for camera, lens, at, more in (
        ("Canon EOS R", "50mm", "2019-05-12", {"favourite": 1}),
        ("Canon EOS R", "35mm", "2024-05-12", {}),
        ("Canon EOS R5", "50mm", "2024-06-01", {}),
        ("Canon EOS R5", None, "2025-01-01", {"hidden": 1}),
        ("Canon EOS R5", None, "2025-01-02", {"trashed_at": "2026-01-01T00:00:00+00:00"}),
        (None, None, "2026-01-01", {}),
    ):
        shelves.add(at=f"{at}T12:00:00", camera=camera, lens=lens, **more)
    with_pictures(shelves)
    return shelves


def with_pictures(shelves: Shelves) -> None:
    shelves.run(PICTURES)


def sha_of(shelves: Shelves, asset_id: int) -> str:
    with shelves.library.read() as db:
        row = db.execute("select sha from assets where id = ?", (asset_id,)).fetchone()
    return str(row["sha"])


def cameras(shelves: Shelves) -> dict[str, Counted]:
    with shelves.library.read() as db:
        return together(browse.gear(db), lambda gear: gear.camera)


def test_a_camera_counts_what_its_exact_query_finds(shown: Shelves) -> None:
    for name, about in cameras(shown).items():
        assert about.assets == shown.find(f'camera:="{name}"').total
    assert set(cameras(shown)) == {"Canon EOS R", "Canon EOS R5"}


def test_the_first_and_the_last_day_are_those_of_all_its_lenses(shown: Shelves) -> None:
    about = cameras(shown)["Canon EOS R"]
    assert (about.first, about.last) == ("2019-05-12", "2024-05-12")


def test_a_favourite_is_the_cover_before_anything_newer(shown: Shelves) -> None:
    assert cameras(shown)["Canon EOS R"].cover == sha_of(shown, 1)


def test_what_is_hidden_is_counted_and_never_a_cover(shown: Shelves) -> None:
    about = cameras(shown)["Canon EOS R5"]
    assert (about.assets, about.cover) == (2, sha_of(shown, 3))
    shown.run("update assets set hidden = 1")
    assert cameras(shown)["Canon EOS R5"].cover is None


def test_what_has_no_picture_is_no_cover(shown: Shelves) -> None:
    shown.run("delete from pictures where asset_id = 1")
    assert cameras(shown)["Canon EOS R"].cover == sha_of(shown, 2)


def test_a_screenshot_is_a_cover_only_where_there_is_nothing_else(shown: Shelves) -> None:
    shown.run("insert into tags (asset_id, tag, source) values (3, 'screenshot', 'look')")
    assert cameras(shown)["Canon EOS R5"].cover == sha_of(shown, 3)
    shown.run("update assets set hidden = 0 where id = 4")
    assert cameras(shown)["Canon EOS R5"].cover == sha_of(shown, 4)


def test_cities_of_one_name_are_counted_apart(shelves: Shelves) -> None:
    for place in (PARIS, PARIS, PARIS_TEXAS, LISBON):
        shelves.add(place=place)
    with shelves.library.read() as db:
        found = together(browse.places(db), lambda one: (one.city, one.region, one.country))
    assert {key: about.assets for key, about in found.items()} == {
        ("Paris", "Île-de-France", "France"): 2,
        ("Paris", "Texas", "United States"): 1,
        ("Lisbon", "Lisbon", "Portugal"): 1,
    }


def test_somebody_named_by_two_sources_is_counted_once(shelves: Shelves) -> None:
    alone, together_ = shelves.add(), shelves.add()
    with shelves.library.write() as db:
        add_claims(db, alone, [Claim("people", ["Anna"], "takeout")])
        add_claims(db, alone, [Claim("people", ["Anna"], "xmp")])
        add_claims(db, together_, [Claim("people", ["Anna", "Bo"], "takeout")])
    with_pictures(shelves)
    with shelves.library.read() as db:
        found = {named.name: named.about for named in browse.people(db)}
    assert {name: about.assets for name, about in found.items()} == {"Anna": 2, "Bo": 1}
    assert found["Anna"].cover == sha_of(shelves, alone)


def test_a_tag_by_two_sources_is_counted_once(shelves: Shelves) -> None:
    first = shelves.add(tags=["dog"])
    shelves.add(tags=["dog", "beach"])
    shelves.run("insert into tags (asset_id, tag, source) values (?, 'dog', 'labels')", first)
    with shelves.library.read() as db:
        assert [(tag.name, tag.about.assets) for tag in browse.tags(db)] == [
            ("dog", 2),
            ("beach", 1),
        ]


def test_no_two_tags_have_the_same_cover(shelves: Shelves) -> None:
    shelves.add(tags=["dog", "beach"], at="2024-05-12T10:00:00")
    shelves.add(tags=["dog", "beach"], at="2024-05-13T10:00:00")
    with_pictures(shelves)
    with shelves.library.read() as db:
        covers = browse.newest_with(db, ["dog", "beach", "cat"])
    assert covers == {"dog": sha_of(shelves, 2), "beach": sha_of(shelves, 1)}


def test_every_country_that_places_may_have_lies_on_a_continent() -> None:
    regions_of_many = {"AP", "EU"}
    assert {c for c in _countries() if continent_of(c) == "Elsewhere"} == regions_of_many
    assert continent_of("pt") == "Europe"
    assert continent_of(None) == "Elsewhere"
