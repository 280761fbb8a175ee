"""Dates as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from albums.search.dates import Days, Moment, days_in_words, days_of

NOW = Moment(date(2026, 6, 17))  # a Wednesday
SOUTH = Moment(date(2026, 6, 17), southern=True)


def span(first: str, after: str) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize(
    ("phrase", "days"),
    [
        ("today", span("2026-06-17", "2026-06-18")),
        ("Yesterday", span("2026-06-16", "2026-06-17")),
        ("last week", span("2026-06-08", "2026-06-15")),
        ("this week", span("2026-06-15", "2026-06-22")),
        ("last weekend", span("2026-06-13", "2026-06-15")),
        ("last month", span("2026-05-01", "2026-06-01")),
        ("last year", span("2025-01-01", "2026-01-01")),
        ("last 3 days", span("2026-06-15", "2026-06-18")),
        ("last summer", span("2025-06-01", "2025-09-01")),
        ("this summer", span("2026-06-01", "2026-09-01")),
        ("last winter", span("2025-12-01", "2026-03-01")),
        ("winter 2019", span("2019-12-01", "2020-03-01")),
        ("in 2019", span("2019-01-01", "2020-01-01")),
        ("in May 2019", span("2019-05-01", "2019-06-01")),
        ("last May", span("2026-05-01", "2026-06-01")),
        ("last July", span("2025-07-01", "2025-08-01")),
        ("24 dec 2020", span("2020-12-24", "2020-12-25")),
    ],
)
def test_a_phrase_is_days(phrase: str, days: Days) -> None:
    assert days_in_words(phrase, NOW) == days


def test_seasons_turn_round_in_the_south() -> None:
    assert days_in_words("last summer", SOUTH) == span("2025-12-01", "2026-03-01")
    assert days_in_words("this winter", SOUTH) == span("2026-06-01", "2026-09-01")


def test_some_days_come_back_every_year() -> None:
    assert days_in_words("on this day", NOW) == Days(every="____-06-17")
    assert str(days_in_words("in june", NOW)) == "June of any year"


@pytest.mark.parametrize(
    "phrase", ["", "beach", "32 may 2019", "9999", "last 9999 years", "0000", "last banana"]
)
def test_what_is_no_date_is_none(phrase: str) -> None:
    assert days_in_words(phrase, NOW) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2024", "2024"),
        ("2024-05", "May 2024"),
        ("2024-5-2", "2 May 2024"),
        ("2024/12", "December 2024"),
    ],
)
def test_figures_are_days_and_can_be_said(text: str, said: str) -> None:
    assert str(days_of(text)) == said
