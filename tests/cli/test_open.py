"""`albums open` gives this machine's browser a new address, if the box has a door for it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.conftest import Ask, Run, Start
from tests.entering import enter, printed_link


def test_it_prints_a_new_address_of_the_running_box_and_nothing_secret_is_logged(
    start: Start, run: Run, ask: Ask, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.mkdir()
    (place / "albums.toml").write_text('log_level = "debug"\n')
    serving = start("serve", "--local", "--port", "0")
    assert serving.stdout
    printed = printed_link(serving.stdout)
    status, out, err = run("open")
    assert status == 0, err
    address = out.strip()
    assert address != printed
    assert address.partition("?")[0] == printed.partition("?")[0]
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    opened = ask("open", "--browser")["address"]
    assert shown == [opened]
    secrets = [link.partition("token=")[2] for link in (printed, address, opened)]
    for link in (printed, address, opened):
        with enter(link) as browser:
            assert browser.get("/api/v1/status").status_code == 200
            assert browser.get(link).status_code == 200
            secrets += [cookie.value or "" for cookie in browser.cookies.jar]
    serving.send_signal(signal.SIGTERM)
    _, log = serving.communicate(timeout=30)
    assert "one-time link" in log
    assert len(secrets) == 6
    assert not [secret for secret in secrets if secret in log]


def test_a_box_that_nobody_serves_says_so(run: Run, place: Path) -> None:
    status, out, err = run("open")
    assert status == 6
    assert not out
    assert "Nobody serves" in err
    assert "albums serve --local" in err
    assert not (place / "albums.db").exists()  # it did not become the box to say so


def test_a_box_without_that_door_says_so(start: Start, run: Run) -> None:
    serving = start("search", "-")
    assert serving.stdin
    assert serving.stdout
    serving.stdin.write("year:2024\n")
    serving.stdin.flush()
    serving.stdout.readline()
    status, out, err = run("open")
    assert status == 6
    assert not out
    assert "no door for this machine's browser" in err
    serving.communicate(timeout=30)
