"""Rounds: one after the other until the end, whatever one of them meets."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing

import pytest

from albums.errors import AlbumsError
from albums.upkeep.rounds import Rounds


@pytest.mark.parametrize("error", [AlbumsError("no"), PermissionError("a disk that is away")])
def test_a_round_that_fails_is_said_and_the_next_one_comes(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    done, count = threading.Event(), 0

    def look() -> None:
        nonlocal count
        count += 1
        if count == 1:
            raise error
        done.set()

    rounds = Rounds("trash", 0.01, look)
    with closing(rounds), caplog.at_level(logging.WARNING):
        rounds.start()
        assert done.wait(20)
    assert str(error) in caplog.text


def test_closing_waits_for_the_round_that_goes_on_and_no_other_comes() -> None:
    begun, seen = threading.Event(), list[str]()

    def look() -> None:
        begun.set()
        while not rounds.ending:
            time.sleep(0.001)
        seen.append("ended")

    rounds = Rounds("trash", 0, look)
    rounds.start()
    assert begun.wait(20)
    rounds.close()
    assert seen == ["ended"]


def test_the_first_round_may_wait_and_what_never_started_closes_at_once() -> None:
    calls = list[int]()
    late = Rounds("backups", 0, lambda: calls.append(1), first=60)
    late.start()
    late.close()
    Rounds("backups", 0, lambda: calls.append(1)).close()
    assert calls == []
