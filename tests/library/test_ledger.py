"""The ledger knows what is still to be done, and nothing is forgotten or done in vain."""

from __future__ import annotations

import sqlite3
import time

import pytest

from albums.library.database import Library
from albums.library.ledger import MAX_ATTEMPTS, Ledger, Plan, Result
from tests.rows import insert_asset

FACTS, PICTURES = Plan("facts", "1"), Plan("pictures", "1")
EMBED = Plan("embed", "clip", needs=("pictures",))
WORDS = Plan("words", "1", needs=("facts",), follows=("embed",))
PLANS = [FACTS, PICTURES, EMBED, WORDS]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(PLANS)


def add(library: Library, ledger: Ledger, *numbers: int) -> list[int]:
    with library.write() as db:
        ids = [insert_asset(db, number) for number in numbers]
        ledger.enroll(db, ids)
    return ids


def take(library: Library, ledger: Ledger, step: str, taken: set[int] | None = None) -> list[int]:
    with library.write() as db:
        return list(ledger.take(db, step, 10, taken or set()))


def close(library: Library, ledger: Ledger, step: str, *results: Result) -> None:
    """As if the work had been taken before."""
    with library.write() as db:
        db.executemany(
            "update work set attempts = max(attempts, 1) where step = ? and asset_id = ?",
            [(step, result.asset_id) for result in results],
        )
        ledger.close(db, step, results)


def states(library: Library, ledger: Ledger, asset_id: int) -> dict[str, str]:
    with library.read() as db:
        return {str(row["step"]): str(row["state"]) for row in ledger.of(db, asset_id)}


def test_a_new_asset_waits_for_what_a_step_needs(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    assert states(library, ledger, asset) == {
        "facts": "open",
        "pictures": "open",
        "embed": "waiting",
        "words": "waiting",
    }
    assert take(library, ledger, "embed") == []


def test_closing_a_step_opens_what_waited_for_it(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "pictures", Result(asset, "failed", "broken"))
    assert states(library, ledger, asset)["embed"] == "open"


def test_what_follows_is_done_anew_when_the_step_before_is_done(
    library: Library, ledger: Ledger
) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "facts", Result(asset, "done"))
    close(library, ledger, "words", Result(asset, "done"))
    close(library, ledger, "embed", Result(asset, "skipped", "no picture"))
    assert states(library, ledger, asset)["words"] == "done"
    close(library, ledger, "embed", Result(asset, "done"))
    assert states(library, ledger, asset)["words"] == "open"


def test_what_brings_nothing_new_leaves_what_follows_as_it_is(
    library: Library, ledger: Ledger
) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "facts", Result(asset, "done", changed=False))
    assert states(library, ledger, asset)["words"] == "open"  # it waited, and no longer does
    close(library, ledger, "words", Result(asset, "done"))
    close(library, ledger, "embed", Result(asset, "done", changed=False))
    assert states(library, ledger, asset)["words"] == "done"


def test_what_was_opened_again_while_it_was_in_hand_is_done_again(
    library: Library, ledger: Ledger
) -> None:
    [asset] = add(library, ledger, 1)
    assert take(library, ledger, "facts") == [asset]
    with library.write() as db:
        ledger.reopen(db, "facts", [asset])
        ledger.close(db, "facts", [Result(asset, "done")])
    assert take(library, ledger, "facts") == [asset]
    with library.write() as db:
        ledger.close(db, "facts", [Result(asset, "done")])
    assert take(library, ledger, "facts") == []


def test_what_is_reopened_waits_for_what_it_needs(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "facts", Result(asset, "done"))
    close(library, ledger, "words", Result(asset, "done"))
    with library.write() as db:
        ledger.reopen(db, "facts", [asset])
        ledger.reopen(db, "words", [asset])
    assert states(library, ledger, asset)["words"] == "waiting"
    close(library, ledger, "facts", Result(asset, "done", changed=False))
    assert states(library, ledger, asset)["words"] == "open"


def test_the_newest_comes_first_and_nobody_gets_what_another_has(
    library: Library, ledger: Ledger
) -> None:
    first, second, third = add(library, ledger, 1, 2, 3)
    assert take(library, ledger, "facts", taken={third}) == [second, first]


