"""Claiming a box and minding its devices from the shell, with a made-up tailnet around it."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from albums.cli.box import reach
from albums.library.database import Library
from albums.library.devices import Devices
from albums.settings import load_settings
from albums.vault.durable import replace_synced
from tests.cli.conftest import Ask, Run
from tests.identity.localapi import Tailscaled
from tests.identity.network import ALICE, BOB


@pytest.fixture
def tailnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tailscaled]:
    """Alice is signed in on the box; Bob and others are in her tailnet."""
    path = tmp_path / "tailscaled.sock"
    monkeypatch.setenv("ALBUMS_TAILSCALE_SOCKET", str(path))
    with Tailscaled(path) as daemon:
        yield daemon


@pytest.fixture
def came_in(place: Path) -> None:
    """Alice's phone and tablet were here before."""
    place.mkdir()
    library = Library(place / "albums.db")
    devices = Devices(library, place / "devices.json", replace_synced)
    for key, name, model in (("n1", "galaxy-s24", "SM-S921U"), ("n2", "tablet", "")):
        devices.seen(key, name=name, model=model, os="android", user_id=ALICE.id, login=ALICE.login)
    with devices.change() as change:
        change.claim(ALICE.id, ALICE.login, ALICE.display_name)
    devices.flush()
    library.close()


