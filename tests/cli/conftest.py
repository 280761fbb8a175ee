"""The shell as a person uses it: whole commands, most of them in their own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from albums.cli import main

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("ALBUMS_")}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The library's folder; it does not exist yet."""
    return tmp_path / "library"


@pytest.fixture
def photos(tmp_path: Path, make_photo: Callable[..., bytes]) -> Path:
    """A folder with three photos, an odd file and a system file."""
    folder = tmp_path / "photos"
    (folder / "beach").mkdir(parents=True)
    for number in range(3):
        (folder / "beach" / f"IMG_2024070{number + 1}_120000.jpg").write_bytes(make_photo(number))
    (folder / "notes.xyz").write_bytes(b"no picture")
    (folder / ".DS_Store").write_bytes(b"system")
    return folder


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    """`start("search", "-")` -> the running command, with pipes. What still runs is killed."""
    running = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "albums", *arguments, "--library", str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT | _models(),
            cwd=place.parent,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def _models() -> dict[str, str]:
    """A test may put the models somewhere else."""
    return {k: v for k, v in os.environ.items() if k == "ALBUMS_MODELS"}


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("status", "--json")` in this process -> exit status, output, errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["albums", *arguments, "--library", str(place)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


Ask = Callable[..., Any]


@pytest.fixture
def ask(run: Run) -> Ask:
    """`ask("status")` -> the JSON that the command prints."""

    def ask(*arguments: str) -> Any:
        status, out, err = run(*arguments, "--json")
        assert status == 0, err
        return json.loads(out)

    return ask
