"""The database is made anew, and what it holds written down, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

from albums.library.lock import hold
from tests.cli.conftest import Ask, Run, Start


def test_a_rebuild_brings_the_same_library_back(
    ask: Ask, run: Run, photos: Path, place: Path, tmp_path: Path
) -> None:
    ask("import", str(photos), "--wait")
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert run("export", "--canonical", str(first))[0] == 0
    for path in place.glob("albums.db*"):
        path.unlink()
    status, _, err = run("status")
    assert status == 8
    assert "albums rebuild" in err
    done = ask("rebuild", "--pictures")
    assert (done["assets"], done["anew"], done["before"]) == (4, [], None)
    assert not (place / "pictures").exists()
    assert run("export", "--canonical", str(second))[0] == 0
    assert second.read_bytes() == first.read_bytes()
    assert {json.loads(line)["type"] for line in first.read_text().splitlines()} == {
        "canonical", "asset", "audit", "import", "part", "entry",
    }  # fmt: skip


def test_an_export_comes_from_the_running_box_as_it_is(
    run: Run, start: Start, photos: Path
) -> None:
    assert run("import", str(photos))[0] == 0
    box = start("serve", "--local", "--port", "0")
    assert box.stdout
    assert box.stdout.readline()
    exporting = start("export", "--canonical", "-")
    out, err = exporting.communicate(timeout=60)
    assert exporting.returncode == 0, err
    assert json.loads(out.splitlines()[0]) == {"type": "canonical", "version": 1}
    assert box.poll() is None


def test_a_rebuild_needs_the_library_alone(run: Run, photos: Path, place: Path) -> None:
    assert run("import", str(photos))[0] == 0
    with hold(place):
        status, _, err = run("rebuild")
    assert status == 8
    assert "end it first" in err


def test_there_is_nothing_to_rebuild_where_there_is_no_library(run: Run, place: Path) -> None:
    status, _, err = run("rebuild")
    assert status == 4
    assert "no library" in err
    assert not place.exists()


def test_what_is_odd_is_told_and_ends_with_3(run: Run, photos: Path, place: Path) -> None:
    assert run("import", str(photos))[0] == 0
    original = next(place.glob("originals/*/*.jpg"))
    original.unlink()
    status, out, err = run("rebuild")
    assert status == 3
    assert "4 assets are back" in out
    assert f"{original.stem}.sidecar.json: the original is missing" in err


def test_an_export_that_cannot_be_written_leaves_no_half_of_it(
    run: Run, photos: Path, tmp_path: Path
) -> None:
    assert run("import", str(photos))[0] == 0
    status, _, err = run("export", "--canonical", str(tmp_path / "no" / "such" / "folder.jsonl"))
    assert status == 2
    assert "cannot be written" in err
    folder = tmp_path / "folder"
    folder.mkdir()
    assert run("export", "--canonical", str(folder))[0] == 2
    assert [path.name for path in tmp_path.glob(".*")] == []
