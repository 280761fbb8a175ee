"""Facets: what is counted is what the query of a value then finds."""

from __future__ import annotations

from datetime import date

from albums.ingest.steps import STEPS
from albums.library.collections import add_to_collection
from albums.library.database import Library
from albums.library.facts import Claim, add_claims
from albums.library.tags import add_tags
from albums.search.dates import Moment
from albums.search.facets import FACETS, Value, column, count, mask_of
from albums.search.map import ids_of
from albums.search.query import parse
from tests.rows import insert_asset

NOW = Moment(date(2026, 6, 1))


def filled(library: Library) -> None:
    with library.write() as db:
        for step in STEPS:
            step.prepare(db)
        for n in range(6):
            number = insert_asset(db, n)
            camera = "Canon EOS R5" if n < 4 else "Canon EOS R"
            db.execute(
                "update assets set camera = ?, day = ?, favourite = ? where id = ?",
                (camera, f"202{n % 2}-05-01", n == 0, number),
            )
            add_tags(db, number, ["sea", "dog"] if n < 2 else ["sea"])
            add_claims(db, number, [Claim("people", ["Ana"], "exif")] if n == 1 else [])
        add_to_collection(db, "Lisbon", [1, 2, 3])
        db.execute("update assets set trashed_at = '2024-01-01' where id = 3")


def values(library: Library, name: str, q: str = "") -> list[Value]:
    query = parse(q, NOW)
    with library.read() as db:
        return count(name, column(db, name), mask_of(ids_of(db, query)), query)


def test_values_are_counted_within_the_query_most_first(library: Library) -> None:
    filled(library)
    assert [(v.words, v.assets) for v in values(library, "tag")] == [("sea", 5), ("dog", 2)]
    assert [(v.words, v.assets) for v in values(library, "tag", 'camera:="Canon EOS R"')] == [
        ("sea", 2)
    ]
    assert [(v.words, v.assets) for v in values(library, "year")] == [("2021", 3), ("2020", 2)]
    assert values(library, "tag", "year:1999") == []


def test_what_is_counted_is_what_the_query_of_a_value_finds(library: Library) -> None:
    filled(library)
    for name in FACETS:
        for value in values(library, name, "year:2020..2022"):
            if name in ("person",):  # found by words, which no step has written here
                continue
            with library.read() as db:
                found = ids_of(db, parse(value.q, NOW))
            assert len(found) == value.assets, (name, value)


def test_a_value_that_is_asked_for_is_not_asked_for_twice(library: Library) -> None:
    filled(library)
    (chosen,) = values(library, "tag", "tag:dog tag:sea")[:1]
    assert chosen.q == "tag:dog tag:sea"


def test_an_empty_library_has_no_values(library: Library) -> None:
    with library.write() as db:
        for step in STEPS:
            step.prepare(db)
    assert all(values(library, name) == [] for name in FACETS)
