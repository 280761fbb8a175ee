"""What somebody waits for comes first, and a long film holds up nobody who waits for another."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from albums.errors import Conflict
from albums.ingest.runner import Runner
from albums.ingest.step import Done, Lane, Outcome, Step, Tools
from albums.library.assets import Asset
from albums.library.database import Library
from albums.library.ledger import Ledger, Plan
from tests.rows import insert_asset


@dataclass
class Films:
    """Each takes until it is let go."""

    name: str = "films"
    lane: Lane = "film"
    batch: int = 1
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    begun: list[int] = field(default_factory=list)
    beginning: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    let_go: threading.Event = field(default_factory=threading.Event)
    stopping: bool = False

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        pass

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        self.begun.append(assets[0].id)
        self.beginning.release()
        assert self.let_go.wait(20)
        if self.stopping:
            raise Conflict("The box is stopping")
        return [Done() for _ in assets]


@pytest.fixture
def films() -> Films:
    return Films()


Make = Callable[[int], Runner]


@pytest.fixture
def make(library: Library, films: Films) -> Iterator[Make]:
    """`make(number)`: a runner with so many films before it."""
    runners = list[Runner]()

    def make(number: int) -> Runner:
        ledger = Ledger([Plan(films.name, "1")])
        with library.write() as db:
            ledger.enroll(db, [insert_asset(db, asset) for asset in range(1, number + 1)])
        tools = SimpleNamespace(library=library, settings=SimpleNamespace(decoders=1))
        runner = Runner(ledger, [cast("Step", films)], cast("Any", tools))
        runners.append(runner)
        return runner

    yield make
    films.let_go.set()
    for runner in runners:
        runner.stop()


def begun(films: Films, number: int) -> None:
    for _ in range(number):
        assert films.beginning.acquire(timeout=20)


def test_films_are_made_one_at_a_time_the_newest_first(make: Make, films: Films) -> None:
    runner = make(3)
    runner.start()
    begun(films, 1)
    assert not films.beginning.acquire(timeout=0.3)
    films.let_go.set()
    assert runner.wait_until_idle(20)
    assert films.begun == [3, 2, 1]


def test_a_film_that_somebody_waits_for_is_made_beside_the_one_in_hand(
    make: Make, films: Films
) -> None:
    runner = make(4)
    runner.start()
    begun(films, 1)
    runner.hurry("films", 2)
    begun(films, 1)
    assert films.begun == [4, 2]
    films.let_go.set()
    assert runner.wait_until_idle(20)
    assert sorted(films.begun) == [1, 2, 3, 4]


def test_the_last_wish_is_the_first_to_be_done_and_one_wish_is_done_once(
    make: Make, films: Films
) -> None:
    runner = make(5)
    for asset in (1, 2, 1, 1):
        runner.hurry("films", asset)
    films.let_go.set()
    runner.start()
    assert runner.wait_until_idle(20)
    assert set(films.begun[:2]) == {1, 2}
    assert sorted(films.begun) == [1, 2, 3, 4, 5]


def test_a_wish_for_what_is_done_or_gone_is_forgotten(make: Make, films: Films) -> None:
    runner = make(1)
    films.let_go.set()
    runner.start()
    assert runner.wait_until_idle(20)
    runner.hurry("films", 1)
    runner.hurry("films", 99)
    assert runner.wait_until_idle(20)
    assert films.begun == [1]


def test_a_film_that_was_cut_off_by_a_stop_counts_no_attempt(
    make: Make, films: Films, library: Library
) -> None:
    runner = make(1)
    runner.start()
    begun(films, 1)
    films.stopping = True
    films.let_go.set()
    runner.stop()
    with library.read() as db:
        [work] = runner.ledger.of(db, 1)
    assert (work["state"], work["attempts"]) == ("open", 0)
