"""The service manager's side is a real datagram socket, and the library a real one."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from albums.cli import notify
from albums.library.database import Library

SIGN = ["WATCHDOG=1"]


class Manager:
    """What systemd would hear."""

    def __init__(self, address: str) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(address)

    def hears(self, seconds: float) -> list[str] | None:
        """The next message; None where none comes in time."""
        self._line.settimeout(seconds)
        try:
            return self._line.recv(4096).decode().split("\n")
        except TimeoutError:
            return None

    def hears_within(self, seconds: float) -> list[list[str]]:
        """All that comes from now on."""
        deadline = time.monotonic() + seconds
        heard = []
        while (left := deadline - time.monotonic()) > 0:
            if message := self.hears(left):
                heard.append(message)
        return heard

    def forgets(self) -> None:
        """What was sent before now does not count."""
        self._line.setblocking(False)
        while True:
            try:
                self._line.recv(4096)
            except BlockingIOError:
                return

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    manager = Manager(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    yield manager
    manager.close()


def test_ready_and_stopping_are_said_with_a_line_for_people(manager: Manager) -> None:
    notify.ready("Serves /var/lib/albums/library")
    notify.stopping()
    assert manager.hears(1) == ["READY=1", "STATUS=Serves /var/lib/albums/library"]
    assert manager.hears(1) == ["STOPPING=1", "STATUS=Finishing what is in hand"]


def test_a_folder_with_an_odd_name_cannot_say_something_else(manager: Manager) -> None:
    notify.ready("Serves /srv/a\nMAINPID=1")
    assert manager.hears(1) == ["READY=1", "STATUS=Serves /srv/a MAINPID=1"]


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has abstract sockets.")
def test_an_abstract_socket_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"albums-test-{os.getpid()}"
    manager = Manager(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    assert notify.tell("READY=1")
    assert manager.hears(1) == ["READY=1"]
    manager.close()


def test_without_a_service_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    assert notify.tell("READY=1") is False


def test_a_service_manager_that_went_away_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert notify.tell("READY=1") is False
    assert "could not be told READY=1" in caplog.text


def test_signs_of_life_come_twice_as_often_as_asked_for(manager: Manager, library: Library) -> None:
    with notify.watch(lambda: notify.database_answers(library)):
        began = time.monotonic()
        assert [manager.hears(2) for _ in range(6)] == [SIGN] * 6
        taken = time.monotonic() - began
    assert 0.9 < taken < 2.0  # five pauses of 0.2 s
    manager.forgets()
    assert manager.hears_within(0.5) == []


@pytest.mark.parametrize(("name", "value"), [("WATCHDOG_PID", "1"), ("WATCHDOG_USEC", "soon")])
def test_signs_that_nobody_asked_us_for_are_not_given(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with notify.watch(lambda: True):
        assert manager.hears(0.5) is None


LOCK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_database_that_another_program_holds_keeps_the_sign_back_until_it_lets_go(
    manager: Manager, library: Library
) -> None:
    with notify.watch(lambda: notify.database_answers(library)):
        assert manager.hears(2) == SIGN
        with subprocess.Popen(
            [sys.executable, "-c", LOCK, str(library.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as other:  # fmt: skip
            assert other.stdout
            assert other.stdout.readline() == "locked\n"
            manager.forgets()
            heard = manager.hears_within(2)  # five times what was granted
            other.communicate()
        assert heard in ([], [SIGN])  # one may have been on its way
        assert manager.hears(5) == SIGN


def test_a_damaged_database_is_named_and_no_sign_is_given(
    manager: Manager, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(library.path) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    db.close()
    library.path.write_bytes(b"no database" * 1000)
    with notify.watch(lambda: notify.database_answers(library)):
        assert manager.hears(2) == ["STATUS=Does not answer itself"]
        assert manager.hears_within(0.5) == []
    assert "The database does not answer" in caplog.text


def test_a_long_transaction_of_our_own_is_work_and_only_delays_the_sign(
    manager: Manager, library: Library
) -> None:
    with ExitStack() as dog:
        with library.write() as db:
            dog.enter_context(notify.watch(lambda: notify.database_answers(library)))
            db.execute("create table t (x)")
            assert manager.hears(0.6) is None
        assert manager.hears(1) == SIGN


def test_trying_the_writer_changes_nothing_and_wakes_nobody(library: Library) -> None:
    woken: list[str] = []
    library.after_commit.append(lambda: woken.append("woken"))
    with library.read() as db:
        before = db.execute("pragma data_version").fetchone()[0]
    assert notify.database_answers(library)
    with library.read() as db:
        assert db.execute("pragma data_version").fetchone()[0] == before
    assert woken == []


def test_a_check_that_hangs_gives_no_sign_and_does_not_hold_up_the_end(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "_LAST_CHECK", 0.1)
    stuck = threading.Event()
    began = time.monotonic()
    with notify.watch(lambda: stuck.wait(60)):
        assert manager.hears(0.6) is None
    assert time.monotonic() - began < 2
    stuck.set()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        door.listen()
        yield door


def test_a_web_that_says_anything_answers(door: socket.socket, tmp_path: Path) -> None:
    def answer() -> None:
        connection, _ = door.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")

    threading.Thread(target=answer, daemon=True).start()
    assert notify.web_answers(tmp_path / "door")


@pytest.mark.usefixtures("door")
def test_a_web_that_takes_a_connection_and_says_nothing_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "_WEB_SECONDS", 0.2)
    assert not notify.web_answers(tmp_path / "door")
    assert not notify.web_answers(tmp_path / "nobody")
