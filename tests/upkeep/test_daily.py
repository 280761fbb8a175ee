"""Once a day, at its hour; late rather than never; once, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from albums.errors import BadInput
from albums.library.database import Library
from albums.upkeep.daily import Daily

NIGHT = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def looked(library: Library, *moments: datetime, at: str = "03:30") -> list[bool]:
    """At which of these moments it was done."""
    calls: list[int] = []
    daily = Daily("test", at, library, lambda: calls.append(1))
    found = [daily.look(moment) for moment in moments]
    assert len(calls) == sum(found)
    return found


def test_it_is_done_when_the_hour_has_come_and_once_a_day(library: Library) -> None:
    moments = [NIGHT - 5 * HOUR, NIGHT - HOUR, NIGHT, NIGHT + HOUR, NIGHT + 23 * HOUR,
               NIGHT + 24 * HOUR, NIGHT + 25 * HOUR]  # fmt: skip
    assert looked(library, *moments) == [False, False, True, False, False, True, False]


def test_a_first_start_waits_for_the_night(library: Library) -> None:
    assert looked(library, NIGHT + 6 * HOUR) == [False]


def test_what_was_missed_while_the_box_was_off_is_done_when_it_is_on(library: Library) -> None:
    looked(library, NIGHT - 5 * HOUR)
    assert looked(library, NIGHT + 4 * HOUR, NIGHT + 5 * HOUR) == [True, False]


def test_a_clock_that_was_years_ahead_does_not_stop_it(library: Library) -> None:
    looked(library, NIGHT + timedelta(days=2000))
    assert looked(library, NIGHT + HOUR, NIGHT + 2 * HOUR) == [True, False]


def test_a_clock_that_goes_back_an_hour_does_not_repeat_it(library: Library) -> None:
    looked(library, NIGHT - HOUR, NIGHT)
    assert looked(library, NIGHT - HOUR, NIGHT, NIGHT + HOUR) == [False, False, False]


def test_never_is_never(library: Library) -> None:
    assert looked(library, NIGHT, NIGHT + 48 * HOUR, at="") == [False, False]


def test_an_hour_that_is_none_is_said(library: Library) -> None:
    with pytest.raises(BadInput, match="test_at = '25:99' is not an hour"):
        Daily("test", "25:99", library, lambda: None)