def test_a_failure_that_may_pass_comes_back_later_and_is_given_up_in_the_end(
    library: Library, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    [asset] = add(library, ledger, 1)
    clock = [1_000_000.0]
    monkeypatch.setattr("albums.library.ledger.time.time", lambda: clock[0])
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert take(library, ledger, "facts") == [asset], attempt
        close(library, ledger, "facts", Result(asset, "failed", "no memory", again=True))
        assert take(library, ledger, "facts") == []
        clock[0] += 10_000
    assert states(library, ledger, asset)["facts"] == "failed"
    with library.write() as db:
        assert ledger.retry(db, asset_id=asset) == 1
    assert take(library, ledger, "facts") == [asset]


def test_what_is_put_off_comes_back_soon_however_often(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    for _ in range(MAX_ATTEMPTS + 1):
        assert take(library, ledger, "facts") == [asset]
        close(library, ledger, "facts", Result(asset, "open", "no room"))
        assert take(library, ledger, "facts") == []
        with library.write() as db:
            [row] = db.execute("select * from work where step = 'facts'")
            assert (row["state"], row["error"], row["attempts"]) == ("open", "no room", 0)
            assert 0 < row["due"] - time.time() < 20
            ledger.retry(db)


def test_what_was_tried_before_comes_alone(library: Library, ledger: Ledger) -> None:
    """A step that kills the process closes nothing: each asset is then tried by itself."""
    ids = add(library, ledger, 1, 2, 3)
    assert len(take(library, ledger, "facts")) == 3
    assert len(take(library, ledger, "facts")) == 1
    assert len(take(library, ledger, "facts", taken={ids[2]})) == 1


def test_a_step_that_kills_the_process_every_time_is_given_up(
    library: Library, ledger: Ledger
) -> None:
    [asset] = add(library, ledger, 1)
    for _ in range(MAX_ATTEMPTS):
        assert take(library, ledger, "facts") == [asset]
    assert take(library, ledger, "facts") == []
    assert states(library, ledger, asset)["facts"] == "failed"
    assert states(library, ledger, asset)["words"] == "open"


def test_a_new_step_backfills_the_whole_library(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "pictures", Result(asset, "done"))
    wider = Ledger([*PLANS, Plan("faces", "1", needs=("pictures",)), Plan("sky", "1", ("embed",))])
    with library.write() as db:
        assert wider.sweep(db) == 2
    after = states(library, wider, asset)
    assert after["faces"] == "open"
    assert after["sky"] == "waiting"


def test_a_new_version_opens_the_work_of_every_asset_again(
    library: Library, ledger: Ledger
) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "pictures", Result(asset, "done"))
    close(library, ledger, "embed", Result(asset, "done"))
    ledger.set_version("embed", "siglip")
    with library.write() as db:
        assert ledger.sweep(db) == 1
        assert ledger.sweep(db) == 0
    assert states(library, ledger, asset)["embed"] == "open"


def test_a_sweep_for_the_same_steps_looks_at_no_rows(library: Library, ledger: Ledger) -> None:
    add(library, ledger, 1, 2)
    seen: list[str] = []
    with library.write() as db:
        ledger.sweep(db)
        db.set_trace_callback(seen.append)
        Ledger(PLANS).sweep(db)
        db.set_trace_callback(None)
    assert seen
    assert not [statement for statement in seen if "from work " in statement]
    assert not [statement for statement in seen if "update" in statement]


def test_a_sweep_that_was_cut_off_is_done_the_next_time(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "pictures", Result(asset, "done"))
    close(library, ledger, "embed", Result(asset, "done"))
    with library.write() as db:
        ledger.sweep(db)
    newer = Ledger([FACTS, PICTURES, Plan("embed", "siglip", needs=("pictures",)), WORDS])
    with pytest.raises(KeyboardInterrupt), library.write() as db:
        newer.sweep(db)
        raise KeyboardInterrupt
    assert states(library, newer, asset)["embed"] == "done"
    with library.write() as db:
        assert newer.sweep(db) == 1
    assert states(library, newer, asset)["embed"] == "open"


def test_rows_that_were_deleted_by_hand_come_back(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "facts", Result(asset, "done"))
    with library.write() as db:
        ledger.sweep(db)
        for rows in ("step = 'facts'", "true"):
            db.execute(f"delete from work where {rows}")
            assert ledger.sweep(db) > 0
            assert ledger.sweep(db) == 0
    assert states(library, ledger, asset)["facts"] == "open"


def test_a_step_that_is_gone_leaves_no_rows(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    with library.write() as db:
        Ledger([FACTS]).sweep(db)
    assert states(library, ledger, asset) == {"facts": "open"}


def test_erasing_an_asset_erases_its_work(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    with library.write() as db:
        db.execute("delete from assets where id = ?", (asset,))
    with library.read() as db:
        assert db.execute("select count(*) from work").fetchone()[0] == 0


def test_the_next_batch_does_not_walk_past_what_is_done(library: Library, ledger: Ledger) -> None:
    seen: list[str] = []
    with library.write() as db:
        db.set_trace_callback(seen.append)
        ledger.take(db, "facts", 9, set())
        ledger.has_open(db, "facts", set())
        ledger.unfinished(db)
        db.set_trace_callback(None)
        for statement in (text for text in seen if "select" in text):
            plan = db.execute(f"explain query plan {statement}").fetchall()
            steps = " ".join(str(row["detail"]) for row in plan)
            assert "USING INDEX work_open" in steps, statement
            assert "TEMP B-TREE" not in steps, statement


def test_reopening_is_part_of_the_callers_transaction(library: Library, ledger: Ledger) -> None:
    [asset] = add(library, ledger, 1)
    close(library, ledger, "facts", Result(asset, "done"))
    close(library, ledger, "words", Result(asset, "done"))

    def edit(db: sqlite3.Connection) -> None:
        ledger.reopen(db, "words", [asset])
        raise RuntimeError("the edit failed")

    with pytest.raises(RuntimeError), library.write() as db:
        edit(db)
    assert states(library, ledger, asset)["words"] == "done"


def test_progress_counts_what_the_rows_say(library: Library, ledger: Ledger) -> None:
    first, second, third = add(library, ledger, 1, 2, 3)
    close(library, ledger, "facts", Result(first, "done"), Result(second, "failed", "broken"))
    close(library, ledger, "words", Result(first, "done"))
    with library.write() as db:
        db.execute("delete from assets where id = ?", (third,))
        Ledger([FACTS, WORDS]).sweep(db)
        counted = db.execute("select step, state, count(*) n from work group by step, state")
        expected = {(row["step"], row["state"]): row["n"] for row in counted}
    with library.read() as db:
        progress = ledger.progress(db)
    found = {(step, state): n for step, states in progress.items() for state, n in states.items()}
    assert found == expected
    assert found["facts", "failed"] == 1
