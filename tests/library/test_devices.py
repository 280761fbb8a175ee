"""The owner's devices: asked without waiting, written to stay, rebuilt from their file."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from albums.errors import DiskFull, NotFound
from albums.library import devices as under_test
from albums.library.database import Library
from albums.library.device_records import LONGEST_NAME, cleaned
from albums.library.devices import Device, Devices
from albums.vault.durable import replace_synced


def opened(library: Library) -> Devices:
    return Devices(library, file_of(library), replace_synced)


def file_of(library: Library) -> Path:
    return library.path.with_name("devices.json")


def in_file(library: Library) -> Any:
    return json.loads(file_of(library).read_bytes())


def come(devices: Devices, key: str, name: str = "galaxy-s24", **said: Any) -> Device:
    told: dict[str, Any] = {
        "model": "SM-S921U",
        "os": "android",
        "user_id": 7,
        "login": "ann@example.com",
    }
    return devices.seen(key, name=name, **(told | said))


@pytest.fixture
def devices(library: Library) -> Devices:
    return opened(library)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """For tests that write nothing."""
    library = Library(tmp_path_factory.mktemp("empty") / "albums.db")
    yield library
    library.close()


def test_a_device_that_comes_in_is_known_at_once_and_after_a_restart(
    library: Library, devices: Devices
) -> None:
    assert devices.get("n1") is None
    device = come(devices, "n1")
    assert devices.get("n1") == device
    assert (device.name, device.rights, device.renamed) == ("galaxy-s24", "owner", False)
    assert device.first_seen == device.last_seen
    devices.flush()
    assert opened(library).all() == [device]


def test_what_was_only_seen_is_not_written_before_the_flush(
    library: Library, devices: Devices
) -> None:
    come(devices, "n1")
    assert opened(library).all() == []
    assert not file_of(library).exists()
    devices.flush()
    assert [d["stable_id"] for d in in_file(library)["devices"]] == ["n1"]


def test_last_seen_moves_at_most_once_a_minute(
    devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = come(devices, "n1")
    monkeypatch.setattr(under_test, "now", lambda: "2031-01-01T00:00:00+00:00")
    assert come(devices, "n1") is first
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert come(devices, "n1").last_seen == "2031-01-01T00:00:00+00:00"
    assert devices.get("n1") == come(devices, "n1")


def test_that_a_device_was_seen_again_does_not_write_the_file(
    library: Library, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(devices, "n1")
    devices.flush()
    before = file_of(library).stat().st_mtime_ns
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    monkeypatch.setattr(under_test, "now", lambda: "2031-01-01T00:00:00+00:00")
    come(devices, "n1")
    devices.flush()
    assert file_of(library).stat().st_mtime_ns == before
    assert opened(library).all()[0].last_seen == "2031-01-01T00:00:00+00:00"


def test_a_new_name_in_the_tailnet_is_followed_until_the_person_gives_one(
    devices: Devices,
) -> None:
    come(devices, "n1", "old")
    assert come(devices, "n1", "new").name == "new"
    with devices.change() as change:
        change.rename("n1", "Ann's phone")
    newest = come(devices, "n1", "newest")
    assert (newest.name, newest.tailnet_name) == ("Ann's phone", "newest")


def test_two_devices_of_one_name_can_be_told_apart(devices: Devices) -> None:
    names = [
        come(devices, f"n{n}", name).name for n, name in enumerate(["phone", "Phone", "phone"])
    ]
    assert names == ["phone", "Phone-2", "phone-3"]
    assert come(devices, "n1", "Phone", model="other").name == "Phone-2"


def test_what_a_person_does_is_in_rows_and_file_and_visible_when_it_ends(
    library: Library, devices: Devices
) -> None:
    come(devices, "n1")
    come(devices, "n2", "tablet")
    with devices.change() as change:
        owner = change.claim(7, "ann@example.com", "Ann Lee")
        change.set_rights("n1", "blocked")
        change.forget("n2")
        assert devices.get("n1") == come(devices, "n1")
        assert devices.get("n1").rights == "owner"  # type: ignore[union-attr]
    assert devices.owner == owner
    assert devices.get("n1").rights == "blocked"  # type: ignore[union-attr]
    assert devices.get("n2") is None
    again = opened(library)
    assert (again.owner, again.all()) == (owner, devices.all())
    assert in_file(library)["owner"]["login"] == "ann@example.com"
    assert [d["rights"] for d in in_file(library)["devices"]] == ["blocked"]


def test_a_block_bites_while_the_device_keeps_asking(devices: Devices) -> None:
    come(devices, "n1")
    blocked_at, seen_after = [0.0], [0.0]
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            if come(devices, "n1", model=f"{time.monotonic()}").rights == "owner":
                seen_after[0] = time.monotonic()

    with ThreadPoolExecutor() as pool:
        asking = [pool.submit(keep_asking) for _ in range(4)]
        time.sleep(0.05)
        with devices.change() as change:
            change.set_rights("n1", "blocked")
        blocked_at[0] = time.monotonic()
        time.sleep(0.05)
        stop.set()
        for one in asking:
            one.result()
    assert 0 < seen_after[0] < blocked_at[0] + 0.02  # a call that was under way may still end
    assert devices.get("n1").rights == "blocked"  # type: ignore[union-attr]


def test_a_change_that_breaks_off_did_not_happen(library: Library, devices: Devices) -> None:
    come(devices, "n1")
    devices.flush()
    before = file_of(library).read_bytes()
    with pytest.raises(NotFound), devices.change() as change:
        change.set_rights("n1", "blocked")
        change.rename("nobody", "x")
    assert devices.get("n1").rights == "owner"  # type: ignore[union-attr]
    assert opened(library).all()[0].rights == "owner"
    assert file_of(library).read_bytes() == before


def test_a_change_that_cannot_be_written_down_did_not_happen(library: Library) -> None:
    def full(path: Path, content: bytes) -> None:
        raise DiskFull("There is no room")

    devices = Devices(library, file_of(library), full)
    come(devices, "n1")
    with pytest.raises(DiskFull), devices.change() as change:
        change.set_rights("n1", "blocked")
    assert devices.get("n1").rights == "owner"  # type: ignore[union-attr]


def test_a_flush_that_failed_is_said_and_made_up_for(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [DiskFull("There is no room")]

    def sometimes_full(path: Path, content: bytes) -> None:
        if failures:
            raise failures.pop()
        replace_synced(path, content)

    devices = Devices(library, file_of(library), sometimes_full)
    device = come(devices, "n1")
    devices.flush()
    assert "1 devices that came in are not written down: There is no room" in caplog.text
    assert opened(library).all() == []
    devices.flush()
    assert opened(library).all() == [device]


def test_a_lost_database_is_filled_from_the_file(tmp_path: Path) -> None:
    library = Library(tmp_path / "albums.db")
    devices = opened(library)
    come(devices, "n1")
    come(devices, "n2", "tablet")
    with devices.change() as change:
        change.claim(7, "ann@example.com", "Ann")
        change.set_rights("n2", "blocked")
        change.rename("n1", "Ann's phone")
    library.close()
    for part in tmp_path.glob("albums.db*"):
        part.unlink()
    library = Library(tmp_path / "albums.db")
    again = opened(library)
    assert (again.owner, again.all()) == (devices.owner, devices.all())
    assert opened(library).all() == devices.all()
    library.close()


def test_a_lost_file_is_written_again(library: Library, devices: Devices) -> None:
    with devices.change() as change:
        change.claim(7, "ann@example.com", "Ann")
    content = file_of(library).read_bytes()
    file_of(library).unlink()
    opened(library)
    assert file_of(library).read_bytes() == content


_SOME = {"stable_id": "n1", "name": "phone", "model": "", "os": "", "user_id": 7, "login": "a",
         "first_seen": "x", "last_seen": "x", "rights": "owner", "renamed": False,
         "tailnet_name": ""}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"null",
        b'{"version": 2, "owner": null, "devices": []}',
        b'{"version": 1, "owner": {"login": "ann"}, "devices": []}',
        json.dumps({"version": 1, "owner": None, "devices": [_SOME | {"rights": "all"}]}).encode(),
        json.dumps({"version": 1, "owner": None, "devices": [_SOME | {"user_id": "7"}]}).encode(),
        json.dumps({"version": 1, "owner": None, "devices": [_SOME | {"name": None}]}).encode(),
        json.dumps({"version": 1, "owner": None, "devices": [_SOME | {"rights": []}]}).encode(),
    ],
)
def test_a_damaged_file_is_set_aside_and_said(
    library: Library, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file_of(library).write_bytes(content)
    with caplog.at_level(logging.ERROR):
        devices = opened(library)
    assert "is damaged" in caplog.text
    assert (devices.owner, devices.all()) == (None, [])
    (aside,) = library.path.parent.glob("devices.json.damaged-*")
    assert aside.read_bytes() == content
    with devices.change() as change:
        change.claim(7, "ann@example.com", "Ann")
    assert in_file(library)["owner"]["user_id"] == 7


def test_many_threads_lose_nothing(library: Library, devices: Devices) -> None:
    def work(thread: int) -> None:
        for n in range(40):
            come(devices, f"n{thread}-{n % 5}", "phone")
            if n % 10 == 0:
                with devices.change() as change:
                    change.rename(f"n{thread}-{n % 5}", "phone")
            if n % 10 == 5:
                devices.flush()

    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(work, thread) for thread in range(8)]:
            one.result()
    devices.flush()
    known = devices.all()
    assert len(known) == 40
    assert len({device.name.casefold() for device in known}) == 40
    assert sorted(opened(library).all(), key=str) == sorted(known, key=str)


def test_a_name_taken_while_another_is_being_given_it_stays_unique(
    library: Library, devices: Devices
) -> None:
    come(devices, "n1", "phone")
    with devices.change() as change:
        assert change.rename("n1", "tablet").name == "tablet"
        come(devices, "n2", "tablet")
    names = {device.name for device in devices.all()}
    assert len(names) == 2
    devices.flush()
    assert {device.name for device in opened(library).all()} == names
    assert {device["name"] for device in in_file(library)["devices"]} == names


def test_the_database_knows_no_other_rights(library: Library) -> None:
    with pytest.raises(sqlite3.IntegrityError), library.write() as db:
        db.execute(
            """insert into devices values ('n1', '', '', '', 1, '', '', '', 'admin', 0, '')"""
        )


@given(st.text(max_size=200))
@example("A\x1b\u0323")  # what is taken out stood between letter and accent
def test_a_cleaned_name_is_one_visible_line(text: str) -> None:
    name = cleaned(text, LONGEST_NAME)
    assert len(name) <= LONGEST_NAME
    assert name == name.strip() == " ".join(name.split())
    assert cleaned(name, LONGEST_NAME) == name
    assert not any(ord(c) < 32 or ord(c) == 127 for c in name)
    name.encode()  # no lone surrogates


@given(st.lists(st.text(max_size=80), min_size=1, max_size=12))
def test_whatever_devices_call_themselves_they_differ(empty: Library, names: list[str]) -> None:
    devices = opened(empty)
    shown = [come(devices, f"n{n}", name).name for n, name in enumerate(names)]
    assert len({name.casefold() for name in shown}) == len(names)
    assert all(0 < len(name) <= LONGEST_NAME for name in shown)
