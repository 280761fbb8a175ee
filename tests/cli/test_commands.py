"""What each command answers, and how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from albums.cli import COMMANDS, GROUPS
from albums.cli.search import reasons
from tests.cli.conftest import ENVIRONMENT, Ask, Run, Start


def test_a_folder_goes_in_and_is_found(ask: Ask, run: Run, photos: Path) -> None:
    first = ask("import", str(photos))
    assert (first["found"], first["ingested"], first["skipped"]) == (4, 4, 1)
    again = ask("import", str(photos))
    assert (again["known"], again["ingested"]) == (4, 0)
    found = ask("search", "type:photo", "--limit", "2")
    assert list(found) == ["query", "total", "assets", "next"]
    assert found["query"] == "type:photo"
    assert found["total"] == 3
    assert found["next"]
    assert list(found["assets"][0]) == [
        "sha", "name", "captured_at", "place", "caption", "score", "why",
    ]  # fmt: skip
    rest = ask("search", "type:photo", "--limit", "2", "--after", found["next"])
    assert len(rest["assets"]) == 1
    assert run("search", "notes")[0] == 0


def test_what_was_understood_can_be_shown_changed_and_audited(
    ask: Ask, run: Run, photos: Path
) -> None:
    report = ask("import", str(photos), "--wait")
    assert all(not row["states"].keys() & {"open", "waiting"} for row in report["work"])
    sha = hashlib.sha256((photos / "beach/IMG_20240702_120000.jpg").read_bytes()).hexdigest()
    found = ask("search", "IMG_20240702_120000")
    assert found["assets"][0]["sha"] == sha
    assert found["assets"][0]["captured_at"].startswith("2024-07-02T12:00:00")
    edited = ask("edit", sha[:12], "--title", "Low tide", "--favourite", "--tag", "seaside")
    assert edited["favourite"] is True
    assert "seaside" in {tag["tag"] for tag in ask("show", sha[:12])["tags"]}
    assert ask("edit", sha, "--no-favourite")["favourite"] is False
    assert ask("audit", "--check") == {"whole": True, "findings": []}
    entries = ask("audit", "--limit", "10")["entries"]
    assert [e["action"] for e in entries[-4:]] == ["ingested"] * 4
    assert entries[0]["actor"] == "local://shell"
    assert ask("status")["assets"]["total"] == 4
    assert ask("status")["inbox"]["running"] is False  # a box for one command takes nothing in
    assert ask("retry") == {"pieces": 0}
    for command in (["show", sha], ["status"], ["audit"], ["search", "low tide"], ["work"]):
        assert run(*command)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("import", "/no/such/folder"), 2, "is not a folder"),
        (("search", "year:abc"), 2, "is not a year"),
        (("show", "123456789"), 4, "There is no asset"),
        (("retry", "--step", "nonsense"), 4, "There is no step"),
        (("edit", "123456789"), 2, "Nothing to change"),
        (("work", "--pause", "--resume"), 2, "Choose one"),
        (("search", "--limit", "0"), 2, "--limit"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_an_error_is_a_sentence_and_an_exit_status(
    run: Run, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    ended, _, err = run(*arguments)
    assert ended == status
    assert sentence in err
    assert "Traceback" not in err


def test_an_unknown_setting_names_the_nearest(run: Run, place: Path) -> None:
    place.mkdir()
    (place / "albums.toml").write_text("prot = 1\n")
    ended, _, err = run("status")
    assert ended == 2
    assert "Did you mean port?" in err


def test_a_damaged_library_is_one_sentence(start: Start, place: Path) -> None:
    place.mkdir()
    (place / "albums.db").write_bytes(b"this is no database" * 1000)
    process = start("status")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 8
    assert "Traceback" not in err


def test_settings_are_printed_with_their_help(run: Run, ask: Ask) -> None:
    _, out, _ = run("settings")
    assert "# port = 8300" in out
    assert ask("settings")["port"] == 8300


def test_help_is_instant_and_loads_nothing_heavy(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "albums", "--help"]
    seconds = []  # of computing: others may be at work on this machine
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        said = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
        seconds.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    loaded = {line.rsplit("|", 1)[-1].strip() for line in said.stderr.splitlines()}
    heavy = {"torch", "numpy", "PIL", "fastapi", "httpx", "rich", "sqlite_utils", "uvicorn"}
    assert not loaded & heavy
    assert min(seconds) < 0.3
    for name, _ in (*COMMANDS, *GROUPS):
        assert name in said.stdout


def test_every_command_says_what_it_does_and_takes_a_library(run: Run) -> None:
    for name, command in COMMANDS:
        assert command.__doc__, name
        assert "library" in command.__annotations__, name


def test_every_module_of_a_command_is_listed() -> None:
    listed = {command.__module__ for _, command in COMMANDS} | {"albums.cli.models"}
    folder = Path(sys.modules["albums.cli"].__file__ or "").parent
    with_command = {
        f"albums.cli.{path.stem}"
        for path in folder.glob("*.py")
        if "\ndef command(" in path.read_text()
    }
    assert with_command <= listed


def test_reasons_read_like_a_sentence() -> None:
    why = {
        "words": ["dog"],
        "meaning": 0.312,
        "near": "strong",
        "filters": ["2024"],
        "pages": [7, 3],
    }
    assert reasons(why) == "dog · on page 7, 3 · near 0.31 (strong) · 2024"
    nothing: dict[str, Any] = {
        "words": [],
        "meaning": None,
        "near": None,
        "filters": [],
        "pages": [],
    }
    assert reasons(nothing) == ""


def test_a_pipe_that_closes_early_is_no_disaster(run: Run, photos: Path, place: Path) -> None:
    run("import", str(photos))
    command = [sys.executable, "-m", "albums", "audit", "--library", str(place)]
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr


def test_json_lines_answer_json_lines(run: Run, photos: Path, start: Start) -> None:
    run("import", str(photos))
    process = start("search", "-", "--limit", "1")
    out, err = process.communicate("type:photo\nyear:never\n\nsource:folder\n", timeout=60)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["query"] for line in lines] == ["type:photo", "year:never", "source:folder"]
    assert lines[0]["total"] == 3
    assert lines[1]["error"]["code"] == "bad-input"
    assert len(lines[2]["assets"]) == 1
    assert process.returncode == 0, err
