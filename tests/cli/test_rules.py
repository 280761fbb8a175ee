"""Rules, and work that is done again, in the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ask, Run

pytestmark = pytest.mark.slow


def test_a_rule_is_seen_made_listed_run_and_removed(ask: Ask, run: Run, photos: Path) -> None:
    ask("import", str(photos), "--wait")
    [first, *_] = ask("search", "on:2024-07-01")["assets"]
    status, out, _ = run("rules", "add", "year:2024", "--shift", "+1:00", "--dry-run")
    assert (status, "Finds 3 assets and touches 3." in out) == (0, True)
    assert ask("rules", "list")["rules"] == []
    made = ask("rules", "add", "year:2024", "--shift", "+1:00", "--yes", "--name", "Summer")
    assert made["preview"]["changed"] == 3
    assert ask("show", first["sha"])["captured_at"][:16] == "2024-07-01T13:00"
    assert [rule["touches"] for rule in ask("rules", "list")["rules"]] == [3]
    assert "Summer: year:2024: moved by +1:00:00" in run("rules", "list")[1]
    assert ask("rules", "run") == {"assets": 3}
    assert ask("rules", "run", "--dry-run")["previews"][0]["changed"] == 3
    ask("rules", "remove", made["rule"]["id"])
    assert ask("show", first["sha"])["captured_at"] == first["captured_at"]


def test_steps_are_done_again_places_counted_and_captions_told(
    ask: Ask, run: Run, photos: Path
) -> None:
    ask("import", str(photos), "--wait")
    assert ask("reprocess", "place", "words", "--query", "year:2024")["pieces"] == 6
    assert ask("reprocess", "--failed")["pieces"] == 0
    assert ask("geocode") == {"positions": 0, "places": 0, "before": 0}
    status, out, _ = run("caption", "on:2024-07-01", "--tail")
    assert (status, out.count("IMG_20240701_120000.jpg")) == (0, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["rules", "add", "year:2024"],
        ["rules", "add", "year:2024", "--private", "--delete"],
        ["rules", "add", "dog", "--delete", "--yes"],
        ["rules", "add", "year:2024", "--anchor", "2024-01-01=2024-01-02"],
        ["rules", "add", "--country", "Atlantis"],
        ["reprocess"],
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, arguments: list[str]) -> None:
    status, _, err = run(*arguments)
    assert status == 2
    assert err


def test_a_step_or_a_rule_that_is_not_there_is_named(run: Run) -> None:
    status, _, err = run("reprocess", "fly")
    assert (status, "no step 'fly'" in err) == (4, True)
    assert run("rules", "remove", "0" * 8)[0] == 4
