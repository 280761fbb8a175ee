"""The database can be thrown away: all that matters comes back from the files."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from unittest.mock import patch

import pytest

from albums.assembly import Albums, open_albums
from albums.curate import assets as curate
from albums.curate import collections as curate_collections
from albums.curate import devices as curate_devices
from albums.curate import trash as curate_trash
from albums.curate.preferences import keep_out_of_timeline
from albums.errors import LibraryUnusable
from albums.library.facts import Claim
from albums.library.uploads import Upload, add_upload, find_upload
from albums.settings import Settings
from albums.upkeep.rebuild import Rebuilt, canonical_export, rebuild
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.curate.conftest import rooms_of

PATIENCE = 60


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        library=tmp_path / "library",
        models=tmp_path / "models",
        workers=1,
        time_zone="UTC",
        embedder="basic",
        captioner="basic",
    )


@contextmanager
def opened(settings: Settings) -> Iterator[Albums]:
    albums = open_albums(settings)
    try:
        yield albums
    finally:
        albums.close()


def work(albums: Albums) -> None:
    albums.runner.start()
    assert albums.runner.wait_until_idle(PATIENCE)


def exported(albums: Albums) -> list[str]:
    return list(canonical_export(albums.library))


def rebuilt(settings: Settings) -> Rebuilt:
    return rebuild(settings.library, UTC)


def fill(albums: Albums, make_photo: MakePhoto) -> list[str]:
    """A library with one of everything; the hashes of its five photos."""
    shas = [
        albums.receiver.receive(
            arrival_of(
                make_photo(n),
                f"IMG_2024070{n + 1}_120000.jpg",
                collections=("Trip", "Never again") if n < 3 else (),
                claims=(Claim("rating", n, "sidecar"),),
                key=f"file:///photos/{n}.jpg",
                source="folder",
            )
        ).sha
        for n in range(5)
    ]
    albums.receiver.receive(arrival_of(make_photo(1), "the same.jpg", folder="again"))
    work(albums)
    rooms = rooms_of(albums)
    curate.edit(rooms, shas[0], {"title": "Low tide", "favourite": True}, add=["sea"])
    with albums.library.read() as db:
        seen = [row["tag"] for row in db.execute("select tag from tags where asset_id = 2")]
    curate.edit(rooms, shas[1], {"captured_at": "1999-12-31T23:59:59+01:00"}, remove=[*seen, "no"])
    curate.edit(rooms, shas[2], {"location": [38.7, -9.1], "hidden": True})
    curate_collections.create(rooms, "Empty", "nothing in it")
    curate_collections.add(rooms, "Trip", [shas[4]])
    curate_collections.remove(rooms, "Trip", [shas[0]])
    curate_collections.delete(rooms, "Never again")
    curate_collections.change(rooms, "Trip", {"name": "Lisbon", "cover": shas[2]})
    curate_collections.move(rooms, "Lisbon", [shas[2]], before=shas[1])
    curate_collections.create(rooms, "Smart", query="year:2024 tag:sea")
    keep_out_of_timeline(rooms, ["screenshot"])
    curate_trash.trash(rooms, shas[3:])
    curate_trash.purge(rooms, [shas[4]], confirmed=True)
    curate_devices.claim(rooms, albums.devices, 7, "ann@example.com", "Ann")
    albums.devices.seen("n1", name="s24", model="", os="android", user_id=7, login="ann")
    curate_devices.edit(rooms, albums.devices, "n1", name="Ann's phone", rights="upload")
    albums.proof.give(shas[0], "test://phone")
    work(albums)
    return shas


@pytest.mark.slow
def test_a_library_without_its_database_is_the_same_after_a_rebuild(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        fill(albums, make_photo)
        before = exported(albums)
    kinds = {json.loads(line)["type"] for line in before}
    assert kinds == {
        "canonical", "owner", "device", "asset", "collection", "tombstones", "preferences",
        "receipts", "audit",
    }  # fmt: skip
    for path in settings.library.glob("albums.db*"):
        path.unlink()
    shutil.rmtree(settings.library / "pictures")
    done = rebuilt(settings)
    assert (done.assets, done.anew, done.missing, done.left_out) == (4, [], [], [])
    with opened(settings) as albums:
        assert exported(albums) == before
        work(albums)
        assert exported(albums) == before
        assert albums.audit.check() == []


@pytest.mark.slow
def test_captions_come_back_without_a_model(
    settings: Settings, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(settings) as albums:
        shas = fill(albums, make_photo)
    rebuilt(settings)
    with opened(settings) as albums:
        monkeypatch.setattr(albums.shelf, "captioner", lambda: pytest.fail("a model was run"))
        work(albums)
        with albums.library.read() as db:
            made = db.execute("select count(*) from pictures").fetchone()[0]
            written = db.execute("select count(*) from captions where author = 'model'").fetchone()
        assert (made, written[0]) == (4, 4)
        # From now on news is news: a place is something that the captioner wants to know.
        curate.edit(rooms_of(albums), shas[0], {"location": [48.85, 2.35]})
        monkeypatch.undo()
        assert albums.runner.wait_until_idle(PATIENCE)
        with albums.library.read() as db:
            again = db.execute("select min(at) from work where step = 'caption'").fetchone()[0]
        assert again


def test_the_old_database_is_kept_beside(settings: Settings, make_photo: MakePhoto) -> None:
    with opened(settings) as albums:
        albums.receiver.receive(arrival_of(make_photo(1)))
        before = exported(albums)
    done = rebuilt(settings)
    assert done.before
    assert done.before.startswith("albums.db.before-rebuild-")
    (settings.library / done.before).replace(settings.library / "albums.db")
    with opened(settings) as albums:
        assert exported(albums) == before


def test_a_damaged_database_is_replaced_together_with_its_log(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        albums.receiver.receive(arrival_of(make_photo(1)))
        before = exported(albums)
    (settings.library / "albums.db").write_bytes(b"no database" * 1000)
    (settings.library / "albums.db-wal").write_bytes(b"no log" * 1000)
    done = rebuilt(settings)
    assert done.before
    assert (settings.library / f"{done.before}-wal").exists()
    with opened(settings) as albums:
        assert exported(albums) == before


def test_what_only_the_old_database_knew_of_the_audit_log_is_written_down_first(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        albums.receiver.receive(arrival_of(make_photo(1)))
        before = exported(albums)
    log = settings.library / "audit.jsonl"
    log.write_bytes(b"")  # as if the power had failed between the commit and the file
    rebuilt(settings)
    with opened(settings) as albums:
        assert exported(albums) == before
    assert log.stat().st_size > 0


def test_an_upload_that_is_under_way_goes_on(settings: Settings) -> None:
    upload = Upload("u1", "n1", "test://phone", 9, 4, {"filename": "a.jpg"}, False, 1.0, 9e9,
                    "open", None, None)  # fmt: skip
    with opened(settings) as albums, albums.library.write() as db:
        add_upload(db, upload)
    rebuilt(settings)
    with opened(settings) as albums, albums.library.read() as db:
        assert find_upload(db, "u1", "n1", 2.0) == upload


def test_a_purge_that_was_cut_off_stays_one(settings: Settings, make_photo: MakePhoto) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        rooms = rooms_of(albums)
        curate_trash.trash(rooms, [sha])
        with (
            patch("albums.curate.trash.finish_purges", side_effect=KeyboardInterrupt),
            pytest.raises(KeyboardInterrupt),
        ):
            curate_trash.purge(rooms, [sha], confirmed=True)
        before = exported(albums)
    assert list(settings.library.glob("originals/*/*"))
    rebuilt(settings)
    with opened(settings) as albums:
        assert exported(albums) == before
        assert curate_trash.finish_purges(rooms_of(albums)) == 1
    assert not list(settings.library.glob("originals/*/*"))


def test_a_source_does_not_bring_back_what_was_deleted_before_the_rebuild(
    settings: Settings, make_photo: MakePhoto
) -> None:
    again = arrival_of(make_photo(1), key="file:///a.jpg", modified_ns=5, source="folder")
    with opened(settings) as albums:
        sha = albums.receiver.receive(again).sha
        rooms = rooms_of(albums)
        curate_trash.trash(rooms, [sha])
        curate_trash.purge(rooms, [sha], confirmed=True)
    rebuilt(settings)
    with opened(settings) as albums:
        assert albums.receiver.receive(again).status == "deleted"
        with albums.library.read() as db:
            assert db.execute("select count(*) from assets").fetchone()[0] == 0
            # Which of its files that was is known again: it is not read a third time.
            assert db.execute("select key from deleted_files").fetchone()["key"] == again.key


def test_an_original_without_sidecar_is_taken_in_anew_and_reported(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        albums.vault.sidecars.path(sha).unlink()
    done = rebuilt(settings)
    assert [(Path(t.path).stem, t.what) for t in done.anew] == [(sha, "no sidecar")]
    with opened(settings) as albums:
        before = exported(albums)
        assert albums.audit.entries()[0].action == "found"
        with albums.library.read() as db:
            row = db.execute("select kind, mime, name from assets").fetchone()
        assert tuple(row) == ("photo", "image/jpeg", f"{sha}.jpg")
    rebuilt(settings)
    with opened(settings) as albums:
        assert exported(albums) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"sha": "other"}'])
def test_an_unreadable_sidecar_is_kept_and_its_original_taken_in_anew(
    settings: Settings, make_photo: MakePhoto, content: bytes
) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        path = albums.vault.sidecars.path(sha)
    path.write_bytes(content)
    done = rebuilt(settings)
    assert (done.assets, len(done.anew)) == (1, 1)
    assert path.with_name(f"{path.name}.damaged").read_bytes() == content
    assert json.loads(path.read_bytes())["sha"] == sha


def test_what_a_person_said_counts_though_the_rest_of_the_sidecar_is_gone(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        albums.vault.sidecars.path(sha).unlink()
        curate.edit(rooms_of(albums), sha, {"title": "Low tide"})
    assert rebuilt(settings).assets == 1
    with opened(settings) as albums, albums.library.read() as db:
        assert db.execute("select title from assets").fetchone()["title"] == "Low tide"


def test_a_sidecar_without_its_original_is_an_asset_that_misses_it(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        albums.receiver.receive(arrival_of(make_photo(1)))
        before = exported(albums)
    [original] = settings.library.glob("originals/*/*.jpg")
    original.unlink()
    assert len(rebuilt(settings).missing) == 1
    with opened(settings) as albums:
        assert exported(albums) == before


def test_an_original_whose_bytes_changed_is_not_taken_in_for_another(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        albums.vault.sidecars.path(sha).unlink()
    [original] = settings.library.glob("originals/*/*.jpg")
    original.chmod(0o644)
    original.write_bytes(b"something else")
    done = rebuilt(settings)
    assert (done.assets, len(done.left_out)) == (0, 1)
    assert original.exists()


def test_files_of_what_was_deleted_for_good_do_not_bring_it_back(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        [original] = settings.library.glob("originals/*/*.jpg")
        content = original.read_bytes()
        rooms = rooms_of(albums)
        curate_trash.trash(rooms, [sha])
        curate_trash.purge(rooms, [sha], confirmed=True)
        before = exported(albums)
    original.write_bytes(content)  # as if the power had failed before it was removed
    done = rebuilt(settings)
    assert (done.assets, len(done.left_out)) == (0, 1)
    with opened(settings) as albums:
        assert exported(albums) == before


def test_an_arrival_that_was_cut_off_is_left_to_the_next_start(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        sidecar = albums.vault.sidecars.path(sha)
        sidecar.replace(albums.vault.sidecars.incoming / "1.draft.json")
    done = rebuilt(settings)
    assert (done.assets, done.anew) == (0, [])
    with opened(settings) as albums, albums.library.read() as db:
        assert db.execute("select name from assets").fetchone()["name"] == "photo.jpg"
        assert sidecar.exists()


@pytest.mark.parametrize(
    "name",
    [
        "tombstones.json", "collections.json", "preferences.json", "devices.json", "audit.jsonl",
        "receipts.jsonl",
    ],
)  # fmt: skip
def test_a_damaged_file_of_the_whole_library_stops_a_rebuild(
    settings: Settings, make_photo: MakePhoto, name: str
) -> None:
    with (
        opened(settings) as albums,
        patch.object(albums.runner, "start"),
        patch.object(albums.runner, "wait_until_idle"),
    ):
        fill(albums, make_photo)
    for path in settings.library.glob("albums.db*"):
        path.unlink()
    (settings.library / "albums.db").write_bytes(b"the old one" * 100)
    (settings.library / name).write_bytes(b"rotten\n")
    with pytest.raises(LibraryUnusable, match=f"{name} is damaged"):
        rebuilt(settings)
    assert (settings.library / "albums.db").read_bytes() == b"the old one" * 100


def test_a_sidecar_of_a_newer_program_stops_a_rebuild(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        sha = albums.receiver.receive(arrival_of(make_photo(1))).sha
        before = exported(albums)
        path = albums.vault.sidecars.path(sha)
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b'"schema": 1', b'"schema": 99'))
    with pytest.raises(LibraryUnusable, match="newer Albums"):
        rebuilt(settings)
    path.write_bytes(kept)
    with opened(settings) as albums:
        assert exported(albums) == before


_REBUILD = """
import sys
from datetime import UTC
from pathlib import Path
from albums.upkeep.rebuild import rebuild
rebuild(Path(sys.argv[1]), UTC)
"""


def test_killed_at_any_time_there_is_the_old_database_or_the_new_one(
    settings: Settings, make_photo: MakePhoto
) -> None:
    with opened(settings) as albums:
        for number in range(30):
            albums.receiver.receive(arrival_of(make_photo(number), f"{number}.jpg"))
        before = exported(albums)
    command = [sys.executable, "-c", _REBUILD, str(settings.library)]
    began = time.monotonic()
    subprocess.run(command, check=True)
    whole = time.monotonic() - began
    for cut in range(5):
        process = subprocess.Popen(command)
        time.sleep(whole * (0.4 + 0.11 * cut))
        process.send_signal(signal.SIGKILL)
        process.wait()
        with sqlite3.connect(settings.library / "albums.db") as db:
            assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
            assert db.execute("select count(*) from assets").fetchone()[0] == 30
        db.close()
    rebuilt(settings)
    with opened(settings) as albums:
        assert exported(albums) == before
    assert not list(settings.library.glob("albums.db.rebuilding*"))
