"""One value and no other, a day of any year, and the shuffle."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from albums.errors import BadInput
from albums.library.facts import Claim, add_claims
from albums.search.dates import Moment
from albums.search.filters.where import City
from albums.search.find import Page
from albums.search.order import place_in_shuffle, shuffled
from albums.search.query import Query, parse

from .conftest import NOW, Shelves

PARIS = ("Paris", "Île-de-France", "France", "FR")
PARIS_TEXAS = ("Paris", "Texas", "United States", "US")
COMMA = ("Gjadër, Dajc", "Lezhë County", "Albania", "AL")
NO_REGION = ("Nuuk", "", "Greenland", "GL")


@pytest.fixture
def filled(shelves: Shelves) -> Shelves:
    shelves.add(camera="Canon EOS R", lens="50mm f/1.8", place=PARIS, at="2019-05-12T10:00:00")
    shelves.add(camera="Canon EOS R5", lens="50mm f/1.8 II", place=PARIS_TEXAS,
                at="2020-12-31T10:00:00")  # fmt: skip
    shelves.add(place=COMMA, at="2021-01-02T10:00:00", tags=["screenshot"])
    shelves.add(place=NO_REGION, at="2024-05-15T10:00:00", kind="document")
    shelves.add(at="2024-02-29T10:00:00", hidden=1)
    for asset_id, names in ((1, ["Anna"]), (2, ["Anna Meier"]), (3, ["🐶"])):
        with shelves.library.write() as db:
            add_claims(db, asset_id, [Claim("people", names, "takeout")])
        shelves.index_words(asset_id)
    return shelves


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('camera:"EOS R"', {1, 2}),
        ('camera:="Canon EOS R"', {1}),
        ('camera:="canon eos r"', set()),
        ('-camera:="Canon EOS R"', {2, 3, 4, 5}),
        ('camera:="Canon EOS R" camera:="Canon EOS R5"', {1, 2}),
        ('lens:="50mm f/1.8"', {1}),
        ("city:paris", {1, 2}),
        ('city:="Paris, France"', {1}),
        ('city:="Paris, Texas, United States"', {2}),
        ('city:="Paris, Texas"', set()),
        ('city:="Gjadër, Dajc, Albania"', {3}),
        ('city:="Gjadër, Dajc, Lezhë County, Albania"', {3}),
        ('city:="Nuuk, Greenland"', {4}),
        ("city:=Paris", set()),
        ('region:="Texas, United States"', {2}),
        ('region:="Texas, France"', set()),
        ("country:=France", {1}),
        ("country:=FR", set()),
        ("person:anna", {1, 2}),
        ("person:=Anna", {1}),
        ('person:="Anna Meier"', {2}),
        ("person:=🐶", {3}),
        ("tag:=screenshot", {3}),
        ("year:=2019", {1}),
        ("day:05-12", {1}),
        ("day:5-12..5-15", {1, 4}),
        ("day:12-30..01-02", {2, 3}),
        ("day:02-29", {5}),
        ("is:memory", {1, 2}),
    ],
)
def test_an_exact_value_finds_itself_and_no_other(
    filled: Shelves, text: str, found: set[int]
) -> None:
    assert set(filled.ids(text)) == found
    assert set(filled.ids(str(parse(text, NOW)))) == found


@pytest.mark.parametrize("name", ["= a", "“Art” 50mm", 'say "hi"', "-x", "a:b", "=", "Île, 4"])
def test_a_name_with_any_letters_goes_round(name: str) -> None:
    query = Query(filters=(City(name).exactly(),))
    assert parse(str(query), NOW) == query


def test_a_value_without_an_exact_form_stays_as_it_is() -> None:
    assert str(parse("tag:=dog year:=2024", NOW)) == "tag:dog year:2024"


@pytest.mark.parametrize(
    "text", ["day:13-01", "day:02-30", "day:2024-05-12", "day:x", "day:05-12.."]
)
def test_what_is_no_day_of_a_year_is_refused_or_one_day(text: str) -> None:
    if text.endswith(".."):
        assert parse(text, NOW).filters[0].words() == "12 May of any year"
        return
    with pytest.raises(BadInput):
        parse(text, NOW)


# --- the shuffle


def shuffled_ids(shelves: Shelves, seed: int, limit: int = 7) -> list[int]:
    ids: list[int] = []
    after = None
    while True:
        found = shelves.find(f"is:memory sort:random-{seed}", Page(limit, after))
        ids += [row["id"] for row in found.assets]
        after = found.next
        if after is None:
            return ids


def test_a_shuffle_shows_each_photo_once_however_it_is_paged(shelves: Shelves) -> None:
    every = {shelves.add() for _ in range(40)}
    once = shuffled_ids(shelves, 1)
    assert len(once) == 40
    assert set(once) == every
    assert shuffled_ids(shelves, 1, limit=40) == once
    assert shuffled_ids(shelves, 2) != once
    assert once not in (sorted(once), sorted(once, reverse=True))


def test_what_arrives_meanwhile_moves_no_other(shelves: Shelves) -> None:
    for _ in range(20):
        shelves.add()
    before = shuffled_ids(shelves, 5)
    new = shelves.add()
    assert [found for found in shuffled_ids(shelves, 5) if found != new] == before


def test_neighbours_in_time_are_not_neighbours_in_a_shuffle(shelves: Shelves) -> None:
    ids = list(range(1, 2001))
    for seed in (0, 1, 2, 999_999_999):
        order = sorted(ids, key=lambda id_: place_in_shuffle(seed, id_))
        near = sum(abs(a - b) < 20 for a, b in pairwise(order))
        assert near < 100  # chance says 40
        strides = {b - a for a, b in pairwise(order)}
        assert len(strides) > 500


def test_the_place_in_a_shuffle_is_the_same_in_sql_and_has_no_equals(shelves: Shelves) -> None:
    ids = [*range(1, 300), 10**6, 2**31 - 100]
    with shelves.library.read() as db:
        for seed in (0, 7, 999_999_999):
            places = [
                db.execute(f"select {shuffled(seed, '?1')}", (asset_id,)).fetchone()[0]
                for asset_id in ids
            ]
            assert places == [place_in_shuffle(seed, asset_id) for asset_id in ids]
            assert len(set(places)) == len(ids)


def test_words_can_be_shuffled_too(shelves: Shelves) -> None:
    for _ in range(10):
        shelves.add("a dog")
    query = "dog sort:random-3"
    assert shelves.ids(query) == sorted(
        range(1, 11), key=lambda asset_id: place_in_shuffle(3, asset_id)
    )
    assert str(parse(query, Moment(date(2026, 1, 1)))) == query
