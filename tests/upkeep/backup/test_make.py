"""What was acknowledged is in the backup, whole, and only what is new is copied."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from albums.errors import AlbumsError, BadInput, Conflict, DiskFull
from albums.ingest.receive import Receiver
from albums.upkeep.backup import back_up, restore_library, run
from albums.upkeep.backup.folder import BackupFolder
from albums.upkeep.backup.manifest import BackupDamaged, read_manifest
from albums.upkeep.backup.record import note, read_record
from albums.upkeep.backup.report import Progress
from albums.upkeep.backup.source import canonical_hash, copy_database
from albums.vault.rereading import read_from_disk
from tests.upkeep.backup.kept import Kept, files, flip, full_after, opened


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with opened(tmp_path / "library", tmp_path / "disk") as kept:
        yield kept


def test_a_snapshot_holds_everything_under_its_hash(kept: Kept) -> None:
    shas = kept.take(b"one", b"two", b"three")
    kept.edit(shas[0], "Low tide")
    report = kept.back_up()
    assert (report.assets, report.new_originals, report.new_sidecars) == (3, 3, 3)
    assert report.lost == []
    held = {entry.path: entry for entry in kept.manifest().entries}
    assert {"albums.db", "audit.jsonl", "backups.json"} <= held.keys()
    backup = BackupFolder(kept.target)
    for sha in shas:
        for path in (str(kept.original(sha)), f"originals/{sha[:2]}/{sha}.sidecar.json"):
            stored = backup.place(held[path], report.snapshot)
            assert stored.read_bytes() == (kept.folder / path).read_bytes()
    copy = kept.target / "snapshots" / report.snapshot / "library" / "albums.db"
    with closing(sqlite3.connect(copy)) as db:
        db.row_factory = sqlite3.Row
        assert canonical_hash(db) == kept.manifest().about["canonical"]


def test_a_second_run_copies_only_what_is_new(kept: Kept) -> None:
    first = kept.take(b"one", b"two")
    kept.back_up()
    kept.edit(first[0], "Low tide")
    kept.take(b"three")
    report = kept.back_up()
    assert (report.assets, report.new_originals, report.new_sidecars) == (3, 1, 2)
    assert len(BackupFolder(kept.target).stamps()) == 2


def test_an_edit_and_an_upload_in_the_middle_leave_a_snapshot_of_one_moment(kept: Kept) -> None:
    """The database of a snapshot never knows less or more than its sidecars."""
    shas = kept.take(*(f"photo {n}".encode() for n in range(12)))
    before = set(kept.canonical())
    changed = threading.Event()

    def change(progress: Progress) -> None:
        if progress.files_done == 15 and not changed.is_set():
            changed.set()
            for sha in shas:
                kept.edit(sha, "while it runs")
            kept.take(b"new while it runs")

    report = back_up(kept.albums.library, kept.target, show=change)
    assert changed.is_set()
    assert report.lost == []
    assert report.assets == 13
    assert kept.check(kept.folder).whole
    copied = {
        entry.path: BackupFolder(kept.target).place(entry, "").read_text()
        for entry in kept.manifest().entries if entry.kind == "sidecar"
    }  # fmt: skip
    assert sum("while it runs" in text for text in copied.values()) == 12
    assert set(kept.canonical()) != before


def test_writers_that_never_rest_do_not_tear_a_snapshot(kept: Kept, tmp_path: Path) -> None:
    shas = kept.take(*(f"photo {n}".encode() for n in range(12)))
    ending = threading.Event()

    def write() -> None:
        number = 0
        while not ending.is_set():
            number += 1
            kept.edit(shas[number % 12], f"title {number}")
            kept.take(f"photo while {number}".encode())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        reports = [kept.back_up() for _ in range(2)]
    finally:
        ending.set()
        writer.join()
    assert all(report.lost == [] for report in reports)
    for number, report in enumerate(reports):
        assert kept.check(kept.folder, report.snapshot).whole
        place = tmp_path / f"restored-{number}"
        restore_library(kept.target, place, report.snapshot)
        with closing(sqlite3.connect(place / "albums.db")) as db:
            titles = dict(
                db.execute(
                    """select a.sha, c.title from assets a join captions c on c.asset_id = a.id
                       where author = 'person'
                         and a.id not in (select asset_id from owed_sidecars) -- nor acknowledged"""
                )
            )
        for sha, title in titles.items():
            sidecar = place / "originals" / sha[:2] / f"{sha}.sidecar.json"
            assert f'"{title}"' in sidecar.read_text()


def test_an_arrival_whose_sidecar_is_about_to_be_named_is_taken_whole(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are committed a moment before the sidecar has its name."""
    committed, backing_up = threading.Event(), threading.Event()
    real = Receiver._finish

    def late(*given: Any) -> None:
        committed.set()
        backing_up.wait(10)
        time.sleep(0.3)
        real(*given)

    monkeypatch.setattr(Receiver, "_finish", late)
    sending = threading.Thread(target=kept.take, args=[b"one"])
    sending.start()
    assert committed.wait(10)
    report = back_up(kept.albums.library, kept.target, show=lambda progress: backing_up.set())
    sending.join()
    assert (report.assets, report.lost) == (1, [])
    assert kept.check(kept.folder).whole


