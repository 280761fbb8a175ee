"""A library comes back from its backup as it was; the drill finds what would not."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from albums.assembly import open_albums
from albums.curate.preferences import keep_out_of_timeline
from albums.errors import AlbumsError, BadInput, Conflict, DiskFull, LibraryUnusable, NotFound
from albums.library.lock import RESTORING
from albums.library.migrations import MIGRATIONS
from albums.settings import Settings
from albums.upkeep.backup import check, check_backup, restore, restore_library
from albums.upkeep.backup.folder import BackupFolder
from albums.upkeep.backup.manifest import (
    BackupDamaged,
    Entry,
    Manifest,
    read_manifest,
    write_manifest,
)
from tests.upkeep.backup.kept import Kept, files, flip, full_after, opened


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Four assets, one edited, one in the trash, one purged, and a preference; in a backup of one
    snapshot."""
    with opened(tmp_path / "library", tmp_path / "disk") as kept:
        shas = kept.take(*(f"photo {n}".encode() for n in range(5)))
        kept.edit(shas[0], "Low tide")
        kept.purge(shas[1])
        keep_out_of_timeline(kept.rooms, ["meme"])
        kept.back_up()
        yield kept


def test_what_comes_back_is_what_was_there(kept: Kept, tmp_path: Path) -> None:
    report = restore_library(kept.target, tmp_path / "back")
    assert (report.assets, report.damaged, report.there) == (4, [], 0)
    before = {name: content for name, content in files(kept.folder).items() if "/" in name}
    back = files(tmp_path / "back")
    for name, content in before.items():
        if name.startswith("originals/"):
            assert back[name] == content
    for name in ("tombstones.json", "preferences.json"):
        assert (tmp_path / "back" / name).read_bytes() == (kept.folder / name).read_bytes()
    with opened(tmp_path / "back", tmp_path / "none") as other:
        assert other.canonical() == kept.canonical()
        assert other.albums.audit.check() == []


def test_originals_come_back_read_only_and_nothing_of_a_browser_does(
    kept: Kept, tmp_path: Path
) -> None:
    (kept.folder / "sessions.json").write_text("{}")
    kept.back_up()
    restore_library(kept.target, tmp_path / "back")
    modes = [p.stat().st_mode & 0o777 for p in (tmp_path / "back").glob("originals/??/*.txt")]
    assert set(modes) == {0o444}
    assert not (tmp_path / "back" / "sessions.json").exists()


def test_an_older_snapshot_can_be_named(kept: Kept, tmp_path: Path) -> None:
    [old] = BackupFolder(kept.target).stamps()
    kept.take(b"later")
    kept.back_up()
    assert restore_library(kept.target, tmp_path / "back", old).assets == 4
    with pytest.raises(NotFound, match=old):
        restore_library(kept.target, tmp_path / "other", "20010101T000000Z")


def test_only_pictures_are_to_be_made_again(kept: Kept, tmp_path: Path) -> None:
    with kept.albums.library.write() as db:
        db.execute("update work set state = 'done'")
    kept.back_up()
    restore_library(kept.target, tmp_path / "back")
    with opened(tmp_path / "back", tmp_path / "none") as other, other.albums.library.read() as db:
        progress = other.albums.ledger.progress(db)
    assert progress.pop("pictures") == {"open": 4}
    assert {state for states in progress.values() for state in states} == {"done"}


