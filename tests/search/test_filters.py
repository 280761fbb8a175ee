"""Each filter lets the right assets through, together and turned round."""

from __future__ import annotations

import pytest

from albums.library.facts import Claim, add_claims
from albums.library.texts import Line, Page, replace_pages
from albums.search.filters import BY_KEY, FILTERS

from .conftest import NOW, Shelves


@pytest.fixture
def filled(shelves: Shelves) -> Shelves:
    lisbon = ("Lisbon", "Lisbon", "Portugal", "PT")
    sao_paulo = ("São Paulo", "São Paulo", "Brazil", "BR")
    shelves.add(
        "a dog on a beach", at="2024-05-12T10:00:00+01:00", place=lisbon, latitude=38.72,
        longitude=-9.14, tags=["dog"], camera="Nikon D850", make="Nikon", favourite=1,
    )  # fmt: skip
    shelves.add(
        "a cat", at="2019-06-15T09:00:00-03:00", place=sao_paulo, latitude=-23.55,
        longitude=-46.63, tags=["cat", "animal"], camera="Apple iPhone 12", lens="iPhone 12 back",
        rating=4, kind="video", origin="tailscale://galaxy-s24",
    )  # fmt: skip
    shelves.add("a hidden dog", at="2024-12-31T23:59:59", tags=["dog"], hidden=1, rating=2)
    shelves.add("trash", at="2024-05-13T00:00:00", trashed_at="2026-01-01T00:00:00+00:00")
    shelves.add("no date", at=None, title="Invoice 17", source="upload")
    with shelves.library.write() as db:
        replace_pages(db, 5, "ocr", [Page(1, (Line("Your boarding"), Line("pass")))])
    shelves.index_words(5)
    shelves.run("insert into collections (id, name, created_at) values (1, 'Rome 2019', '')")
    shelves.run("insert into collection_assets values (1, 2, 1.0)")
    for asset_id, source, names in (
        (2, "takeout", ["Anna Meier", "José"]),
        (2, "person", ["Anna Meier", "Bo"]),
        (5, "takeout", ["Anna Berg"]),
    ):
        with shelves.library.write() as db:
            add_claims(db, asset_id, [Claim("people", names, source)])
        shelves.index_words(asset_id)
    return shelves


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("year:2024", {1, 3}),
        ("year:2019..2024", {1, 2, 3}),
        ("year:2019 year:2024", {1, 2, 3}),
        ("on:2024-05-12", {1}),
        ("on:2024-12", {3}),
        ("before:2024-05", {2}),
        ("before:2024-05-13", {1, 2}),
        ("after:2024-05", {3}),
        ("since:2024-05", {1, 3}),
        ('date:"on this day"', {2}),
        ("date:june", {2}),
        ("place:lisbon", {1}),
        ('place:"sao paulo"', {2}),
        ("place:lisb", set()),
        ("country:pt", {1}),
        ("country:brazil", {2}),
        ("near:38.7,-9.1,5km", {1}),
        ("near:38.7,-9.1,1km", set()),
        ("camera:nikon", {1}),
        ('camera:"iphone 12"', {2}),
        ("camera:%", set()),
        ("lens:back", {2}),
        ("type:video", {2}),
        ("type:photos", {1, 3, 5}),
        ("source:upload", {5}),
        ("source:galaxy-s24", {2}),
        ("tag:dog", {1, 3}),
        ("tag:cat tag:animal", {2}),
        ("tag:cat tag:dog", set()),
        ('collection:"rome 2019"', {2}),
        ("album:Rome", set()),
        ("rating:4+", {2}),
        ("rating:2..3", {3}),
        ("is:favourite", {1}),
        ("is:favorite", {1}),
        ("is:hidden", {3}),
        ("is:trashed", {4}),
        ("has:gps", {1, 2}),
        ("has:title", {5}),
        ("-has:gps", {3, 5}),
        ("-camera:nikon", {2, 3, 5}),
        ("-year:2024", {2, 5}),
        ("-tag:dog -tag:cat", {5}),
        ("tag:dog -is:hidden", {1}),
        ('text:"boarding pass"', {5}),
        ('text:"pass boarding"', set()),
        ("text:beach", set()),
        ("-text:boarding", {1, 2, 3}),
        ("has:text", {5}),
        ("-cat year:2019..2024", {1, 3}),
        ('-"hidden dog" tag:dog', {1}),
        ("person:anna", {2, 5}),
        ('person:"anna meier"', {2}),
        ("person:jose", {2}),
        ("who:bo -person:berg", {2}),
        ('person:"anna berg" tag:cat', set()),
        ("meier", {2}),
    ],
)
def test_a_filter_lets_through_what_it_says(filled: Shelves, text: str, found: set[int]) -> None:
    results = filled.find(text)
    assert {row["id"] for row in results.assets} == found
    assert results.total == len(found)


def test_a_filter_across_the_date_line(shelves: Shelves) -> None:
    shelves.add("east", latitude=-17.0, longitude=179.99)
    shelves.add("west", latitude=-17.0, longitude=-179.99)
    assert sorted(shelves.ids("near:-17,180,5km")) == [1, 2]


def test_hidden_assets_are_found_but_not_on_the_timeline(filled: Shelves) -> None:
    assert set(filled.ids("")) == {1, 2, 5}
    assert 3 in filled.ids("hidden dog")


def test_nothing_typed_becomes_sql(filled: Shelves) -> None:
    for kind in FILTERS:
        for value in ("'; drop table assets; --", '") or 1=1 --', "* NOT OR AND NEAR(", "ü^{}:"):
            if "parse" in vars(kind):
                continue
            sql, parameters = kind.parse(value, NOW).where()
            assert value not in sql
            with filled.library.read() as db:
                assert db.execute(f"select id from assets where {sql}", parameters).fetchall() == []


def test_every_filter_says_how_it_is_written() -> None:
    assert len(BY_KEY) == sum(1 + len(f.also) for f in FILTERS), "two filters share a key"
    for kind in FILTERS:
        assert kind.hint.startswith(f"{kind.key}:")
