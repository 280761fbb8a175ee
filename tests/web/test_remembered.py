"""Answers that are remembered: the quick ones never, the slow ones for a while."""

from __future__ import annotations

import time

from albums.web.remembered import Remembered


def test_what_is_quick_is_always_computed_anew() -> None:
    number = 0

    def count() -> int:
        nonlocal number
        number += 1
        return number

    remembered = Remembered(count)
    assert [remembered.get() for _ in range(3)] == [1, 2, 3]


def test_what_is_slow_is_given_at_once_and_made_anew_behind_the_callers_back() -> None:
    number = 0

    def count() -> int:
        nonlocal number
        number += 1
        time.sleep(0.06)
        return number

    remembered = Remembered(count)
    assert remembered.get() == 1
    assert remembered.get() == 1
    deadline = time.monotonic() + 30
    while True:
        began = time.monotonic()
        answer = remembered.get()
        assert time.monotonic() - began < 0.05 or answer > 1  # never waits for the next one
        if answer > 1:
            break
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert answer == 2
