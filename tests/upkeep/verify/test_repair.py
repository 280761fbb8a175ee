"""What a backup holds whole comes back; nothing good is replaced and nothing is thrown away."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from albums.errors import BadInput, DiskFull
from albums.upkeep.backup import back_up
from albums.upkeep.verify import Copies, Wanted
from albums.vault.originals import Originals
from tests.arrivals import arrival_of
from tests.upkeep.verify.shelves import Shelves, flip


def test_what_is_missing_comes_back_from_a_plain_folder(shelves: Shelves, tmp_path: Path) -> None:
    lost, half, whole = shelves.fill(3)
    content = shelves.original(lost).read_bytes()
    sidecar = shelves.vault.sidecars.read(lost)
    backup = shelves.back_up(tmp_path / "backup")
    shelves.original(lost).unlink()
    shelves.sidecar(lost).unlink()
    shelves.sidecar(half).write_bytes(b"{")
    untouched = shelves.original(whole).stat().st_ino

    progress = shelves.verify(copies=backup)
    assert sorted(repaired.outcome for repaired in progress.repaired) == ["repaired"] * 3
    assert shelves.original(lost).read_bytes() == content
    assert shelves.original(lost).stat().st_mode & 0o222 == 0
    assert shelves.vault.sidecars.read(lost) == sidecar
    assert shelves.original(whole).stat().st_ino == untouched
    assert shelves.findings() == []
    repairs = [e for e in shelves.receiver.audit.entries() if e.action == "repaired"]
    assert {entry.sha for entry in repairs} == {lost, half}


def test_what_is_missing_comes_back_from_a_backup_of_ours(shelves: Shelves, tmp_path: Path) -> None:
    shas = shelves.fill(4)
    rotten, lost, undescribed, _ = shas
    sidecar = shelves.vault.sidecars.read(undescribed)
    target = tmp_path.parent / f"{tmp_path.name}-backup"
    back_up(shelves.library, target)
    flip(shelves.original(rotten))
    shelves.original(lost).unlink()
    shelves.sidecar(lost).unlink()
    shelves.sidecar(undescribed).unlink()

    progress = shelves.verify(copies=target)
    assert [repaired.outcome for repaired in progress.repaired] == ["repaired"] * 4
    assert shelves.findings() == []
    assert shelves.vault.sidecars.read(undescribed) == sidecar
    for sha in shas:
        assert shelves.vault.originals.reread(sha, shelves.original(sha).suffix)
    shutil.rmtree(target)


def test_damaged_bytes_are_set_aside_with_the_reason(shelves: Shelves, tmp_path: Path) -> None:
    [sha] = shelves.fill(1)
    backup = shelves.back_up(tmp_path / "backup")
    flip(shelves.original(sha))
    damaged, name = shelves.original(sha).read_bytes(), shelves.original(sha).name
    shelves.verify(copies=backup)
    [aside] = (shelves.folder / "set-aside").glob(f"*{name}")
    assert aside.read_bytes() == damaged
    reason = json.loads(aside.with_name(f"{aside.name}.reason.json").read_text())
    assert "changed" in reason["why"]
    assert reason["path"] == f"originals/{sha[:2]}/{name}"


def test_a_copy_that_is_rotten_too_is_refused(shelves: Shelves, tmp_path: Path) -> None:
    [sha] = shelves.fill(1)
    flip(shelves.original(sha), 3)
    backup = shelves.back_up(tmp_path / "backup")
    damaged = shelves.original(sha).read_bytes()
    [repaired] = shelves.verify(copies=backup).repaired
    assert repaired.outcome == "bad-copy"
    assert shelves.original(sha).read_bytes() == damaged
    assert shelves.found() == {("changed", sha)}
    assert list(shelves.vault.originals.incoming.iterdir()) == []


def test_what_no_backup_holds_stays_a_finding(shelves: Shelves, tmp_path: Path) -> None:
    [sha] = shelves.fill(1)
    (tmp_path / "backup" / "originals").mkdir(parents=True)
    flip(shelves.original(sha))
    [repaired] = shelves.verify(copies=tmp_path / "backup").repaired
    assert repaired.outcome == "no-copy"
    assert shelves.found() == {("changed", sha)}


def test_a_rotten_version_of_a_sidecar_gives_way_to_an_older_one(
    shelves: Shelves, tmp_path: Path
) -> None:
    [sha] = shelves.fill(1)
    target = tmp_path.parent / f"{tmp_path.name}-backup"
    back_up(shelves.library, target)
    shelves.vault.sidecars.update(sha, lambda content: content.update(person={"tags": ["sea"]}))
    back_up(shelves.library, target)
    versions = list(Copies(target, shelves.folder).sidecars(sha))
    assert len(versions) == 2
    versions[0].chmod(0o644)
    versions[0].write_bytes(b"rotten")
    shelves.sidecar(sha).unlink()
    [repaired] = shelves.verify(copies=target).repaired
    assert repaired.outcome == "repaired"
    assert shelves.findings() == []
    shutil.rmtree(target)


def test_what_the_person_said_since_the_backup_is_not_undone(
    shelves: Shelves, tmp_path: Path
) -> None:
    [sha] = shelves.fill(1)
    backup = shelves.back_up(tmp_path / "backup")
    shelves.sidecar(sha).unlink()
    shelves.verify(copies=backup, known={"person": {"tags": ["sea"]}})
    sidecar = shelves.vault.sidecars.read(sha)
    assert sidecar
    assert sidecar["person"] == {"tags": ["sea"]}
    assert sidecar["arrivals"]


def test_a_sidecar_that_no_backup_holds_is_made_from_the_database(
    shelves: Shelves, tmp_path: Path
) -> None:
    receive = shelves.receiver.receive
    sha = receive(arrival_of(b"twice", "a.txt", folder="x", collections=("Trip",))).sha
    receive(arrival_of(b"twice", "b.txt", key="k7", modified_ns=5))
    before = shelves.vault.sidecars.read(sha)
    shelves.sidecar(sha).write_bytes(b"{")
    progress = shelves.verify(Wanted(copies=Copies(None, shelves.folder)))
    assert [repaired.outcome for repaired in progress.repaired] == ["repaired"]
    assert shelves.findings() == []
    assert before
    assert shelves.vault.sidecars.read(sha) == before | {"claims": []}


def test_a_disk_that_is_full_loses_nothing(
    shelves: Shelves, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [sha] = shelves.fill(1)
    backup = shelves.back_up(tmp_path / "backup")
    flip(shelves.original(sha))
    damaged = shelves.original(sha).read_bytes()

    def full(*arguments: object) -> None:
        raise DiskFull("There is no room")

    monkeypatch.setattr(Originals, "stage", full)
    with pytest.raises(DiskFull):
        shelves.verify(copies=backup)
    assert shelves.original(sha).read_bytes() == damaged
    assert shelves.found() == {("changed", sha)}


def test_a_folder_that_is_no_backup_is_refused_before_anything_is_read(
    shelves: Shelves, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no copies"):
        Copies(tmp_path / "empty", shelves.folder)
    with pytest.raises(BadInput, match="from itself"):
        Copies(shelves.folder, shelves.folder)
