"""The shelf from the shell. Nothing here touches a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from albums.cli.box import reach
from albums.settings import load_settings
from albums.web.api.models import Models
from tests.cli.conftest import Ask, Run, Start


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder of models."""
    monkeypatch.setenv("ALBUMS_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_list_says_what_is_here_and_opens_no_library(ask: Ask, run: Run, place: Path) -> None:
    rows = ask("models", "list")
    assert Models.model_validate({"models": rows})
    states = {(row["id"], row["kind"]): row["state"] for row in rows}
    assert states["basic", "embedder"] == states["basic", "captioner"] == "chosen"
    assert states["clip-vit-b-32-256", "embedder"] == "absent"
    assert run("models", "list")[0] == 0
    assert not place.exists()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("use", "clip-vit-b-32-256"), 9),
        (("use", "nonsense"), 2),
        (("pull", "nonsense"), 2),
        (("verify", "nonsense"), 2),
        (("bench", "nonsense"), 2),
        (("bench", "florence-2-base"), 9),
    ],
)
def test_a_model_that_is_not_here_is_a_sentence(
    run: Run, arguments: tuple[str, ...], status: int
) -> None:
    ended, _, err = run("models", *arguments)
    assert ended == status
    assert err.startswith("albums: ")


def test_a_half_model_is_not_whole(run: Run, shelf: Path) -> None:
    folder = shelf / "clip-vit-b-32-256"
    folder.mkdir(parents=True)
    (folder / "open_clip_model.safetensors").write_bytes(b"not a model")
    status, out, err = run("models", "verify", "clip-vit-b-32-256")
    assert status == 1
    assert "0 of 1 files are whole" in out
    assert "pull brings it again" in err


def test_a_choice_reaches_the_box_that_runs(start: Start, place: Path) -> None:
    first = start("search", "-")
    assert first.stdin
    assert first.stdout
    first.stdin.write("year:2024\n")
    first.stdin.flush()
    assert first.stdout.readline()
    with reach(load_settings(place)) as box:
        active = box.ask("POST", "/api/v1/models/changed")
    assert active["embedder"].startswith("basic")
    first.communicate(timeout=30)


def test_a_process_that_is_guarded_says_who_may_fetch_a_model(place: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from albums.cli import main;"
        "from albums.identity.egress import guard; guard(Path(sys.argv.pop(), 'egress.jsonl'));"
        "main()"
    )
    arguments = ["models", "pull", "clip-vit-b-32-256", "--library", str(place), str(place)]
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 5
    assert ended.stderr.startswith("albums: A model is fetched by a process of its own.")
    assert "Traceback" not in ended.stderr
    assert len((place / "egress.jsonl").read_text().splitlines()) == 1  # it was not even tried
