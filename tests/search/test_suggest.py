"""What a search box offers while somebody types."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.errors import BadInput
from albums.library.facts import Claim, add_claims
from albums.search.query import parse
from albums.search.suggest import Vocabulary, offers, suggest, vocabulary
from tests.search.conftest import NOW, Shelves


@pytest.fixture
def known(shelves: Shelves) -> Vocabulary:
    lisbon = ("Lisbon", "Lisbon", "Portugal", "PT")
    shelves.add("a dog", at="2024-05-12T10:00:00", place=lisbon, camera="Canon EOS R",
                tags=["dog", "list"])  # fmt: skip
    shelves.add("a cat", at="2019-06-15T09:00:00", camera="Canon EOS R5", tags=["cat", "animal"])
    shelves.add("", at="2019-06-16T09:00:00", place=("São Paulo", "", "Brazil", "BR"),
                tags=["animal"], kind="video")  # fmt: skip
    shelves.add("trash", at="2013-05-13T00:00:00", trashed_at="2026-01-01")
    shelves.run("insert into collections (name, created_at) values ('Rome 2019', '')")
    for asset_id, names in ((1, ["Lisa Meier"]), (2, ["Anna Meier", "Lisa Meier"])):
        with shelves.library.write() as db:
            add_claims(db, asset_id, [Claim("people", names, "takeout")])
    with shelves.library.read() as db:
        return vocabulary(db)


def offered(known: Vocabulary, typed: str) -> list[str]:
    return [one.text for one in suggest(known, typed, NOW)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("camera:eos", 'camera:="Canon EOS R"'),  # which is also a part of another
        ("camera:r5", 'camera:"Canon EOS R5"'),
        ('camera:"canon eos r5', 'camera:"Canon EOS R5"'),
        ("dog -tag:an", "dog -tag:animal"),
        ("city:sao", 'city:"São Paulo, Brazil"'),
        ("country:br", "country:Brazil"),
        ("year:20", "year:2024"),
        ("is:f", "is:favourite"),
        ("album:ro", 'collection:"Rome 2019"'),
        ("type:v", "type:video"),
        ("person:mei", 'person:"Lisa Meier"'),
        ("-who:anna", '-person:"Anna Meier"'),
        ("date:last", 'date:"last autumn"'),
        ("before:2020", "before:2020"),
        ("since:19", None),  # the library has nothing of it
        ("http:x", None),
    ],
)
def test_the_value_of_a_filter_is_completed(
    known: Vocabulary, typed: str, first: str | None
) -> None:
    found = offered(known, typed)
    assert found[:1] == ([first] if first else [])


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("lis", ["place:Lisbon", 'person:"Lisa Meier"', "tag:list"]),
        ("2019", ["year:2019", "before:2019", 'collection:"Rome 2019"']),
        ("dog before 2020", ["dog before:2020"]),
        ("before 20", ["before:2024", "before:2019"]),
        ("SAO PAU", ['place:"São Paulo"']),
        ("dog cam", ["dog camera:"]),
        ("beach last su", []),
        ("last summer", ['date:"last summer"']),
        ("screenshots", ["is:screenshot"]),
        ("favour", ["is:favourite"]),
        ("camera canon", ['camera:="Canon EOS R"']),
        ("-lis", ["-place:Lisbon"]),
        ("photos of anna", ['photos of person:"Anna Meier"']),
    ],
)
def test_plain_words_offer_what_they_could_be(
    known: Vocabulary, typed: str, wanted: list[str]
) -> None:
    assert set(wanted) <= set(offered(known, typed))


def test_every_offer_can_be_asked_and_is_offered_once(known: Vocabulary) -> None:
    for typed in ("l", "li", "a", "an", "ro", "20", "camera:", "before ", "x y anna m"):
        found = suggest(known, typed, NOW)
        assert len({(one.key, one.value) for one in found}) == len(found) <= 8
        for one in found:
            if one.value:
                parse(one.text, NOW)


def test_who_is_on_more_photos_comes_first_with_the_number(known: Vocabulary) -> None:
    found = suggest(known, "person:", NOW)
    assert [(one.value, one.assets) for one in found] == [("Lisa Meier", 2), ("Anna Meier", 1)]


def test_what_is_asked_already_is_not_offered_again(known: Vocabulary) -> None:
    assert "place:Lisbon place:Lisbon" not in offered(known, "place:Lisbon lis")


def test_an_empty_box_offers_ways_to_begin(known: Vocabulary) -> None:
    found = suggest(known, " ", NOW)
    assert found[0].text == "place:"
    assert found[0].value == ""
    assert "lisbon" in found[0].words


def test_words_of_a_whole_query_that_are_a_value_are_offered_as_filters(known: Vocabulary) -> None:
    found = offers(known, parse("dog in são paulo by lisa meier", NOW), NOW)
    assert [one.text for one in found] == [
        'dog in by lisa meier place:"São Paulo"',
        'dog in são paulo by person:"Lisa Meier"',
        "in são paulo by lisa meier tag:dog",
    ]
    assert offers(known, parse("lis", NOW), NOW) == []


@given(st.text(max_size=40))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    known = Vocabulary([("tag", "dog", 3), ("place", "São Paulo", 1), ("camera", "İ", 1)])
    for one in suggest(known, text, NOW):
        assert one.text.endswith((":", one.value, f'{one.value}"'))
    with suppress(BadInput):
        offers(known, parse(text, NOW), NOW)


def test_it_is_quick_among_fifty_thousand_values() -> None:
    values = [("tag", f"word{n} thing{n % 977}", n % 50) for n in range(45_000)]
    values += [("place", f"Sankt {n}", n) for n in range(5_000)]
    known = Vocabulary(values)
    for typed in ("wo", "sankt 4", "tag:w", "a thing9 wo", "before 2020"):
        begun = time.perf_counter()
        suggest(known, typed, NOW)
        assert time.perf_counter() - begun < 0.5, (
            typed
        )  # machines differ; README says what is usual
