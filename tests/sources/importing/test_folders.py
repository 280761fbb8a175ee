"""A folder that was imported has a receipt, too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from albums.library.assets import asset_by_sha, now
from albums.library.tombstones import bury
from albums.sources.folder import import_folder
from albums.sources.importing.folders import prove_folder
from albums.sources.importing.importer import Asked, ExportProgress
from tests.sources.importing.exports import House, entries, photo, up_to_seal

Bring = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def bring(house: House, folder: Path) -> Bring:
    """Imports the folder; the lines of its newest receipt."""

    def bring() -> list[dict[str, Any]]:
        began_at, progress = now(), ExportProgress(str(folder), source="folder")
        import_folder(folder, house.importer.receiver, progress, Event())
        prove_folder(house.importer, folder, began_at, Asked((folder,)), progress)
        assert progress.state == "done"
        return house.receipt(progress.receipts[0])

    return bring


def test_every_file_is_read_back_and_listed(folder: Path, bring: Bring) -> None:
    (folder / "2024").mkdir()
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "2024" / "same.jpg").write_bytes(photo(1))
    (folder / "note.txt").write_text("hello")
    (folder / ".hidden").write_text("x")
    receipt = bring()
    assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
    fates = {path: line["fate"] for path, line in entries(receipt).items()}
    assert fates.pop(".hidden") == "left out"
    assert sorted(fates.values()) == ["duplicate", "new", "not-media"]


def test_a_second_import_gives_the_same_receipt(house: House, folder: Path, bring: Bring) -> None:
    (folder / "a.jpg").write_bytes(photo(1))
    first = bring()
    assert up_to_seal(bring()) == up_to_seal(first)
    (folder / "b.jpg").write_bytes(photo(2))
    assert len(entries(bring())) == 2
    assert house.receipts() == [1, 2]


def test_a_file_that_cannot_be_read_is_red_until_it_is_read_or_gone(
    folder: Path, bring: Bring
) -> None:
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "dangling.jpg").symlink_to(folder / "nothing")
    receipt = bring()
    assert receipt[-1]["verdict"] == "red"
    assert entries(receipt)["dangling.jpg"]["fate"] == "failed"
    (folder / "dangling.jpg").unlink()
    assert bring()[-1]["verdict"] == "green"


def test_an_original_that_rotted_makes_the_receipt_red(
    house: House, folder: Path, bring: Bring
) -> None:
    (folder / "a.jpg").write_bytes(photo(1))
    bring()
    (folder / "b.jpg").write_bytes(photo(1))  # the library has these bytes, or so it believes
    asset = house.asset("a.jpg")
    path = house.importer.receiver.vault.originals.path(asset["sha"], asset["extension"])
    path.unlink()
    with house.importer.receiver.library.write() as db:
        db.execute("delete from checks")
    receipt = bring()
    assert receipt[-1]["verdict"] == "green"  # b.jpg brought the bytes back
    path.unlink()
    with house.importer.receiver.library.write() as db:
        db.execute("delete from checks")
    os.utime(folder, (0, 0))
    assert bring()[-1]["verdict"] == "red"


def test_what_the_owner_deleted_is_named_as_such(house: House, folder: Path, bring: Bring) -> None:
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "b.jpg").write_bytes(photo(2))
    bring()
    sha = house.asset("a.jpg")["sha"]
    with house.importer.receiver.library.write() as db:
        bury(db, asset_by_sha(db, sha), "local://test")
        db.execute("delete from assets where sha = ?", (sha,))
    receipt = bring()
    assert entries(receipt)["a.jpg"]["fate"] == "deleted by you"
    assert receipt[-1]["verdict"] == "red"
