"""What a person likes, said in the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ask, Run

pytestmark = pytest.mark.slow


def kept_out(ask: Ask) -> list[str]:
    return [look["look"] for look in ask("prefer")["looks"] if look["kept_out"]]


def test_looks_are_taken_off_the_timeline_and_put_back(ask: Ask, run: Run, place: Path) -> None:
    assert kept_out(ask) == []
    status, out, _ = run("prefer", "--without", "Screenshots", "--without", "meme")
    assert (status, out.count("kept out"), out.count("shown")) == (0, 2, 2)
    assert kept_out(ask) == ["screenshot", "meme"]
    file = json.loads((place / "preferences.json").read_bytes())
    assert file == {"kept_out_of_timeline": ["meme", "screenshot"]}
    ask("prefer", "--with", "screenshots", "--without", "receipts")
    assert kept_out(ask) == ["receipt", "meme"]


def test_what_makes_no_sense_is_said(ask: Ask, run: Run) -> None:
    status, _, err = run("prefer", "--without", "selfies")
    assert (status, "no look called selfie" in err, "screenshots" in err) == (2, True, True)
    status, _, err = run("prefer", "--without", "memes", "--with", "memes")
    assert (status, "or off it?" in err) == (2, True)
    assert kept_out(ask) == []
