"""The runner pulls work until there is none; one bad asset never stops the rest."""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from albums.errors import DiskFull, Undecodable
from albums.ingest.runner import Runner
from albums.ingest.step import Done, Failed, Lane, Outcome, Skipped, Step, Tools
from albums.library.assets import Asset
from albums.library.database import Library
from albums.library.ledger import MAX_ATTEMPTS, Ledger, Plan
from albums.vault.sidecars import DamagedSidecar
from tests.rows import insert_asset


@dataclass
class NoteStep:
    """Writes a note an asset; `judge` may decide otherwise."""

    name: str
    lane: Lane = "cpu"
    batch: int = 4
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    judge: Callable[[Asset], Outcome | None] = lambda asset: None
    ran: list[str] = field(default_factory=list)

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        pass

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        return [self._one(asset) for asset in assets]

    def _one(self, asset: Asset) -> Outcome:
        self.ran.append(asset.name)
        decided = self.judge(asset)
        return decided or Done(
            lambda db: cast(
                None,
                db.execute(
                    "insert or replace into notes values (?, ?)",
                    (f"{self.name} {asset.name}", "done"),
                ),
            )
        )


@pytest.fixture
def start(library: Library) -> Iterator[Callable[..., Runner]]:
    started: list[Runner] = []

    def run(*steps: NoteStep, assets: int = 3) -> Runner:
        ledger = Ledger([Plan(s.name, "1", s.needs, s.follows) for s in steps])
        with library.write() as db:
            ledger.enroll(db, [insert_asset(db, n) for n in range(assets)])
        tools = SimpleNamespace(library=library, settings=SimpleNamespace(decoders=2))
        runner = Runner(ledger, cast(Sequence[Step], steps), cast(Tools, tools))
        runner.start()
        started.append(runner)
        return runner

    yield run
    for runner in started:
        runner.stop()


def notes(library: Library) -> set[str]:
    with library.read() as db:
        return {row["name"] for row in db.execute("select name from notes")}


def work(library: Library) -> dict[tuple[str, str], tuple[str, str]]:
    with library.read() as db:
        found = db.execute("select * from work join assets on asset_id = assets.id").fetchall()
    return {(row["step"], row["name"]): (row["state"], row["error"]) for row in found}


def test_every_asset_goes_through_every_step_in_the_order_of_needs(
    library: Library, start: Callable[..., Runner]
) -> None:
    first, second = NoteStep("first"), NoteStep("second", lane="io", needs=("first",))
    assert start(first, second).wait_until_idle(10)
    expected = {f"{step} {n}.jpg" for step in ("first", "second") for n in range(3)}
    assert notes(library) == expected
    assert sorted(first.ran) == sorted(second.ran) == ["0.jpg", "1.jpg", "2.jpg"]


def test_one_bad_asset_does_not_stop_the_rest(
    library: Library, start: Callable[..., Runner]
) -> None:
    def judge(asset: Asset) -> Outcome | None:
        if asset.name == "1.jpg":
            raise Undecodable("1.jpg cannot be decoded", why="it ends too early")
        return None

    assert start(NoteStep("first", judge=judge)).wait_until_idle(10)
    states = work(library)
    assert states["first", "0.jpg"][0] == states["first", "2.jpg"][0] == "done"
    assert states["first", "1.jpg"] == (
        "failed",
        "1.jpg cannot be decoded. it ends too early.",
    )


def test_a_defect_in_a_step_is_recorded_and_tried_again_later(
    library: Library, start: Callable[..., Runner]
) -> None:
    def judge(asset: Asset) -> Outcome | None:
        raise ZeroDivisionError("a bug")

    runner = start(NoteStep("first", judge=judge), assets=1)
    assert runner.wait_until_idle(10)
    state, error = work(library)["first", "0.jpg"]
    assert state == "open"
    assert error == "ZeroDivisionError: a bug"
    with library.read() as db:
        assert db.execute("select due from work").fetchone()["due"] > 0


@pytest.mark.parametrize("error", [DiskFull("no room"), OSError(errno.ENOSPC, "no room")])
def test_a_full_disk_is_not_held_against_an_asset(
    library: Library, start: Callable[..., Runner], error: Exception
) -> None:
    full = True

    def judge(asset: Asset) -> Outcome | None:
        if full:
            raise error
        return None

    runner = start(NoteStep("first", judge=judge), assets=2)
    for _ in range(MAX_ATTEMPTS + 1):
        assert runner.wait_until_idle(10)
        assert {state for state, _ in work(library).values()} == {"open"}
        assert "room" in work(library)["first", "0.jpg"][1]
        with library.write() as db:
            runner.ledger.retry(db)
        runner.nudge()
    full = False
    with library.write() as db:
        runner.ledger.retry(db)
    runner.nudge()
    assert runner.wait_until_idle(10)
    assert notes(library) == {"first 0.jpg", "first 1.jpg"}


