"""A real folder, really watched: what is whole is taken and goes, the rest stays and says why."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from watchdog.observers import Observer
from watchdog.observers.inotify_c import InotifyFD

from albums.errors import BadInput, DiskFull
from albums.ingest.receive import Receiver
from albums.library.assets import asset_by_sha
from albums.library.tombstones import bury
from albums.sources.inbox import Inbox
from albums.sources.inbox.files import NOTE
from albums.sources.inbox.inbox import InboxReport
from albums.vault.originals import Originals
from tests.arrivals import arrival_of
from tests.sources.conftest import QUICK, Watching

# watchdog says so of folders that come and go quickly, in a thread of its own.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")


def assets(receiver: Receiver) -> list[dict[str, Any]]:
    with receiver.library.read() as db:
        return [dict(row) for row in db.execute("select * from assets order by name")]


def arrivals(receiver: Receiver) -> list[dict[str, Any]]:
    with receiver.library.read() as db:
        return [dict(row) for row in db.execute("select * from arrivals order by id")]


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_left(name: str) -> Any:
    def look(report: InboxReport) -> bool:
        return name in dict(report.left_files)

    return look


def test_a_file_is_taken_with_its_name_folder_and_time_and_goes(
    watching: Watching, receiver: Receiver
) -> None:
    path = watching.folder / "galaxy-s24" / "DCIM" / ".IMG_1.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8\xff one")
    os.utime(path, ns=(5, 1_600_000_000_123_456_789))
    path.rename(path.with_name("IMG_1.jpg"))
    watching.wait_until_empty(1)
    [arrival] = arrivals(receiver)
    assert (arrival["name"], arrival["folder"]) == ("IMG_1.jpg", "galaxy-s24/DCIM")
    assert (arrival["source"], arrival["origin"]) == ("inbox", "inbox://galaxy-s24")
    assert arrival["key"] == "galaxy-s24/DCIM/IMG_1.jpg"
    assert arrival["modified_ns"] == 1_600_000_000_123_456_789
    assert assets(receiver)[0]["sha"] == sha(b"\xff\xd8\xff one")
    assert not names(watching.folder)


def test_what_lay_there_before_the_start_is_taken(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "sub").mkdir(parents=True)
    (tmp_path / "inbox" / "sub" / "old.jpg").write_bytes(b"old")
    inbox = Inbox(tmp_path / "inbox", receiver, QUICK)
    inbox.start()
    Watching(tmp_path / "inbox", inbox).wait_until_empty(1)
    inbox.stop()
    assert [a["name"] for a in assets(receiver)] == ["old.jpg"]


def test_a_file_that_is_written_slowly_is_taken_once_and_whole(
    watching: Watching, receiver: Receiver
) -> None:
    whole = bytes(range(256)) * 40
    with (watching.folder / "slow.mov").open("wb", buffering=0) as file:
        for start in range(0, len(whole), 1024):
            file.write(whole[start : start + 1024])
            time.sleep(0.05)
    watching.wait_until_empty(1)
    assert [a["sha"] for a in assets(receiver)] == [sha(whole)]


def test_a_file_that_is_held_open_for_writing_waits_however_long_nothing_is_written(
    watching: Watching, receiver: Receiver
) -> None:
    with (watching.folder / "open.mov").open("wb", buffering=0) as file:
        file.write(b"first")
        time.sleep(4 * QUICK.settle)
        assert watching.inbox.report().waiting_files == ["open.mov"]
        assert not assets(receiver)
        file.write(b" and last")
    watching.wait_until_empty(1)
    assert [a["sha"] for a in assets(receiver)] == [sha(b"first and last")]


def test_a_file_that_is_renamed_in_is_taken_and_unfinished_names_are_not(
    watching: Watching, receiver: Receiver
) -> None:
    for name in (".syncthing.a.jpg.tmp", "b.jpg.part", "c.jpg.crdownload", "~syncthing~d.tmp"):
        (watching.folder / name).write_bytes(name.encode())
    time.sleep(4 * QUICK.settle)
    assert not assets(receiver)
    assert watching.inbox.report().waiting_files == ["b.jpg.part", "c.jpg.crdownload"]
    (watching.folder / ".syncthing.a.jpg.tmp").rename(watching.folder / "a.jpg")
    report = watching.wait(lambda report: report.taken == 1 and report.left == 2)
    assert "not finished" in dict(report.left_files)["b.jpg.part"]
    assert [a["name"] for a in assets(receiver)] == ["a.jpg"]
    (watching.folder / "b.jpg.part").rename(watching.folder / "b.jpg")
    watching.wait(lambda report: report.taken == 2)
    assert not (watching.folder / f"b.jpg.part{NOTE}").exists()


def test_the_original_is_a_copy_that_nobody_outside_holds_open(
    watching: Watching, receiver: Receiver
) -> None:
    path = watching.folder / "a.jpg"
    path.write_bytes(b"as it was")
    other_name = watching.folder.parent / "other-name"
    other_name.hardlink_to(path)
    watching.wait_until_empty(1)
    other_name.write_bytes(b"changed!!")
    [asset] = assets(receiver)
    assert receiver.vault.originals.reread(asset["sha"], asset["extension"])


def test_a_file_that_changes_while_it_is_read_stays_and_is_taken_as_it_is_then(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watching.folder / "changing.jpg"
    stage = Originals.stage
    times: list[str] = []

    def stage_while_changing(
        self: Originals, stream: BinaryIO, limit: int | None, **how: Any
    ) -> Any:
        staged = stage(self, stream, limit, **how)
        if not times:
            path.write_bytes(b"second state")
        times.append(staged.sha)
        return staged

    monkeypatch.setattr(Originals, "stage", stage_while_changing)
    path.write_bytes(b"first state.")
    watching.wait_until_empty(1)
    assert times == [sha(b"first state."), sha(b"second state")]
    assert [a["sha"] for a in assets(receiver)] == [sha(b"second state")]
    assert not list(receiver.vault.originals.incoming.iterdir())


def test_a_file_that_changes_between_its_commit_and_its_removal_stays(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watching.folder / "a.jpg"
    reread = Originals.reread
    changed: list[bool] = []

    def reread_while_changing(self: Originals, *of: str) -> bool:
        if not changed:
            path.write_bytes(b"newer")
            changed.append(True)
        return reread(self, *of)

    monkeypatch.setattr(Originals, "reread", reread_while_changing)
    path.write_bytes(b"older")
    watching.wait_until_empty(1)
    assert {a["sha"] for a in assets(receiver)} == {sha(b"older"), sha(b"newer")}


def test_a_file_stays_until_the_library_s_own_copy_reads_back_from_the_disk(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    reread = Originals.reread
    monkeypatch.setattr(Originals, "reread", lambda *_: False)
    (watching.folder / "a.jpg").write_bytes(b"a photo")
    report = watching.wait(is_left("a.jpg"))
    assert "read back" in dict(report.left_files)["a.jpg"]
    assert names(watching.folder) == ["a.jpg", f"a.jpg{NOTE}"]
    monkeypatch.setattr(Originals, "reread", reread)
    watching.wait_until_empty(1)
    [asset] = assets(receiver)
    assert receiver.vault.originals.reread(asset["sha"], asset["extension"])
    assert not names(watching.folder)


def test_what_the_owner_deleted_stays_with_the_reason_beside_it(
    watching: Watching, receiver: Receiver
) -> None:
    receipt = receiver.receive(arrival_of(b"unwanted"))
    with receiver.library.write() as db:
        bury(db, asset_by_sha(db, receipt.sha))
        db.execute("delete from assets")
    (watching.folder / "sub").mkdir()
    (watching.folder / "sub" / "a.jpg").write_bytes(b"unwanted")
    report = watching.wait(is_left("sub/a.jpg"))
    note = watching.folder / "sub" / f"a.jpg{NOTE}"
    assert "You deleted this on" in dict(report.left_files)["sub/a.jpg"]
    assert "You deleted this on" in note.read_text()
    (watching.folder / "sub" / "a.jpg").unlink()
    watching.wait(lambda report: not report.left and not note.exists())
    assert not assets(receiver)


def test_what_lies_in_the_trash_stays_and_arrives_no_second_time(
    watching: Watching, receiver: Receiver
) -> None:
    receiver.receive(arrival_of(b"unwanted"))
    with receiver.library.write() as db:
        db.execute("update assets set trashed_at = '2026-11-01T10:00:00+00:00'")
    (watching.folder / "a.jpg").write_bytes(b"unwanted")
    report = watching.wait(is_left("a.jpg"))
    time.sleep(3 * QUICK.retry)
    assert [a["source"] for a in arrivals(receiver)] == ["upload", "inbox"]
    assert "You deleted this on 2026-11-01" in dict(report.left_files)["a.jpg"]
    assert (watching.folder / "a.jpg").exists()
    with receiver.library.write() as db:
        db.execute("update assets set trashed_at = null")
    watching.wait_until_empty(1)


def test_links_pipes_and_empty_files_stay_with_a_reason_and_never_block(
    watching: Watching, receiver: Receiver, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"not in the inbox")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.jpg").write_bytes(b"neither")
    (watching.folder / "link.jpg").symlink_to(secret)
    (watching.folder / "folder-link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(watching.folder / "pipe.jpg")
    (watching.folder / "empty.jpg").touch()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(watching.folder / "socket.jpg"))
    (watching.folder / "good.jpg").write_bytes(b"good")
    report = watching.wait(lambda report: report.left == 5 and report.taken == 1)
    why = dict(report.left_files)
    assert "link" in why["link.jpg"]
    assert "link" in why["folder-link"]
    assert "pipe" in why["pipe.jpg"]
    assert "socket" in why["socket.jpg"]
    assert why["empty.jpg"] == "It is empty"
    assert (watching.folder / f"pipe.jpg{NOTE}").is_file()
    assert [a["name"] for a in assets(receiver)] == ["good.jpg"]
    assert secret.exists()


def test_an_empty_file_that_is_written_later_is_taken_and_its_note_goes(
    watching: Watching, receiver: Receiver
) -> None:
    (watching.folder / "later.jpg").touch()
    watching.wait(is_left("later.jpg"))
    (watching.folder / "later.jpg").write_bytes(b"here it is")
    watching.wait_until_empty(1)
    assert not names(watching.folder)


def test_a_full_disk_is_waited_for(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = threading.Event()
    stage = Originals.stage

    def stage_where_there_is_room(
        self: Originals, stream: BinaryIO, limit: int | None, **how: Any
    ) -> Any:
        if not room.is_set():
            raise DiskFull("There is no room to keep this file")
        return stage(self, stream, limit, **how)

    monkeypatch.setattr(Originals, "stage", stage_where_there_is_room)
    for number in range(3):
        (watching.folder / f"{number}.jpg").write_bytes(b"photo %d" % number)
    report = watching.wait(lambda report: bool(report.trouble))
    assert "no room" in report.trouble
    assert names(watching.folder) == ["0.jpg", "1.jpg", "2.jpg"]
    room.set()
    assert not watching.wait_until_empty(3).trouble


def test_when_the_disk_fills_up_in_the_middle_what_fits_is_kept(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_at_a_time = threading.Lock()
    staged: list[BinaryIO] = []
    stage = Originals.stage

    def stage_two(self: Originals, stream: BinaryIO, limit: int | None, **how: Any) -> Any:
        with one_at_a_time:
            if len(staged) == 2:
                raise DiskFull("There is no room to keep this file")
            staged.append(stream)
        return stage(self, stream, limit, **how)

    monkeypatch.setattr(Originals, "stage", stage_two)
    for number in range(5):
        (watching.folder / f"{number}.jpg").write_bytes(b"photo %d" % number)
    watching.wait(lambda report: report.taken == 2 and bool(report.trouble))
    assert len(names(watching.folder)) == 3


def test_folders_that_the_inbox_emptied_go_and_marked_ones_stay(
    watching: Watching, receiver: Receiver
) -> None:
    for folder in ("a/b/c", "synced/.stfolder", "synced/photos", "never-used"):
        (watching.folder / folder).mkdir(parents=True)
    (watching.folder / "a" / "b" / "c" / "x.jpg").write_bytes(b"x")
    (watching.folder / "synced" / "y.jpg").write_bytes(b"y")
    (watching.folder / "synced" / "photos" / "z.jpg").write_bytes(b"z")
    watching.wait_until_empty(3)
    end = time.monotonic() + 10
    while {p.name for p in watching.folder.iterdir()} != {"never-used", "synced"}:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert (watching.folder / "synced" / ".stfolder").is_dir()
    assert watching.folder.is_dir()


@pytest.mark.slow
def test_a_thousand_files_are_taken_and_every_byte_is_there(
    watching: Watching, receiver: Receiver
) -> None:
    wanted = {}
    for number in range(1000):
        path = watching.folder / str(number % 7) / f"{number}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"photo %d" % number)
        wanted[path.name] = sha(b"photo %d" % number)
    watching.wait(lambda report: report.taken == 1000 and not names(watching.folder), 60)
    assert {a["name"]: a["sha"] for a in assets(receiver)} == wanted
    assert len(arrivals(receiver)) == 1000
    assert not names(watching.folder)


def test_hostile_names_are_taken(watching: Watching, receiver: Receiver) -> None:
    hostile = [b"\xff\xfe.jpg", b"new\nline.jpg", b"-rf", b"a" * 251 + b".jpg", "ä/😀".encode(),
               b"$(reboot).jpg", b"'; drop table assets.jpg", b"x.albums.txt"]  # fmt: skip
    for number, name in enumerate(hostile):
        path = Path(os.fsdecode(os.fsencode(watching.folder) + b"/" + name))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"photo %d" % number)
    watching.wait_until_empty(len(hostile))
    assert len({a["sha"] for a in assets(receiver)}) == len(hostile)
    assert not names(watching.folder)


def test_a_long_name_that_cannot_be_taken_has_a_note_too(
    watching: Watching, receiver: Receiver
) -> None:
    (watching.folder / ("a" * 251 + ".jpg")).symlink_to("nothing")
    watching.wait(lambda report: report.left == 1)
    [note] = [name for name in names(watching.folder) if name.endswith(NOTE)]
    assert "a" * 251 + ".jpg" in (watching.folder / note).read_text()


def test_a_file_that_cannot_be_removed_is_said_to_be_kept_and_arrives_once(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Any) -> Path:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        (watching.folder / "a.jpg").write_bytes(b"a photo")
        report = watching.wait(is_left("a.jpg"))
        time.sleep(2 * QUICK.retry)
    assert "in the library, but cannot be removed" in dict(report.left_files)["a.jpg"]
    watching.wait_until_empty(1)
    assert len(arrivals(receiver)) == 1


def test_the_library_s_own_folders_are_no_inbox(receiver: Receiver) -> None:
    home = receiver.library.path.parent
    for folder in (home, home.parent, home / "originals", home / "incoming" / "x"):
        with pytest.raises(BadInput):
            Inbox(folder, receiver)


def test_a_box_that_ends_in_the_middle_of_a_file_keeps_nothing_of_it(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = threading.Event()
    stage = Originals.stage

    def stage_slowly(self: Originals, stream: BinaryIO, limit: int | None, **how: Any) -> Any:
        reading.set()
        watching.inbox._stopping.wait(10)
        return stage(self, stream, limit, **how)

    monkeypatch.setattr(Originals, "stage", stage_slowly)
    (watching.folder / "film.mov").write_bytes(b"a film")
    assert reading.wait(10)
    watching.inbox.stop()
    assert names(watching.folder) == ["film.mov"]
    assert not assets(receiver)
    assert not list(receiver.vault.originals.incoming.iterdir())


def test_an_inbox_that_vanishes_is_made_anew_and_one_that_cannot_be_is_said(
    watching: Watching, receiver: Receiver
) -> None:
    watching.folder.rmdir()
    watching.wait(lambda _: watching.folder.is_dir())
    (watching.folder / "a.jpg").write_bytes(b"after it came back")
    watching.wait_until_empty(1)
    watching.folder.rmdir()
    watching.folder.write_bytes(b"a file where the folder was")
    watching.wait(lambda report: bool(report.trouble))
    watching.folder.unlink()
    watching.wait(lambda report: not report.trouble)


def test_a_folder_that_is_made_anew_is_watched_again(
    watching: Watching, receiver: Receiver
) -> None:
    before = watching.inbox._observer
    watching.folder.rmdir()
    watching.wait(lambda report: report.notified and watching.inbox._observer is not before)
    (watching.folder / "a.jpg").write_bytes(b"a")
    watching.wait_until_empty(1)


@pytest.mark.parametrize("dies", ["what watches the folder", "what reads for all of them"])
def test_a_watch_that_died_is_not_said_to_tell_of_changes(
    watching: Watching, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    if dies == "what watches the folder":
        monkeypatch.setattr(Observer, "schedule", refuse_to_watch)
        assert watching.inbox._observer
        for emitter in watching.inbox._observer.emitters:
            emitter.stop()
    else:
        monkeypatch.setattr(InotifyFD, "get_instance", threading.Thread)
    watching.wait(lambda report: not report.notified)
    (watching.folder / "a.jpg").write_bytes(b"a")  # the regular look finds it
    watching.wait_until_empty(1)


def refuse_to_watch(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "no watches left")
