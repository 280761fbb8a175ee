"""`albums verify`: what it says, and with which exit status it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import Ask, Run
from tests.upkeep.verify.shelves import flip


def originals(place: Path) -> list[Path]:
    return sorted(path for path in place.glob("originals/??/*") if path.suffix == ".jpg")


def test_a_rotten_file_ends_it_with_1_and_a_backup_brings_it_back(
    run: Run, ask: Ask, place: Path, photos: Path, tmp_path: Path
) -> None:
    ask("import", str(photos))
    status, out, _ = run("verify")
    assert status == 0
    assert "Nothing is wrong" in out
    shutil.copytree(place / "originals", tmp_path / "backup" / "originals")
    [rotten, *_] = originals(place)
    content = rotten.read_bytes()
    flip(rotten)
    status, out, err = run("verify")
    assert status == 1
    assert f"changed     originals/{rotten.parent.name}/{rotten.name}" in out
    assert "--repair-from" in err

    status, out, _ = run("verify", "--repair-from", str(tmp_path / "backup"))
    assert status == 0
    assert "repaired" in out
    assert rotten.read_bytes() == content
    assert ask("verify")["found"] == {}


def test_programs_get_every_finding(run: Run, ask: Ask, place: Path, photos: Path) -> None:
    ask("import", str(photos))
    gone = originals(place)[0]
    gone.unlink()
    status, out, _ = run("verify", "--json")
    assert status == 1
    report = json.loads(out)
    assert report["may_be_lost"] == 1
    assert [finding["kind"] for finding in report["findings"]] == ["missing"]
    assert report["run"]["round_ended"] is True


def test_a_slice_says_what_is_left(run: Run, ask: Ask, photos: Path) -> None:
    ask("import", str(photos))
    status, out, _ = run("verify", "--seconds", "0")
    assert status == 0
    assert "4 are left for the next run" in out
    assert ask("verify", "--rate", "1000")["run"]["read"] == 4
    assert ask("verify", "--anew")["run"]["total"] == 4


def test_what_is_no_backup_and_no_rate_is_said(run: Run, tmp_path: Path) -> None:
    status, _, err = run("verify", "--repair-from", str(tmp_path))
    assert status == 2
    assert "holds no copies of originals" in err
    status, _, err = run("verify", "--rate", "0")
    assert status == 2
    assert "--rate must be more than 0" in err


def test_an_import_of_the_same_folder_heals_what_is_damaged(
    run: Run, ask: Ask, place: Path, photos: Path
) -> None:
    ask("import", str(photos))
    rotten, gone, _ = originals(place)
    flip(rotten)
    gone.unlink()
    assert run("verify")[0] == 1
    report = ask("import", str(photos))
    assert (report["known"], report["duplicate"]) == (2, 2)
    assert ask("verify")["found"] == {}
