"""`albums setup tailscale` with a double of tailscaled and of its command."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from albums.cli import setup
from tests.identity.localapi import Tailscaled, tailscaled
from tests.identity.network import SUFFIX

__all__ = ["tailscaled"]
Setup = Callable[..., Result]


@pytest.fixture
def run_setup(tailscaled: Tailscaled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """`run_setup("--yes")`; the commands that it runs are in `tmp_path/ran`."""
    program = tmp_path / "bin" / "tailscale"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/ran\necho talking\n')
    program.chmod(0o755)
    sudo = program.with_name("sudo")
    sudo.write_text('#!/bin/sh\nexec "$@"\n')
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("ALBUMS_TAILSCALE_SOCKET", str(tailscaled.path))
    monkeypatch.setenv("ALBUMS_SERVE_SOCKET", "/run/albums/albums.sock")
    app = typer.Typer()
    app.add_typer(setup.group, name="setup")

    def run(*arguments: str, stdin: str = "") -> Result:
        given = ["setup", "tailscale", *arguments, "--library", str(tmp_path / "library")]
        return CliRunner().invoke(app, given, input=stdin)

    return run


def ran(tmp_path: Path) -> list[str]:
    file = tmp_path / "ran"
    return file.read_text().splitlines() if file.exists() else []


def served(target: str) -> dict[str, Any]:
    return {"Web": {f"box.{SUFFIX}:443": {"Handlers": {"/": {"Proxy": target}}}}}


def test_without_a_yes_it_only_says(run_setup: Setup, tmp_path: Path) -> None:
    said = run_setup()
    assert said.exit_code == 1
    assert "tailscale serve --bg unix:/run/albums/albums.sock" in said.stdout
    assert ran(tmp_path) == []


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_is_asked(
    run_setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(setup, "_can_be_asked", lambda: True)
    said = run_setup(stdin=f"{answer}\n" * 2)
    assert "Run it now?" in said.stdout
    wanted = ["serve --bg unix:/run/albums/albums.sock"] if answer == "y" else []
    assert ran(tmp_path) == wanted


def test_with_a_yes_it_runs_until_the_box_is_reachable(
    run_setup: Setup, tailscaled: Tailscaled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailscaled.state = "Stopped"

    def obey(command: tuple[str, ...]) -> None:
        done.append(command)
        if command[1] == "up":
            tailscaled.state = "Running"
        else:
            tailscaled.serve_config = served(command[-1])

    done: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup, "_run", obey)
    said = run_setup("--yes", "--json")
    assert said.exit_code == 0, said.output
    assert [command[1] for command in done] == ["up", "serve"]
    found = json.loads(said.stdout)
    assert found["state"] == "running"
    assert found["url"] == f"https://box.{SUFFIX}/"
    assert found["next"] is None
    assert len(found["ran"]) == 2


def test_what_the_command_says_is_no_part_of_the_json(run_setup: Setup, tmp_path: Path) -> None:
    # In a process of its own: the runner does not see what a child prints.
    code = "import sys; from albums.cli import setup; sys.argv[0] = 'setup'; setup.group()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "tailscale", "--json", "--yes"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert json.loads(ended.stdout)["next"]
    assert "talking" in ended.stderr
    assert ran(tmp_path) == ["serve --bg unix:/run/albums/albums.sock"]
    assert "had no effect" in ended.stderr


def test_a_box_that_is_ready_stays_as_it_is(
    run_setup: Setup, tailscaled: Tailscaled, tmp_path: Path
) -> None:
    tailscaled.serve_config = served("unix:/run/albums/albums.sock")
    said = run_setup("--yes")
    assert said.exit_code == 0
    assert f"https://box.{SUFFIX}/" in said.stdout
    assert "albums serve" in said.stdout  # nobody listens at the socket
    assert ran(tmp_path) == []


def test_a_command_that_fails_ends_it(run_setup: Setup, tmp_path: Path) -> None:
    (tmp_path / "bin" / "tailscale").write_text(f"#!/bin/sh\necho x >> {tmp_path}/ran\nexit 3\n")
    assert run_setup("--yes").exit_code == 1
    assert ran(tmp_path) == ["x"]


def test_where_its_command_is_missing_it_is_only_said(run_setup: Setup, tmp_path: Path) -> None:
    (tmp_path / "bin" / "tailscale").unlink()
    said = run_setup("--yes")
    assert said.exit_code == 1
    assert "tailscale serve" in said.stdout


def test_one_that_is_connecting_is_waited_for(
    run_setup: Setup, tailscaled: Tailscaled, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailscaled.state = "Starting"
    timer = threading.Timer(0.5, lambda: setattr(tailscaled, "state", "Running"))
    timer.start()
    assert "tailscale serve" in run_setup().stdout
    timer.join()
    tailscaled.state = "Starting"
    monkeypatch.setattr(setup, "_STARTING", 0.1)
    assert "Wait a few seconds" in run_setup().stdout


def test_a_daemon_that_is_away_is_said(run_setup: Setup, tailscaled: Tailscaled) -> None:
    tailscaled.stop()
    said = run_setup("--yes")
    assert said.exit_code == 1
    assert "systemctl start tailscaled" in said.stdout