def test_what_was_purged_is_in_older_snapshots_only(kept: Kept, tmp_path: Path) -> None:
    gone, stays = kept.take(b"gone", b"stays")
    old = kept.back_up()
    kept.purge(gone)
    new = kept.back_up()
    assert new.assets == 1
    assert new.lost == []
    assert not any(gone in entry.path for entry in kept.manifest().entries)
    assert kept.check(kept.folder, old.snapshot).whole
    restore_library(kept.target, tmp_path / "back", new.snapshot)
    with opened(tmp_path / "back", tmp_path / "none") as back:
        assert [
            line for line in back.canonical() if gone in line and '"type":"asset"' in line
        ] == []
        assert back.take(b"gone") != []
    assert stays


def test_what_is_purged_while_it_is_copied_is_not_called_lost(kept: Kept) -> None:
    shas = kept.take(b"one", b"two", b"three")
    purged: list[str] = []

    def purge(progress: Progress) -> None:
        if progress.doing == "Finishing" and not purged:
            purged.append(shas[1])
            kept.purge(shas[1])

    with pytest.MonkeyPatch.context() as patch:  # nothing is copied ahead: all of it comes late
        patch.setattr(run.Run, "_copy_ahead", lambda run, files: None)
        report = back_up(kept.albums.library, kept.target, show=purge)
    assert purged
    assert report.lost == []
    assert report.assets == 2
    assert kept.check(kept.folder).whole


def test_a_file_that_the_library_lost_is_named_and_nothing_old_is_removed(kept: Kept) -> None:
    one, two = kept.take(b"one", b"two")
    kept.back_up()
    new = kept.take(b"three")[0]
    for sha in (one, new):
        (kept.folder / kept.original(sha)).unlink()
    report = kept.back_up(keep=1)
    assert [left.path for left in report.lost] == [str(kept.original(new))]
    assert report.removed_snapshots == []
    held = {entry.path for entry in kept.manifest().entries}
    assert str(kept.original(one)) in held  # the backup still has it
    assert two


def test_a_rotten_original_does_not_get_into_the_backup(kept: Kept) -> None:
    [sha] = kept.take(b"one")
    flip(kept.folder / kept.original(sha))
    report = kept.back_up()
    assert "hash" in report.lost[0].why
    assert not (kept.target / kept.original(sha)).exists()


def test_only_the_newest_snapshots_are_kept_and_what_only_old_ones_held_goes(kept: Kept) -> None:
    gone, stays = kept.take(b"gone", b"stays")
    original = kept.target / kept.original(gone)
    stamps = [kept.back_up().snapshot]
    assert original.exists()
    kept.purge(gone)
    for number in range(3):
        kept.edit(stays, f"title {number}")
        stamps.append(kept.back_up(keep=2).snapshot)
    assert BackupFolder(kept.target).stamps() == stamps[-2:]
    assert not original.exists()
    assert len(list(kept.target.glob("sidecars/??/*"))) == 2
    assert all(kept.check(kept.folder, stamp).whole for stamp in stamps[-2:])


def test_what_it_did_not_make_is_never_removed(kept: Kept) -> None:
    kept.take(b"one")
    first = kept.back_up()
    foreign = [
        kept.target / "letter.txt",
        kept.target / "originals" / "note.txt",
        kept.target / "originals" / "ab" / ("ab" * 32 + ".jpg"),
        kept.target / "sidecars" / "mine.json",
        kept.target / "snapshots" / first.snapshot / "mine.txt",
        kept.target / "snapshots" / "mine" / "mine.txt",
    ]
    for path in foreign:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    for _ in range(3):
        kept.back_up(keep=1)
    assert all(path.read_text() == "mine" for path in foreign)
    assert first.snapshot in BackupFolder(kept.target).stamps()


@pytest.mark.parametrize("place", ["library/inside", "library", "."])
def test_a_target_in_or_around_the_library_is_refused(kept: Kept, place: str) -> None:
    with pytest.raises(BadInput, match="one within the other"):
        back_up(kept.albums.library, kept.folder.parent / place)