@pytest.fixture(autouse=True)
def box(place: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """One box for all commands of a test: none has to open the library itself."""
    if "came_in" in request.fixturenames:
        request.getfixturevalue("came_in")
    with reach(load_settings(place, {})) as box:
        box.get("/api/v1/owner")
        yield


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_who_is_signed_in_on_the_box_claims_it(tailnet: Tailscaled, ask: Ask, run: Run) -> None:
    assert ask("owner") == {"owner": None}
    assert "albums claim" in run("owner")[1]
    assert ask("claim")["user_id"] == ALICE.id
    assert ask("owner")["owner"]["login"] == ALICE.login
    status, out, _ = run("claim")
    assert (status, f"{ALICE.display_name} ({ALICE.login})" in out) == (0, True)
    assert [e["action"] for e in ask("audit")["entries"]] == ["claimed-box"]


def test_a_claimed_box_is_not_claimed_by_another(tailnet: Tailscaled, ask: Ask, run: Run) -> None:
    assert ask("claim", BOB.login.upper())["login"] == BOB.login
    status, _, err = run("claim")
    assert status == 6
    assert f"belongs to {BOB.display_name} ({BOB.login})" in err
    assert f"albums owner --change {ALICE.login}" in err


def test_a_box_is_handed_over_after_a_question(
    tailnet: Tailscaled, ask: Ask, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("claim")
    answer(monkeypatch, "n\n")
    status, _, err = run("owner", "--change", BOB.login)
    assert status == 1
    assert f"The devices of {ALICE.login} will be shut out" in err
    assert ask("owner")["owner"]["login"] == ALICE.login
    answer(monkeypatch, "")
    assert run("owner", "--change", BOB.login)[0] == 1
    answer(monkeypatch, "y\n")
    assert run("owner", "--change", BOB.login)[0] == 0
    assert ask("owner")["owner"]["user_id"] == BOB.id
    assert ask("owner", "--change", str(ALICE.id), "--yes")["owner"]["user_id"] == ALICE.id


def test_on_a_tagged_box_somebody_must_be_named(tailnet: Tailscaled, ask: Ask, run: Run) -> None:
    tailnet.own = replace(tailnet.own, tags=("tag:server",))
    status, _, err = run("claim")
    assert status == 2
    assert "tag:server" in err
    assert BOB.login in err
    assert "tagged-devices" not in err
    assert ask("claim", BOB.login)["user_id"] == BOB.id


def test_a_slip_of_the_pen_is_understood(tailnet: Tailscaled, run: Run) -> None:
    status, _, err = run("claim", "bob@example.orgg")
    assert (status, f"Did you mean {BOB.login}?" in err) == (4, True)
    assert ALICE.login in run("claim", "zzz")[2]


def test_two_users_of_one_login_are_told_apart_by_number(
    tailnet: Tailscaled, ask: Ask, run: Run
) -> None:
    double = replace(BOB, id=4004)
    phone = next(d for d in tailnet.devices.values() if d.person == BOB and not d.tags)
    tailnet.add(replace(phone, stable_id="nDouble", addresses=("100.64.9.9",), person=double))
    status, _, err = run("claim", BOB.login)
    assert status == 6
    assert "4004" in err
    assert ask("claim", "4004")["user_id"] == 4004


@pytest.mark.parametrize(
    ("state", "advice"), [("NeedsLogin", "tailscale up"), ("Stopped", "tailscale up")]
)
def test_without_tailscale_it_says_what_to_do(
    tailnet: Tailscaled, run: Run, state: str, advice: str
) -> None:
    tailnet.state = state
    status, _, err = run("claim")
    assert status == 11
    assert advice in err
    tailnet.stop()
    status, _, err = run("owner", "--change", BOB.login, "--yes")
    assert status == 11
    assert "systemctl" in err or "Install" in err


@pytest.mark.usefixtures("came_in")
def test_devices_are_listed(ask: Ask, run: Run) -> None:
    listed = {device["name"]: device for device in ask("devices")}
    assert set(listed) == {"galaxy-s24", "tablet"}
    assert listed["galaxy-s24"]["model"] == "SM-S921U"
    assert listed["tablet"]["rights"] == "owner"
    out = run("devices")[1]
    assert "full access" in out
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", out)


@pytest.mark.usefixtures("came_in")
@pytest.mark.parametrize(
    ("verb", "rights", "said"),
    [
        ("block", "blocked", "is blocked"),
        ("upload-only", "upload", "see none"),
        ("allow", "owner", "may do everything"),
    ],
)
def test_rights_are_given_and_taken(ask: Ask, run: Run, verb: str, rights: str, said: str) -> None:
    status, out, _ = run("devices", verb, "Tablet")
    assert (status, said in out) == (0, True)
    assert {d["name"]: d["rights"] for d in ask("devices")} == {
        "galaxy-s24": "owner",
        "tablet": rights,
    }
    assert ask("devices", verb, "tablet")["rights"] == rights


@pytest.mark.usefixtures("came_in")
def test_a_device_is_renamed_and_found_by_either_name(ask: Ask, run: Run) -> None:
    assert ask("devices", "rename", "galaxy-s24", "Ann's phone")["renamed"] is True
    assert ask("devices", "rename", "galaxy-s24", "Tablet")["name"] == "Tablet-2"
    assert ask("devices", "rename", "n1", "Phone")["name"] == "Phone"
    assert run("devices", "rename", "Phone", "")[0] == 2
    assert run("devices", "rename", "Phone", "x" * 65)[0] == 2


@pytest.mark.usefixtures("came_in")
def test_a_device_is_forgotten_unless_that_would_let_it_in(ask: Ask, run: Run) -> None:
    ask("devices", "block", "tablet")
    status, _, err = run("devices", "forget", "tablet")
    assert (status, "would come back with all rights" in err) == (6, True)
    ask("devices", "allow", "tablet")
    assert ask("devices", "forget", "tablet") == {"id": "n2", "name": "tablet"}
    assert [device["name"] for device in ask("devices")] == ["galaxy-s24"]
    assert "galaxy-s24 is forgotten" in run("devices", "forget", "galaxy-s24")[1]
    assert "No device has come in yet" in run("devices")[1]


@pytest.mark.usefixtures("came_in")
def test_the_nearest_name_is_offered(run: Run) -> None:
    status, _, err = run("devices", "block", "galaxy-s23")
    assert (status, "Did you mean galaxy-s24?" in err) == (4, True)
    assert "There are: " in run("devices", "block", "zzz")[2]


@pytest.mark.usefixtures("came_in")
def test_options_may_stand_before_the_verb(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from albums.cli import app

    monkeypatch.chdir(place.parent)
    words: list[Any] = ["devices", "--library", str(place), "--json", "block", "tablet"]
    app(words, standalone_mode=False)
    assert '"rights": "blocked"' in capsys.readouterr().out