def test_a_library_that_is_not_empty_is_left_alone(kept: Kept, tmp_path: Path) -> None:
    place = tmp_path / "other"
    place.mkdir()
    (place / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(Conflict, match="not empty"):
        restore_library(kept.target, place)
    assert (place / "holiday.jpg").read_bytes() == b"mine"
    with pytest.raises(LibraryUnusable, match="another process"):
        restore_library(kept.target, kept.folder)


def test_this_boxs_own_settings_stay(kept: Kept, tmp_path: Path) -> None:
    (kept.folder / "albums.toml").write_text("port = 1\n")
    kept.back_up()
    place = tmp_path / "back"
    place.mkdir()
    (place / "albums.toml").write_text("port = 2\n")
    restore_library(kept.target, place)
    assert (place / "albums.toml").read_text() == "port = 2\n"
    restore_library(kept.target, tmp_path / "plain")
    assert (tmp_path / "plain" / "albums.toml").read_text() == "port = 1\n"


def test_half_a_restore_is_no_library_and_goes_on(kept: Kept, tmp_path: Path) -> None:
    place = tmp_path / "back"

    class PulledPlug(AlbumsError):
        pass

    def pull(done: int, total: int, size: int) -> None:
        if done == 5:
            raise PulledPlug("Pulled")

    with pytest.raises(PulledPlug):
        restore_library(kept.target, place, show=pull)
    with pytest.raises(LibraryUnusable, match="not whole"):
        open_albums(Settings(library=place, workers=1))
    kept.take(b"later")
    kept.back_up()
    with pytest.raises(Conflict, match="half of another restore"):
        restore_library(kept.target, place)
    begun = json.loads((place / RESTORING).read_bytes())["snapshot"]
    report = restore_library(kept.target, place, begun)
    assert (report.there, report.assets) == (5, 4)
    with opened(place, tmp_path / "none"):
        assert not (place / RESTORING).exists()


def test_a_rotten_original_is_named_and_the_rest_comes_back(kept: Kept, tmp_path: Path) -> None:
    rotten = sorted(kept.target.glob("originals/??/*"))[2]
    flip(rotten)
    report = restore_library(kept.target, tmp_path / "back")
    assert [lost["path"] for lost in report.damaged] == [rotten.relative_to(kept.target).as_posix()]
    assert not (tmp_path / "back" / rotten.relative_to(kept.target)).exists()
    with opened(tmp_path / "back", tmp_path / "none") as other:
        assert other.canonical() == kept.canonical()


def test_with_a_rotten_database_it_names_the_snapshots_that_are_left(
    kept: Kept, tmp_path: Path
) -> None:
    [old] = BackupFolder(kept.target).stamps()
    new = kept.back_up().snapshot
    flip(kept.target / "snapshots" / new / "library" / "albums.db", 5000)
    with pytest.raises(BadInput, match=old):
        restore_library(kept.target, tmp_path / "back")
    with pytest.raises(LibraryUnusable, match="not whole"):
        open_albums(Settings(library=tmp_path / "back", workers=1))


def test_without_room_nothing_is_begun(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "_SPARE", 1 << 60)
    with pytest.raises(DiskFull, match="not enough room"):
        restore_library(kept.target, tmp_path / "back")
    monkeypatch.setattr(check, "_SPARE", 1 << 60)
    with pytest.raises(DiskFull, match="not enough room"):
        kept.check(tmp_path)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a backup"):
        restore_library(tmp_path, tmp_path / "back")
    with pytest.raises(BadInput, match="not a backup"):
        check_backup(tmp_path, tmp_path)


def test_a_drill_of_a_whole_backup_is_whole_and_leaves_nothing(kept: Kept, tmp_path: Path) -> None:
    before = files(kept.target)
    drill = kept.check(tmp_path)
    assert (drill.whole, drill.canonical, drill.assets) == (True, True, 4)
    assert drill.files == len(kept.manifest().entries)
    assert files(kept.target) == before
    assert not list(tmp_path.glob(".albums-drill-*"))


def test_every_flipped_byte_is_found_and_named(kept: Kept, tmp_path: Path) -> None:
    chance = random.Random(5)
    stamp = BackupFolder(kept.target).stamps()[-1]
    for entry in kept.manifest().entries:
        stored = BackupFolder(kept.target).place(entry, stamp)
        whole, mode = stored.read_bytes(), stored.stat().st_mode
        if not whole:
            continue
        flip(stored, chance.randrange(len(whole)))
        drill = kept.check(tmp_path)
        assert not drill.whole
        assert [damaged.path for damaged in drill.damaged] == [entry.path]
        assert drill.damaged[0].stored == stored.relative_to(kept.target).as_posix()
        stored.write_bytes(whole)
        stored.chmod(mode)
    assert kept.check(tmp_path).whole


def test_a_missing_file_is_named(kept: Kept, tmp_path: Path) -> None:
    gone = next(kept.target.glob("sidecars/??/*"))
    gone.unlink()
    [damaged] = kept.check(tmp_path).damaged
    assert damaged.stored == gone.relative_to(kept.target).as_posix()
    assert "missing" in damaged.why


def test_a_snapshot_that_lists_too_little_fails_its_drill(kept: Kept, tmp_path: Path) -> None:
    """Every hash may fit and a row's file be absent all the same."""
    stamp = BackupFolder(kept.target).stamps()[-1]
    manifest = kept.manifest()
    [left_out, *_] = [entry for entry in manifest.entries if entry.kind == "original"]
    rest = tuple(entry for entry in manifest.entries if entry != left_out)
    write_manifest(kept.target / "snapshots" / stamp, Manifest(about_of(manifest), rest))
    [damaged] = kept.check(tmp_path).damaged
    assert damaged.path == left_out.path


def test_a_database_of_another_library_fails_the_drill(kept: Kept, tmp_path: Path) -> None:
    stamp = BackupFolder(kept.target).stamps()[-1]
    manifest = kept.manifest()
    other = about_of(manifest) | {"canonical": "0" * 64}
    write_manifest(kept.target / "snapshots" / stamp, Manifest(other, manifest.entries))
    drill = kept.check(tmp_path)
    assert drill.canonical is False
    assert "canonical export" in drill.damaged[0].why


def test_a_backup_of_an_older_program_is_tried_and_comes_back(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = Migrations("albums")

    def renamed(db: Database) -> None:
        db.execute("alter table receipts rename to proofs")

    monkeypatch.setattr(newer, "_migrations", list(MIGRATIONS._migrations))
    newer(name="renamed")(renamed)
    for module in ("library.migrations", "upkeep.backup.source"):
        monkeypatch.setattr(f"albums.{module}.MIGRATIONS", newer)
    drill = kept.check(tmp_path)
    assert (drill.whole, drill.canonical, drill.assets) == (True, None, 4)
    restore_library(kept.target, tmp_path / "back")
    with closing(sqlite3.connect(tmp_path / "back" / "albums.db")) as db:
        assert db.execute("select count(*) from proofs").fetchone() == (0,)


def test_a_journal_of_half_a_restore_does_not_spoil_the_next(kept: Kept, tmp_path: Path) -> None:
    place = tmp_path / "back"

    class PulledPlug(AlbumsError):
        pass

    def pull(database: Path) -> None:
        for end in ("-wal", "-shm", "-journal"):
            shutil.copy(database, f"{database}{end}")
        raise PulledPlug("Pulled")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(PulledPlug):
        patch.setattr(restore, "_open_pictures", pull)
        restore_library(kept.target, place)
    restore_library(kept.target, place)
    assert not list(place.glob("albums.db-*"))
    with opened(place, tmp_path / "none") as other:
        assert other.canonical() == kept.canonical()


def test_a_disk_that_fills_up_while_a_library_comes_back_is_said_and_it_goes_on(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "back"
    with pytest.raises(DiskFull, match="larger disk"), full_after(6, place, monkeypatch):
        restore_library(kept.target, place)
    assert restore_library(kept.target, place).assets == 4
    with opened(place, tmp_path / "none") as other:
        assert other.canonical() == kept.canonical()


def about_of(manifest: Manifest) -> dict[str, object]:
    return {key: value for key, value in manifest.about.items() if key != "schema"}


@given(at=st.integers(0, 2000), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_manifest_is_read_as_it_was_written_or_not_at_all(
    tmp_path: Path, at: int, byte: int
) -> None:
    entries = (
        Entry("albums.db", 3, "ab" * 32),
        Entry(f"originals/cd/{'cd' * 32}.jpg", 1, "e" * 64),
    )
    write_manifest(tmp_path, Manifest({"at": "now"}, entries))
    path = tmp_path / "manifest.jsonl"
    content = bytearray(path.read_bytes())
    content[at % len(content)] = byte
    path.write_bytes(content)
    with suppress(BackupDamaged):
        assert read_manifest(tmp_path).entries == entries


@pytest.mark.parametrize("path", ["../out", "originals/../../out", "/etc/passwd", "a/b", "", ".."])
def test_a_manifest_that_leads_out_of_the_library_is_refused(tmp_path: Path, path: str) -> None:
    write_manifest(tmp_path, Manifest({"at": "now"}, (Entry(path, 1, "ab" * 32),)))
    with pytest.raises(BackupDamaged, match="it names"):
        read_manifest(tmp_path)


def test_what_a_drill_found_is_copied_anew_by_the_next_backup(kept: Kept, tmp_path: Path) -> None:
    from albums.upkeep.backup.record import note

    rotten = sorted(kept.target.glob("originals/??/*"))[0]
    flip(rotten)
    note(kept.folder, kept.target, last_drill=kept.check(tmp_path).as_json())
    assert kept.back_up().new_originals == 1
    assert kept.check(tmp_path).whole


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("restic"), reason="restic is not installed")
def test_a_backup_comes_back_whole_out_of_restic(kept: Kept, tmp_path: Path) -> None:
    environment = os.environ | {
        "RESTIC_REPOSITORY": str(tmp_path / "encrypted"),
        "RESTIC_PASSWORD": "a long sentence that nobody knows",
        "RESTIC_CACHE_DIR": str(tmp_path / "cache"),
    }

    def restic(*arguments: str) -> None:
        subprocess.run(["restic", "-q", *arguments], check=True, env=environment)

    restic("init")
    restic("backup", str(kept.target))
    kept.take(b"later")
    kept.back_up()
    restic("backup", str(kept.target))
    restic("check", "--read-data")
    restic("restore", "latest", "--target", str(tmp_path / "fetched"))
    fetched = tmp_path / "fetched" / kept.target.relative_to("/")
    drill = check_backup(fetched, tmp_path)
    assert (drill.whole, drill.assets) == (True, 5)
    restore_library(fetched, tmp_path / "back")
    with opened(tmp_path / "back", tmp_path / "none") as other:
        assert other.canonical() == kept.canonical()
    stored = b"".join(p.read_bytes() for p in (tmp_path / "encrypted").rglob("*") if p.is_file())
    assert b"photo 0" not in stored