def test_a_folder_with_other_things_is_refused(kept: Kept) -> None:
    kept.target.mkdir()
    (kept.target / "holiday.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds other things"):
        kept.back_up()
    assert files(kept.target) == {"holiday.txt": b"mine"}


@pytest.mark.parametrize("cut_off", ["before its mark", "while it is marked"])
def test_a_first_backup_that_was_cut_off_at_once_goes_on(kept: Kept, cut_off: str) -> None:
    kept.take(b"one")
    kept.target.mkdir()
    (kept.target / "backup.lock").touch()
    if cut_off == "while it is marked":
        (kept.target / f".backup.json.{uuid.uuid4().hex}.new").write_text("{")
    kept.back_up()
    assert len(BackupFolder(kept.target).stamps()) == 1
    assert not list(kept.target.glob(".*"))


def test_nothing_is_made_in_the_root_of_this_machine(kept: Kept) -> None:
    with pytest.raises(BadInput, match="There is no folder"):
        back_up(kept.albums.library, Path("/no-disk-of-albums-is-here"))


def test_a_disk_that_is_not_mounted_is_refused(kept: Kept) -> None:
    kept.take(b"one")
    kept.back_up()
    away = kept.target.rename(kept.target.with_name("away"))
    with pytest.raises(Conflict, match="does not hold the backup"):
        kept.back_up()
    assert not kept.target.exists()
    kept.target.mkdir()  # the empty mount point
    with pytest.raises(Conflict, match="does not hold the backup"):
        kept.back_up()
    assert list(kept.target.iterdir()) == []
    assert back_up(kept.albums.library, kept.target, new_disk=True).new_originals == 1
    assert away


def test_a_disk_that_goes_away_in_the_middle_ends_the_run(kept: Kept) -> None:
    kept.take(b"one", b"two")
    kept.back_up()
    kept.take(b"three")

    def unplug(progress: Progress) -> None:
        if progress.files_done == 3:
            kept.target.rename(kept.target.with_name("away"))
            kept.target.mkdir()

    with pytest.raises(AlbumsError, match="does not answer"):
        back_up(kept.albums.library, kept.target, show=unplug)
    assert list(kept.target.rglob("manifest.jsonl")) == []


def test_two_runs_at_once_are_refused(kept: Kept) -> None:
    kept.take(b"one")
    refused: list[str] = []

    def again(progress: Progress) -> None:
        if not refused:
            with pytest.raises(Conflict, match="Another backup") as error:
                kept.back_up()
            refused.append(str(error.value))

    back_up(kept.albums.library, kept.target, show=again)
    assert refused


