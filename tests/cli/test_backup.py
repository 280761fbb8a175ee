"""`albums backup`, its drill and `albums restore-library`, also through a pulled plug."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from albums.library.lock import RESTORING
from tests.cli.conftest import Ask, Run, Start

pytestmark = pytest.mark.slow

_SIZE = 300_000  # bytes of an original


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder with 40 files that take a moment to copy."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.bin").write_bytes(os.urandom(_SIZE))
    return folder


def killed_when(process: subprocess.Popen[str], true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


def originals(place: Path) -> int:
    return sum(path.suffix != ".json" for path in place.glob("originals/??/[0-9a-f]*"))


def test_a_backup_is_made_tried_and_brought_back(
    ask: Ask, run: Run, photos: Path, place: Path, tmp_path: Path
) -> None:
    ask("import", str(photos))
    target = tmp_path / "disk"
    status, out, err = run("backup", str(target))
    assert (status, "4 assets" in out) == (0, True), err
    assert "own disk" in err
    assert ask("backup", str(target))["new_originals"] == 0
    status, out, _ = run("backup", "check", str(target))
    assert (status, out.startswith("Everything came back as it was")) == (0, True)
    assert ask("backup", "list")["backups"][0]["last_good_drill"]["whole"] is True
    assert "last good drill 20" in run("backup", "list")[1]
    assert "last good drill 0 days ago" in run("status")[1]
    before = ask("search", "type:photo")
    place.rename(tmp_path / "burnt")
    assert ask("restore-library", str(target))["assets"] == 4
    assert ask("search", "type:photo") == before
    assert run("restore-library", str(target))[0] == 6


def test_a_damaged_backup_says_which_file_and_ends_with_1(
    ask: Ask, run: Run, photos: Path, tmp_path: Path
) -> None:
    ask("import", str(photos))
    target = tmp_path / "disk"
    ask("backup", str(target))
    rotten = next(target.glob("originals/??/*.jpg"))
    content = bytearray(rotten.read_bytes())
    content[100] ^= 1
    rotten.write_bytes(content)
    status, out, err = run("backup", "check", str(target))
    assert (status, "DAMAGED" in out) == (1, True)
    assert rotten.name in err
    assert ask("backup", str(target))["new_originals"] == 1
    assert run("backup", "check", str(target))[0] == 0


def test_the_target_may_come_from_the_settings(
    ask: Ask, run: Run, photos: Path, place: Path, tmp_path: Path
) -> None:
    status, _, err = run("backup")
    assert (status, "backup_to" in err) == (2, True)
    ask("import", str(photos))
    (place / "albums.toml").write_text(f'backup_to = "{tmp_path / "disk"}"\n')
    assert ask("backup")["target"] == str(tmp_path / "disk")
    assert ask("backup", "check")["whole"] is True


def test_a_backup_that_is_killed_is_not_whole_and_the_next_goes_on(
    ask: Ask, start: Start, many: Path, tmp_path: Path
) -> None:
    ask("import", str(many))
    target = tmp_path / "disk"
    killed_when(start("backup", str(target)), lambda: originals(target) >= 20)
    assert list(target.glob("snapshots/*/manifest.jsonl")) == []
    there = originals(target)
    assert there < 40
    report = ask("backup", str(target))
    assert report["assets"] == 40
    assert report["new_originals"] <= 40 - there + 1
    assert ask("backup", "check", str(target))["whole"] is True
    assert not list(target.rglob(".*"))


def test_a_backup_goes_on_when_the_box_that_makes_it_is_killed(
    ask: Ask, start: Start, many: Path, tmp_path: Path
) -> None:
    ask("import", str(many))
    target = tmp_path / "disk"
    box = start("search", "-")
    assert box.stdin
    assert box.stdout
    box.stdin.write("year:2024\n")
    box.stdin.flush()
    box.stdout.readline()
    backup = start("backup", str(target), "--json")
    killed_when(box, lambda: originals(target) >= 5)
    out, err = backup.communicate(timeout=60)
    assert backup.returncode == 0, err
    report = json.loads(out)
    assert report["assets"] == 40
    assert report["new_originals"] < 40  # what the first box copied counts


def test_a_restore_that_is_killed_is_no_library_and_goes_on(
    ask: Ask, run: Run, start: Start, many: Path, place: Path, tmp_path: Path
) -> None:
    ask("import", str(many))
    target = tmp_path / "disk"
    ask("backup", str(target))
    place.rename(tmp_path / "burnt")
    killed_when(start("restore-library", str(target)), lambda: originals(place) >= 20)
    assert (place / RESTORING).exists()
    status, _, err = run("status")
    assert (status, "restore-library" in err) == (8, True)
    there = originals(place)
    status, out, _ = run("restore-library", str(target), "--json")
    assert status == 0
    report = json.loads(out)
    assert report["assets"] == 40
    assert report["there"] >= there > 0
    assert not (place / RESTORING).exists()
    with closing(sqlite3.connect(place / "albums.db")) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    assert ask("status")["assets"]["total"] == 40
    assert not list(place.glob("originals/??/.*"))
