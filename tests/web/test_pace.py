"""Numbers of the whole, rates and time left."""

from __future__ import annotations

from typing import Any

import pytest

from albums.assembly import Albums
from albums.web import overview
from albums.web.overview import Overview
from albums.web.pace import Pace, seconds_left


def test_a_rate_needs_two_looks_and_forgets_the_distant_past() -> None:
    pace = Pace()
    assert pace.rates({"embed": {"open": 100}}, now=0) == {"embed": 0}
    assert pace.rates({"embed": {"open": 80, "done": 15, "failed": 5}}, now=10) == {"embed": 2}
    for second in range(20, 400, 10):
        pace.rates({"embed": {"done": 20, "open": 80}}, now=second)
    assert pace.rates({"embed": {"done": 20, "open": 80}}, now=400) == {"embed": 0}


def test_work_that_is_opened_again_is_no_negative_rate() -> None:
    pace = Pace()
    pace.rates({"embed": {"done": 100}}, now=0)
    assert pace.rates({"embed": {"open": 100}, "new": {"done": 5}}, now=10) == {
        "embed": 0,
        "new": 0.5,
    }


def test_time_left_is_known_only_while_something_moves() -> None:
    assert seconds_left({"done": 5}, 0) == 0
    assert seconds_left({"open": 6, "waiting": 4, "failed": 9}, 2) == 5
    assert seconds_left({"open": 6}, 0) is None


def test_a_large_library_is_not_counted_for_everybody_who_looks(
    albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    count = albums.ledger.progress
    monkeypatch.setattr(overview, "_QUICK", 0)
    monkeypatch.setattr(overview, "_PATIENCE", 1e6)

    def counting(db: Any) -> Any:
        counted.append(1)
        return count(db)

    monkeypatch.setattr(albums.ledger, "progress", counting)
    numbers = Overview(albums)
    assert numbers.numbers().idle
    numbers.numbers()
    assert len(counted) == 1
    monkeypatch.setattr(albums.runner, "idle", lambda: False)
    assert not numbers.numbers().idle
    assert len(counted) == 2
