"""Copies in the shell."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from albums.assembly import open_albums
from albums.settings import Settings
from tests.cli.conftest import Ask, Run
from tests.copies import find_copies
from tests.scenes import jpeg, scene

pytestmark = pytest.mark.slow


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, content in (
        ("a.jpg", jpeg(scene(1), comment="longer")),
        ("b.jpg", jpeg(scene(1))),
        ("c.jpg", jpeg(scene(2))),
        ("d.jpg", jpeg(scene(2).resize((240, 180)))),
    ):
        (folder / name).write_bytes(content)
    return folder


def test_copies_are_shown_merged_and_taken_back(
    ask: Ask, run: Run, copies: Path, place: Path
) -> None:
    ask("import", str(copies))
    with closing(open_albums(Settings(library=place, workers=1))) as albums:
        find_copies(albums)
    status, out, _ = run("dedupe", "--dry-run")
    assert status == 0
    assert out.count("keep") == 2
    assert "2 pictures have copies; 1 of those are exact." in out
    assert len(ask("dedupe", "--exact", "--dry-run")["groups"]) == 1
    done = ask("dedupe", "--yes")["merged"]
    assert (done["groups"], done["assets"]) == (1, 1)
    assert ask("search", "kind:photo")["total"] == 3
    assert ask("dedupe", "--near", "--yes")["merged"]["assets"] == 1
    assert ask("search", "kind:photo")["total"] == 2
    assert "Nothing was merged." in run("dedupe", "--yes")[1]
    status, out, _ = run("dedupe", "--undo", done["ids"][0])
    assert (status, out) == (0, "1 is as it was.\n")
    assert ask("search", "kind:photo")["total"] == 3
    assert run("dedupe", "--undo", "abcd")[0] == 4