def test_a_rotten_sidecar_is_its_assets_own_trouble(
    library: Library, start: Callable[..., Runner]
) -> None:
    def judge(asset: Asset) -> Outcome | None:
        raise DamagedSidecar("The sidecar is damaged")

    assert start(NoteStep("first", judge=judge), assets=1).wait_until_idle(10)
    assert work(library)["first", "0.jpg"] == ("failed", "The sidecar is damaged.")


def test_what_was_found_out_waits_for_room_to_be_written_down(
    library: Library, start: Callable[..., Runner]
) -> None:
    tried = 0

    def write(db: sqlite3.Connection) -> None:
        nonlocal tried
        tried += 1
        if tried <= MAX_ATTEMPTS:
            raise DiskFull("no room")
        db.execute("insert into notes values ('found', '')")

    ran = []

    def judge(asset: Asset) -> Outcome | None:
        ran.append(asset.name)
        return Done(write)

    runner = start(NoteStep("first", judge=judge), assets=1)
    while not runner.wait_until_idle(0.1):
        runner.nudge()
    assert notes(library) == {"found"}
    assert ran == ["0.jpg"]


def test_a_runner_ends_though_the_disk_is_full(
    library: Library, start: Callable[..., Runner]
) -> None:
    def refuse(db: sqlite3.Connection) -> None:
        raise DiskFull("no room")

    runner = start(NoteStep("first", judge=lambda a: Done(refuse)), assets=1)
    assert not runner.wait_until_idle(0.5)
    began = time.monotonic()
    runner.stop()
    assert time.monotonic() - began < 3
    assert work(library)["first", "0.jpg"][0] == "open"


def test_what_a_failed_commit_took_is_taken_again(
    library: Library, start: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Ledger.take
    broken: list[dict[int, int]] = []

    def take_and_break(self: Ledger, db: sqlite3.Connection, *args: Any) -> dict[int, int]:
        taken = take(self, db, *args)
        if not broken:
            broken.append(taken)
            db.execute("pragma defer_foreign_keys = on")  # so that the commit finds it
            db.execute("insert into owed_sidecars values (7)")
        return taken

    monkeypatch.setattr(Ledger, "take", take_and_break)
    runner = start(NoteStep("first"), assets=1)
    while not broken:
        time.sleep(0.01)
    runner.nudge()
    assert runner.wait_until_idle(10)
    assert notes(library) == {"first 0.jpg"}


def test_skipping_and_failing_say_why(library: Library, start: Callable[..., Runner]) -> None:
    reasons: dict[str, Outcome] = {"0.jpg": Skipped("no picture"), "1.jpg": Failed("no memory")}
    start(NoteStep("first", judge=lambda a: reasons.get(a.name))).wait_until_idle(10)
    assert work(library)["first", "0.jpg"] == ("skipped", "no picture")
    assert work(library)["first", "1.jpg"] == ("failed", "no memory")


def test_a_result_and_its_ledger_row_are_one_transaction(
    library: Library, start: Callable[..., Runner]
) -> None:
    def refuse(db: sqlite3.Connection) -> None:
        db.execute("insert into notes values ('half', '')")
        raise sqlite3.IntegrityError("the disk said no")

    runner = start(NoteStep("first", judge=lambda a: Done(refuse)), assets=1)
    runner.wait_until_idle(1)
    assert notes(library) == set()
    assert work(library)["first", "0.jpg"][0] == "open"


def test_an_asset_erased_while_it_was_in_hand_leaves_nothing(
    library: Library, start: Callable[..., Runner]
) -> None:
    def judge(asset: Asset) -> Outcome | None:
        with library.write() as db:
            db.execute("delete from assets where id = ?", (asset.id,))
        return None

    assert start(NoteStep("first", judge=judge), assets=1).wait_until_idle(10)
    assert notes(library) == set()
    assert work(library) == {}


def test_a_paused_runner_does_nothing_until_it_is_resumed(
    library: Library, start: Callable[..., Runner]
) -> None:
    gate = threading.Event()

    def judge(asset: Asset) -> Outcome | None:
        gate.wait(5)
        return None

    runner = start(NoteStep("first", lane="io", batch=1, judge=judge))
    runner.pause()
    gate.set()
    assert not runner.wait_until_idle(0.5)
    runner.resume()
    assert runner.wait_until_idle(10)
    assert len(notes(library)) == 3