def test_without_room_it_says_so_before_it_writes(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take(b"one")
    usage = shutil.disk_usage(kept.folder)._replace(free=1000)
    monkeypatch.setattr("albums.upkeep.backup.folder.shutil.disk_usage", lambda place: usage)
    with pytest.raises(DiskFull, match="not enough room"):
        kept.back_up()
    assert not list(kept.target.glob("originals/*/*"))


def test_a_disk_that_fills_up_anywhere_leaves_a_backup_that_goes_on(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first write, some writes later, and so on, until a run gets through."""
    kept.take(b"one")
    kept.back_up()
    failures = 0
    while True:
        known = kept.take(*(f"{n} of {failures}".encode() for n in range(2)))
        before = kept.manifest().about["assets"]
        try:
            with full_after(4 * failures, kept.target, monkeypatch):
                kept.back_up()
            break
        except DiskFull:
            failures += 1
        assert kept.manifest().about["assets"] in (before, before + len(known))
        assert kept.check(kept.folder).whole
        assert kept.back_up().assets == before + len(known)
        assert not list(kept.target.rglob(".*"))
    assert failures > 4
    assert kept.check(kept.folder).assets == 3 + 2 * failures


_ON_TMPFS = """
set -e
mount -t tmpfs -o size=24m tmpfs "$1"
"$2" -c "$3" "$1" "$4"
"""
_FULL = """
import sys, os
from pathlib import Path
from albums.errors import DiskFull
from tests.upkeep.backup.kept import opened
disk, library = Path(sys.argv[1]), Path(sys.argv[2])
with opened(library, disk / "backup") as kept:
    kept.take(*(os.urandom(100_000) for n in range(20)))
    first = kept.back_up()
    kept.take(*(os.urandom(400_000) for n in range(20)))
    filler = disk / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"x" * 65536); file.flush()
        except OSError:
            pass
    os.truncate(filler, filler.stat().st_size - 3_000_000)
    import albums.upkeep.backup.run as run
    run.expect_room = lambda place, needed, hint: None  # others take the room meanwhile
    try:
        kept.back_up()
    except DiskFull as error:
        assert kept.manifest().about["assets"] == 20, "half a snapshot counts"
        assert kept.check(library).whole
        filler.unlink()
        report = kept.back_up()
        assert report.assets == 40 and 0 < report.new_originals < 20, report
        assert kept.check(library).whole
        print("went on")
"""


def test_a_small_disk_that_fills_up_for_real_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        can = subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        can = False
    if not can:
        pytest.skip("this machine gives no namespace in which a small disk can be mounted")
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", _ON_TMPFS, "sh", str(disk), sys.executable, _FULL,
         str(tmp_path / "library")],
        capture_output=True, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.stdout == "went on\n", done.stderr


def test_a_disk_that_does_not_keep_what_is_written_is_noticed(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take(b"one")

    def rotten(path: Path) -> Any:
        flip(path)
        return read_from_disk(path)

    monkeypatch.setattr("albums.upkeep.backup.copy.read_from_disk", rotten)
    with pytest.raises(BackupDamaged, match="does not give back"):
        kept.back_up()


def test_a_manifest_that_rots_is_not_believed_and_nothing_is_removed(kept: Kept) -> None:
    kept.take(b"one")
    old = kept.back_up().snapshot
    flip(kept.target / "snapshots" / old / "manifest.jsonl", 30)
    with pytest.raises(BackupDamaged, match="damaged"):
        read_manifest(kept.target / "snapshots" / old)
    report = kept.back_up(keep=1)
    assert report.removed_snapshots == []
    assert report.warnings[-1] == f"The lists of {old} are damaged"
    assert kept.check(kept.folder).whole


def test_a_run_that_was_stopped_goes_on(kept: Kept) -> None:
    kept.take(*(f"photo {n}".encode() for n in range(10)))

    class Enough(AlbumsError):
        pass

    def stop(progress: Progress) -> None:
        if progress.files_done == 8:
            raise Enough("Enough")

    with pytest.raises(Enough):
        back_up(kept.albums.library, kept.target, show=stop)
    assert BackupFolder(kept.target).stamps() == []
    report = kept.back_up()
    assert report.new_originals < 10
    assert kept.check(kept.folder).whole


def test_what_a_run_that_was_stopped_copied_needs_no_room_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take(os.urandom(5_000_000), os.urandom(5_000_000))

    class Enough(AlbumsError):
        pass

    def stop(progress: Progress) -> None:
        if progress.doing == "Finishing":
            raise Enough("Enough")

    with pytest.raises(Enough):
        back_up(kept.albums.library, kept.target, show=stop)
    monkeypatch.setattr("albums.upkeep.backup.run._SPARE", 0)
    usage = shutil.disk_usage(kept.folder)._replace(free=4_000_000)
    monkeypatch.setattr("albums.upkeep.backup.folder.shutil.disk_usage", lambda place: usage)
    assert kept.back_up().new_originals == 0


def test_an_original_that_cannot_be_opened_is_named(kept: Kept) -> None:
    [sha] = kept.take(b"one")
    path = kept.folder / kept.original(sha)
    path.unlink()
    path.symlink_to(path)
    [lost] = kept.back_up().lost
    assert "cannot be read" in lost.why


def test_the_record_says_when_backups_were_made(kept: Kept) -> None:
    kept.take(b"one")
    first = kept.back_up()
    note(kept.folder, kept.target, last_drill={"whole": True})
    second = kept.back_up()
    about = read_record(kept.folder)[str(kept.target)]
    assert about["first_backup"] == first.at
    assert about["last_backup"]["snapshot"] == second.snapshot
    assert about["last_drill"] == {"whole": True}
    assert about["id"] == BackupFolder(kept.target).id


def test_a_log_is_as_it_was_at_the_moment_whatever_is_added_while_it_is_copied(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take(b"one")
    log = kept.folder / "audit.jsonl"
    before = log.read_bytes()
    with log.open("ab") as end:
        end.write(b'{"half of a li')

    def meanwhile(*given: Any) -> None:
        copy_database(*given)
        with log.open("ab") as end:
            end.write(b'ne": 1}\n')

    monkeypatch.setattr(run, "copy_database", meanwhile)
    report = kept.back_up()
    copied = kept.target / "snapshots" / report.snapshot / "library" / "audit.jsonl"
    assert copied.read_bytes() == before
    log.write_bytes(before)
    assert kept.check(kept.folder).whole


def test_a_log_that_becomes_shorter_while_it_is_copied_is_no_backup(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take(b"one")
    log = kept.folder / "audit.jsonl"

    def meanwhile(*given: Any) -> None:
        copy_database(*given)
        os.truncate(log, 10)

    monkeypatch.setattr(run, "copy_database", meanwhile)
    with pytest.raises(AlbumsError, match="became shorter"):
        kept.back_up()
    assert list(kept.target.rglob("manifest.jsonl")) == []
