"""The trash and the receipts in the shell, through the box."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from albums.library.receipts import read_receipts
from tests.cli.conftest import Ask, Run

pytestmark = pytest.mark.slow


@pytest.fixture
def shas(ask: Ask, photos: Path) -> list[str]:
    ask("import", str(photos))
    return sorted(asset["sha"] for asset in ask("search", "kind:photo")["assets"])


def total(ask: Ask, query: str = "") -> Any:
    return ask("search", query)["total"]


def test_what_is_thrown_away_is_listed_and_comes_back(ask: Ask, run: Run, shas: list[str]) -> None:
    status, out, _ = run("trash", shas[0][:10], shas[1])
    assert (status, "2 assets are in the trash for 30 days" in out) == (0, True)
    trash = ask("trash", "--list")
    assert {asset["sha"] for asset in trash["assets"]} == set(shas[:2])
    assert [asset["days_left"] for asset in trash["assets"]] == [30, 30]
    status, out, _ = run("trash")
    assert status == 0
    assert shas[0][:10] in out
    assert ask("restore", shas[0], shas[1]) == {"restored": shas[:2]}
    assert ask("trash")["total"] == 0


def test_what_is_not_in_the_trash_is_not_said_to_be_back(
    ask: Ask, run: Run, shas: list[str]
) -> None:
    ask("trash", shas[0])
    status, _, err = run("restore", shas[0], shas[1])
    assert (status, "is not in the trash" in err, shas[1][:10] in err) == (6, True, True)
    assert ask("trash")["total"] == 1


def test_one_wrong_name_throws_nothing_away(ask: Ask, run: Run, shas: list[str]) -> None:
    assert run("trash", shas[0], "0" * 64)[0] == 4
    assert ask("trash")["total"] == 0


def test_nothing_goes_for_good_without_a_word(
    ask: Ask, run: Run, shas: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("trash", *shas)
    asked = list[str]()
    monkeypatch.setattr("typer.confirm", lambda text, **_: asked.append(text))
    assert run("trash", "--empty")[0] == 1
    assert run("trash", "--purge", shas[0])[0] == 1
    assert ["3 assets" in asked[0], ".jpg" in asked[1]] == [True, True]
    assert ask("trash")["total"] == 3
    assert ask("trash", "--purge", shas[0], "--yes")["assets"] == 1
    assert ask("trash", "--empty", "--yes")["assets"] == 2
    assert ask("trash", "--empty", "--yes")["assets"] == 0


def test_a_folder_does_not_bring_back_what_is_gone_unless_asked(
    ask: Ask, run: Run, shas: list[str], photos: Path, tmp_path: Path
) -> None:
    ask("trash", *shas[:2])
    ask("trash", "--purge", shas[0], "--yes")
    before = total(ask)
    assert ask("import", str(photos))["known"] == 4
    copy = tmp_path / "copy"
    shutil.copytree(photos, copy)
    report = ask("import", str(copy))
    assert (report["deleted"], report["ingested"]) == (2, 0)
    status, _, err = run("restore", shas[0])
    assert (status, "deleted by you on" in err, "import --again" in err) == (4, True, True)
    assert total(ask) == before
    assert ask("import", str(photos), "--again")["ingested"] == 1
    assert total(ask) == before + 2


@pytest.mark.parametrize("arguments", [["--purge"], ["--list", "--empty"], ["abcdef", "--empty"]])
def test_what_does_not_go_together_is_refused(run: Run, arguments: list[str]) -> None:
    assert run("trash", *arguments)[0] == 2


def test_receipts_are_shown_and_checked(
    ask: Ask, run: Run, shas: list[str], place: Path, given: list[str]
) -> None:
    assert [receipt["id"] for receipt in ask("receipts")["receipts"]] == given
    assert ask("receipts", "--check")["whole"] == 3
    assert "3 whole" in run("receipts", "--check")[1]
    ask("trash", shas[0])
    (damaged,) = (place / "originals").glob(f"??/{shas[1]}.jpg")
    damaged.chmod(0o644)
    damaged.write_bytes(bytes(damaged.stat().st_size))
    status, out, err = run("receipts", "--check")
    assert status == 1
    assert "1 whole, 1 deleted by you since, 1 DAMAGED" in out
    assert shas[1][:10] in err
    alone = [r.id for r in read_receipts(place / "receipts.jsonl") if r.sha == shas[2]]
    assert ask("receipts", *alone, "--check")["whole"] == 1
    assert run("receipts", "0" * 16)[0] == 4


@pytest.fixture
def given(shas: list[str], place: Path) -> list[str]:
    """Ids of receipts for all three photos, newest first."""
    from albums.cli.box import reach
    from albums.settings import load_settings

    with reach(load_settings(place)) as box:
        answer = box.ask("POST", "/api/v1/receipts", json={"hashes": shas})
    return [receipt["id"] for receipt in reversed(answer["receipts"])]
