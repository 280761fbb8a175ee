"""A folder of any files comes in whole; what is known is not read again; nothing stops the rest."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.errors import BadInput, DiskFull
from albums.ingest.receive import Receiver
from albums.library.assets import asset_by_sha
from albums.library.tombstones import bury
from albums.sources import SOURCES
from albums.sources.folder import file_uri, import_folder
from albums.sources.source import Progress
from tests.arrivals import arrival_of


def take_in(folder: Path, receiver: Receiver) -> Progress:
    progress = Progress(str(folder))
    import_folder(folder, receiver, progress, threading.Event())
    return progress


def assets(receiver: Receiver) -> list[dict[str, Any]]:
    with receiver.library.read() as db:
        return [dict(row) for row in db.execute("select * from assets order by name")]


def incoming(receiver: Receiver) -> list[Path]:
    return list(receiver.vault.originals.incoming.iterdir())


def test_every_file_of_any_kind_is_kept_with_its_folder(receiver: Receiver, folder: Path) -> None:
    (folder / "2024" / "summer").mkdir(parents=True)
    (folder / "top.jpg").write_bytes(b"\xff\xd8\xff top")
    (folder / "2024" / "summer" / "notes.xyz").write_bytes(b"anything")
    (folder / "2024" / "empty.png").write_bytes(b"")
    progress = take_in(folder, receiver)
    assert (progress.found, progress.ingested, progress.failed) == (3, 3, 0)
    assert {a["name"]: a["folder"] for a in assets(receiver)} == {
        "top.jpg": "",
        "notes.xyz": "2024/summer",
        "empty.png": "2024",
    }
    assert {a["origin"] for a in assets(receiver)} == {f"folder://{folder}"}
    assert progress.state == "done"
    assert not incoming(receiver)


def test_a_second_run_reads_nothing(
    receiver: Receiver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        (folder / f"{number}.jpg").write_bytes(b"photo %d" % number)
    take_in(folder, receiver)
    monkeypatch.setattr(receiver, "stage", None)  # reading anything would break
    progress = take_in(folder, receiver)
    assert (progress.found, progress.known, progress.new) == (5, 5, 0)


def test_only_what_changed_is_read_again(receiver: Receiver, folder: Path) -> None:
    for name in ("same.jpg", "longer.jpg", "touched.jpg"):
        (folder / name).write_bytes(name.encode())
    take_in(folder, receiver)
    (folder / "longer.jpg").write_bytes(b"longer than before")
    os.utime(folder / "touched.jpg", (1, 1))
    progress = take_in(folder, receiver)
    assert (progress.known, progress.ingested, progress.duplicate) == (1, 1, 1)
    assert take_in(folder, receiver).known == 3


def test_the_same_bytes_under_two_names_are_one_asset(receiver: Receiver, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"same")
    (folder / "b.jpg").write_bytes(b"same")
    progress = take_in(folder, receiver)
    assert (progress.ingested, progress.duplicate) == (1, 1)
    assert len(assets(receiver)) == 1
    assert take_in(folder, receiver).known == 2


def test_what_the_owner_deleted_stays_out(receiver: Receiver, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"unwanted")
    sha = hashlib.sha256(b"unwanted").hexdigest()
    take_in(folder, receiver)
    with receiver.library.write() as db:
        bury(db, asset_by_sha(db, sha))
        db.execute("delete from assets")
    os.utime(folder / "a.jpg", (1, 1))  # so that it is looked into
    progress = take_in(folder, receiver)
    assert (progress.deleted, progress.ingested) == (1, 0)
    assert not assets(receiver)


def test_what_the_owner_deleted_is_not_read_again(
    receiver: Receiver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.jpg").write_bytes(b"unwanted")
    take_in(folder, receiver)
    with receiver.library.write() as db:
        bury(db, asset_by_sha(db, hashlib.sha256(b"unwanted").hexdigest()))
        db.execute("delete from assets")
    (folder / "a copy.jpg").write_bytes(b"unwanted")
    progress = take_in(folder, receiver)
    assert (progress.known, progress.deleted) == (1, 1)  # the copy had to be read once
    with monkeypatch.context() as nothing_is_read:
        nothing_is_read.setattr(receiver, "stage", None)
        assert take_in(folder, receiver).known == 2
    receiver.receive(arrival_of(b"unwanted", again=True))  # wanted after all
    progress = take_in(folder, receiver)
    assert (progress.known, progress.duplicate) == (0, 2)


def test_system_files_are_left_out_and_named(receiver: Receiver, folder: Path) -> None:
    (folder / "@eaDir").mkdir()
    (folder / "@eaDir" / "thumb.jpg").write_bytes(b"x")
    for name in (".DS_Store", "Thumbs.db", "._photo.jpg", "photo.jpg"):
        (folder / name).write_bytes(name.encode())
    progress = take_in(folder, receiver)
    assert progress.ingested == 1
    assert progress.skipped == 4
    named = {Path(left.path).name for left in progress.skipped_files}
    assert named == {".DS_Store", "Thumbs.db", "._photo.jpg", "@eaDir"}


def test_a_link_back_up_does_not_go_round_for_ever(receiver: Receiver, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.jpg").write_bytes(b"a")
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "itself").symlink_to(folder / "itself")
    progress = take_in(folder, receiver)
    assert (progress.found, progress.ingested) == (1, 1)
    assert [Path(left.path).name for left in progress.failed_files] == ["itself"]


def test_what_cannot_be_read_is_named_and_stops_nothing(receiver: Receiver, folder: Path) -> None:
    (folder / "gone.jpg").symlink_to("nothing")
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "door"))
    (folder / "whole.jpg").write_bytes(b"whole")
    progress = take_in(folder, receiver)
    assert progress.ingested == 1
    assert [(Path(f.path).name, f.why) for f in progress.failed_files] == [
        ("gone.jpg", "a link to nothing")
    ]
    assert {Path(left.path).name for left in progress.skipped_files} == {"pipe", "door"}


def test_a_file_that_vanishes_after_listing_is_reported(receiver: Receiver, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"a")
    (folder / "b.jpg").write_bytes(b"b")
    stage = receiver.stage

    def vanish(arrival: Any, **how: Any) -> Any:
        if arrival.name == "a.jpg":
            (folder / "a.jpg").unlink()
        return stage(arrival, **how)

    receiver.stage = vanish  # type: ignore[method-assign]
    progress = take_in(folder, receiver)
    assert [f.why for f in progress.failed_files] == ["No such file or directory"]
    assert (progress.ingested, progress.bytes_done) == (1, progress.bytes_total)


def test_a_file_that_changes_while_it_is_read_is_read_again(
    receiver: Receiver, folder: Path
) -> None:
    (folder / "a.jpg").write_bytes(b"first")
    changes = iter([b"second, longer"])
    stage = receiver.stage

    def change(arrival: Any, **how: Any) -> Any:
        passing = stage(arrival, **how)
        for content in changes:
            (folder / "a.jpg").write_bytes(content)
        return passing

    receiver.stage = change  # type: ignore[method-assign]
    assert take_in(folder, receiver).ingested == 1
    assert [a["sha"] for a in assets(receiver)] == [hashlib.sha256(b"second, longer").hexdigest()]
    assert not incoming(receiver)
    assert take_in(folder, receiver).known == 1


def test_a_file_that_never_rests_is_reported(receiver: Receiver, folder: Path) -> None:
    (folder / "log.txt").write_bytes(b"")
    stage = receiver.stage

    def grow(arrival: Any, **how: Any) -> Any:
        passing = stage(arrival, **how)
        with (folder / "log.txt").open("ab") as file:
            file.write(b"more")
        return passing

    receiver.stage = grow  # type: ignore[method-assign]
    progress = take_in(folder, receiver)
    assert "kept changing" in progress.failed_files[0].why
    assert not assets(receiver)
    assert not incoming(receiver)


NAMES = st.binary(min_size=1, max_size=255).filter(
    lambda name: b"/" not in name and b"\0" not in name and not name.startswith(b".")
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(NAMES, min_size=1, max_size=8))
def test_any_name_that_a_disk_can_hold_is_taken_in_once(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver, names: set[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(os.urandom(8))
    first = take_in(folder, receiver)
    assert first.ingested == first.found
    assert first.found + first.skipped == len(names)
    assert take_in(folder, receiver).known == first.found


def test_names_with_newlines_emoji_and_bytes_that_are_no_text(
    receiver: Receiver, folder: Path
) -> None:
    odd = [b"two\nlines.jpg", "🏖️ été.jpg".encode(), b"latin \xe9\xff.jpg", b"x" * 251 + b".jpg"]
    below = folder / os.fsdecode(b"caf\xe9")
    below.mkdir()
    for name in odd:
        (below / os.fsdecode(name)).write_bytes(name)
    assert take_in(folder, receiver).ingested == 4
    assert {a["folder"] for a in assets(receiver)} == {"caf\ufffd"}
    for asset in assets(receiver):
        assert receiver.vault.sidecars.read(asset["sha"])


def test_the_library_inside_the_folder_is_not_imported(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    assert take_in(tmp_path, receiver).ingested == 1
    progress = take_in(tmp_path, receiver)
    assert (progress.found, progress.known) == (1, 1)
    assert [Path(left.path).name for left in progress.skipped_files] == ["library"]


def test_what_is_no_folder_or_the_library_itself_is_refused(
    receiver: Receiver, folder: Path
) -> None:
    (folder / "file").write_bytes(b"")
    library = receiver.library.path.parent
    for wrong in (folder / "none", folder / "file", library, library / "originals"):
        with pytest.raises(BadInput):
            take_in(wrong, receiver)


def test_stopping_keeps_what_was_acknowledged_and_leaves_nothing_half(
    receiver: Receiver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("albums.sources.folder._BATCH_FILES", 32)
    for number in range(200):
        (folder / f"{number:03}.jpg").write_bytes(b"photo %d" % number)
    stop = threading.Event()
    commit = receiver.commit

    def commit_once(batch: Any) -> Any:
        stop.set()
        return commit(batch)

    receiver.commit = commit_once  # type: ignore[method-assign, assignment]
    progress = Progress(str(folder))
    import_folder(folder, receiver, progress, stop)
    assert progress.state == "stopped"
    assert 0 < progress.ingested < 200
    assert len(assets(receiver)) == progress.ingested
    assert not incoming(receiver)
    receiver.commit = commit  # type: ignore[method-assign]
    assert take_in(folder, receiver).known == progress.ingested
    assert len(assets(receiver)) == 200


def test_a_long_film_stops_in_the_middle(receiver: Receiver, folder: Path) -> None:
    with (folder / "film.mp4").open("wb") as film:
        film.truncate(64 << 20)
    stop = threading.Event()
    stage = receiver.stage
    blocks: list[int] = []

    def watch(arrival: Any, **how: Any) -> Any:
        stream = arrival.open()
        read = stream.read

        def read_then_stop(size: int = -1) -> bytes:
            block: bytes = read(size)
            blocks.append(len(block))
            stop.set()
            return block

        stream.read = read_then_stop
        return stage(_with_stream(arrival, stream), **how)

    receiver.stage = watch  # type: ignore[method-assign]
    import_folder(folder, receiver, Progress(""), stop)
    assert sum(blocks) < 8 << 20
    assert not assets(receiver)
    assert not incoming(receiver)


def _with_stream(arrival: Any, stream: BinaryIO) -> Any:
    from dataclasses import replace

    return replace(arrival, open=lambda: stream)


def test_a_full_disk_ends_the_import_and_leaves_nothing_half(
    receiver: Receiver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("albums.sources.folder._BATCH_FILES", 32)
    for number in range(80):
        (folder / f"{number:02}.jpg").write_bytes(b"photo %d" % number)
    stage = receiver.stage

    def full(arrival: Any, **how: Any) -> Any:
        if arrival.name == "40.jpg":
            raise DiskFull("There is no room")
        return stage(arrival, **how)

    receiver.stage = full  # type: ignore[method-assign]
    with pytest.raises(DiskFull):
        take_in(folder, receiver)
    assert len(assets(receiver)) == 32
    assert not incoming(receiver)


def test_20_000_known_files_take_seconds(receiver: Receiver, folder: Path) -> None:
    count = 20_000
    for number in range(count):
        if number % 1000 == 0:
            below = folder / f"{number // 1000:02}"
            below.mkdir()
        (below / f"IMG_{number:05}.jpg").touch()
    with receiver.library.write() as db:
        db.execute(
            """insert into assets (id, sha, name, folder, extension, mime, kind, size, source,
                                   origin, received_at) values (1,'','','','','','',0,'','','')"""
        )
        db.executemany(
            """insert into arrivals (asset_id, at, source, origin, key, name, folder, size,
                                     modified_ns) values (1, '', 'folder', '', ?, '', '', 0, ?)""",
            [(file_uri(str(p)), p.stat().st_mtime_ns) for p in folder.glob("*/*")],
        )
    began = time.perf_counter()
    progress = take_in(folder, receiver)
    assert progress.known == count
    assert time.perf_counter() - began < 5


def test_every_source_is_listed_once_with_a_name_and_a_sentence() -> None:
    assert len({source.name for source in SOURCES}) == len(SOURCES)
    assert all(source.about for source in SOURCES)
