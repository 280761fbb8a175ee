"""What is typed is understood, or refused in a sentence."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.errors import BadInput
from albums.search.dates import Moment
from albums.search.filters import FILTERS
from albums.search.query import Query, parse

NOW = Moment(date(2026, 6, 15))


def read(text: str) -> Query:
    return parse(text, NOW)


def test_a_query_is_taken_apart() -> None:
    query = read(
        'dog on the beach year:2024 camera:"Nikon D850" -cat "exact phrase" -tag:snow '
        "sort:oldest similar:ABCDEF12"
    )
    assert query.words == ("dog", "on", "the", "beach")
    assert query.quotes == ("exact phrase",)
    assert query.minus == ("cat",)
    assert [(f.key, f.value, f.negated) for f in query.filters] == [
        ("year", "2024", False),
        ("camera", "Nikon D850", False),
        ("tag", "snow", True),
    ]
    assert (query.sort, query.similar) == ("oldest", "abcdef12")
    assert query.sentence == "dog on the beach exact phrase"


def test_curly_quotes_are_quotes_and_an_open_quote_ends_with_the_text() -> None:
    assert read("“red boat” „blue").quotes == ("red boat", "blue")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("camra:nikon", "camera:"),
        ("yera:2024", "year:"),
        ("albun:rome", "collection:"),
        ("srot:newest", "sort:"),
        ("zzzzzz:1", "Known filters: year"),
    ],
)
def test_an_unknown_key_names_the_nearest_right_one(text: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "year:abc", "year:2024..2019", "on:2024-13", "on:2023-02-29", "date:someday", "before:x",
        "near:lisbon", "near:91,0", "near:1,2,900km", "type:sculpture", "is:nice", "has:money",
        "rating:6", "sort:best", "similar:xyz", "similar:abc", "year:", 'tag:""', "after:0000",
        "year:9999",
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(text)
    assert str(caught.value).endswith((".", "quotes around words that are not a filter."))


def test_a_query_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadInput):
        read("a" * 5000)
    with pytest.raises(BadInput):
        read("a " * 100)


HOSTILE = st.text(alphabet="ab:-\"\\ \t\n2019'*(){}^é“\x00", max_size=60)
PHRASES = st.lists(
    st.sampled_from(["in", "last", "may", "summer", "2019", "this", "week", "31", "-", "tag:a"])
).map(" ".join)


@given(st.text(max_size=200) | HOSTILE | PHRASES)
@settings(max_examples=600)
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        query = read(text)
    except BadInput:
        return
    assert read(str(query)) == query


VALUES = {
    "year": "2024", "on": "2024-05", "before": "2020", "after": "2020-01-31", "since": "2019-02",
    "date": "last summer", "near": "38.7,-9.1,5km", "day": "05-12..05-18",
    "within": "38.5,-9.5,38.9,-9", "type": "photo", "rating": "4+", "is": "hidden", "has": "gps",
}  # fmt: skip


@given(
    st.lists(st.sampled_from(FILTERS), max_size=4),
    st.text(min_size=1, max_size=20).filter(lambda text: text.strip() != ""),
    st.booleans(),
)
def test_a_query_as_text_means_the_same(kinds: list[type], value: str, negated: bool) -> None:
    plain = " ".join(value.split())
    filters = tuple(kind.parse(VALUES.get(kind.key, plain), NOW) for kind in kinds)  # type: ignore[attr-defined]
    if negated:
        filters = tuple(f.opposite() for f in filters)
    query = Query(
        ("red", "boat"), ("by the sea",), ("cat", "two dogs"), filters, "newest", "abcdef"
    )
    assert read(str(query)) == query


def test_a_date_phrase_in_the_text_is_applied_and_shown() -> None:
    query = read("beach last summer with Anna")
    assert query.words == ("beach", "with", "Anna")
    assert [(c.key, c.words, c.applied) for c in query.understood()] == [
        ("date", "last summer (June 2025 to August 2025)", True)
    ]


@pytest.mark.parametrize(
    "text", ["may", "fall", "a summer day", "march on the street", "summer hat", "31 february 2020"]
)
def test_words_that_may_mean_something_else_stay_words(text: str) -> None:
    query = read(text)
    assert not query.filters
    assert query.words == tuple(text.split())


def test_a_bare_year_is_only_suggested() -> None:
    query = read("rome 2019")
    assert query.words == ("rome", "2019")
    assert [(c.key, c.value, c.applied) for c in query.understood()] == [("year", "2019", False)]
