"""Wrong times in the shell, through the box."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ask, Run

pytestmark = pytest.mark.slow


def test_times_are_corrected_after_a_look_and_taken_back(
    ask: Ask, run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("import", str(photos), "--wait")
    [first, *_] = ask("search", "on:2024-07-01")["assets"]
    status, out, _ = run("correct-time", "year:2024", "--shift", "+1:00", "--dry-run")
    assert (status, "3 of 3 assets would change: moved by +1:00:00" in out) == (0, True)
    asked = list[str]()
    monkeypatch.setattr("typer.confirm", lambda text, **_: asked.append(text))
    assert run("correct-time", "year:2024", "--shift", "+1:00")[0] == 1
    assert asked == ["Correct 3 assets?"]
    assert ask("show", first["sha"])["captured_at"] == first["captured_at"]
    done = ask("correct-time", "year:2024", "--keep-clock", "Asia/Tokyo", "--yes")
    assert done["changed"] == 3
    assert ask("show", first["sha"])["captured_at"] == "2024-07-01T12:00:00+09:00"
    assert ask("correct-time", "--list")["corrections"][0]["id"] == done["id"]
    assert ask("correct-time", "--undo", done["id"])["assets"] == 3
    assert ask("show", first["sha"])["captured_at"] == first["captured_at"]
    one = ask("correct-time", "--sha", first["sha"][:10], "--set", "2020-01-02T03:04", "--yes")
    assert one["changed"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["year:2024"],
        ["--list", "--shift", "+1:00"],
        ["x", "--shift", "+1:00", "--set", "2020-01-02"],
        ["--shift", "+1:00"],
        ["x", "--shift", "later"],
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, arguments: list[str]) -> None:
    status, _, err = run("correct-time", *arguments)
    assert status == 2
    assert err
