"""Smart collections in queries, and the order by hand."""

from __future__ import annotations

import pytest

from albums.errors import BadInput
from albums.search.conditions import where
from albums.search.find import Page, find
from albums.search.neighbours import neighbours
from albums.search.query import parse
from albums.search.smart import with_smart
from tests.search.conftest import NOW, Shelves, unit


def collect(shelves: Shelves, name: str, ids: list[int], query: str | None = None) -> None:
    shelves.run(
        "insert into collections (name, created_at, query) values (?, '2026-01-01', ?)", name, query
    )
    for position, asset_id in enumerate(ids, 1):
        shelves.run(
            """insert into collection_assets
               select id, ?, ? from collections where name = ?""",
            asset_id, position, name,
        )  # fmt: skip


def ids(shelves: Shelves, text: str, *, by_meaning: bool = False) -> list[int]:
    meaning = shelves.meaning() if by_meaning else None
    query = with_smart(shelves.library, parse(text, NOW), NOW, meaning)
    return [row["id"] for row in find(shelves.library, query, None, meaning).assets]


def test_what_a_saved_query_finds_is_in_its_collection_today(shelves: Shelves) -> None:
    dog = shelves.add("a dog", tags=["dog"])
    shelves.add("a cat", tags=["cat"])
    collect(shelves, "Dogs", [], "tag:dog")
    assert ids(shelves, 'collection:"dogs"') == [dog]
    another = shelves.add("two dogs", tags=["dog"], at="2025-05-12T10:00:00+00:00")
    assert ids(shelves, 'collection:"dogs"') == [another, dog]
    assert ids(shelves, "collection:dogs year:2024") == [dog]
    assert dog not in ids(shelves, "type:photo -collection:dogs")


def test_a_saved_search_by_words_and_meaning_fills_a_collection(shelves: Shelves) -> None:
    for _ in range(30):
        shelves.add("a grey street", vector=unit([0, 1, *[0.01] * 14]))
    beach = shelves.add("a beach", vector=unit([1, 0, *[0.01] * 14]))
    shelves.sentences["beach"] = unit([1, 0, *[0] * 14])
    collect(shelves, "Sea", [], "beach")
    assert ids(shelves, "collection:sea", by_meaning=True) == [beach]


def test_a_collection_may_be_made_of_collections(shelves: Shelves) -> None:
    one, two = shelves.add("one"), shelves.add("two", tags=["x"])
    collect(shelves, "Hand", [one])
    collect(shelves, "Tagged", [], "tag:x")
    collect(shelves, "All but those", [], "type:photo -collection:tagged")
    collect(shelves, "Inner", [], "collection:hand")
    assert ids(shelves, "collection:inner") == [one]
    assert ids(shelves, 'collection:"all but those"') == [one]
    assert ids(shelves, "collection:tagged") == [two]


def test_a_collection_that_has_itself_in_it_says_so(shelves: Shelves) -> None:
    collect(shelves, "A", [], "collection:B")
    collect(shelves, "B", [], "collection:a")
    collect(shelves, "Self", [], "-collection:self")
    with pytest.raises(BadInput) as caught:
        ids(shelves, "collection:A")
    assert "A → B → A" in str(caught.value)
    assert "query of 'B'" in caught.value.hint
    with pytest.raises(BadInput, match="Self"):
        ids(shelves, "collection:self")


def test_a_saved_query_that_makes_no_sense_any_more_says_which(shelves: Shelves) -> None:
    collect(shelves, "Old", [], "year:never")
    with pytest.raises(BadInput, match="the collection 'Old'"):
        ids(shelves, "collection:old")


def test_a_former_name_finds_the_collection(shelves: Shelves) -> None:
    one = shelves.add("one")
    collect(shelves, "New", [one])
    shelves.run("insert into collection_names select 'Old', id from collections")
    assert ids(shelves, "collection:old") == [one]


def test_the_order_by_hand_is_a_sort_that_pages_and_neighbours_follow(shelves: Shelves) -> None:
    first, second, third, outside = (shelves.add(str(n), tags=["x"]) for n in range(4))
    collect(shelves, "Trip", [third, first, second])
    assert ids(shelves, "collection:trip sort:hand") == [third, first, second]
    query = parse("collection:trip sort:hand", NOW)
    page = find(shelves.library, query, Page(2))
    rest = find(shelves.library, query, Page(2, page.next))
    assert [row["id"] for row in rest.assets] == [second]
    assert rest.next is None
    shas = [row["sha"] for row in [*page.assets, *rest.assets]]
    beside = neighbours(shelves.library, query, shas[1])
    assert (beside.previous, beside.next) == (shas[0], shas[2])
    assert neighbours(shelves.library, query, shas[2]).next is None
    assert outside not in ids(shelves, "collection:trip sort:hand")


def test_what_lies_under_another_places_its_top(shelves: Shelves) -> None:
    top, one, under = shelves.add("top"), shelves.add("one"), shelves.add("under")
    shelves.run("update assets set top_id = ? where id = ?", top, under)
    collect(shelves, "Trip", [under, one])
    assert ids(shelves, "collection:trip sort:hand") == [top, one]
    assert ids(shelves, "collection:trip has:place sort:hand") == []


def test_only_a_collection_has_an_order_by_hand(shelves: Shelves) -> None:
    with pytest.raises(BadInput, match="order by hand"):
        ids(shelves, "sort:hand")
    assert where(parse("sort:hand", NOW))
