"""Tells the service manager how the box is: systemd's sd_notify(3), and its watchdog.

Outside of systemd nothing here does anything.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import AlbumsError

if TYPE_CHECKING:
    from albums.library.database import Library

_RETRIES = 10  # looks in the time between two signs of life, once something was wrong
_LAST_CHECK = 2.0  # seconds that the end waits for a check in hand
_WEB_SECONDS = 10.0  # that the web may take for the smallest answer
_log = logging.getLogger("albums.watchdog")


def ready(status: str) -> None:
    """The box answers now. `status` is the line that `systemctl status` shows."""
    tell("READY=1", f"STATUS={status}")


def stopping() -> None:
    """The box was told to end, and finishes what is in hand."""
    tell("STOPPING=1", "STATUS=Finishing what is in hand")


def tell(*lines: str) -> bool:
    """Send `lines` to the service manager in one message; False where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # Linux' abstract sockets have no file
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect(address)
            line.sendall("\n".join(text.replace("\n", " ") for text in lines).encode())
    except OSError as error:
        _log.warning("The service manager could not be told %s: %s", lines[0], error)
        return False
    return True


def watch(check: Callable[[], bool]) -> Watchdog:
    """Gives signs of life while `check` says True, until closed. See Watchdog."""
    return Watchdog(check, _seconds_between_signs())


class Watchdog:
    """A thread that sends WATCHDOG=1 every `pause` seconds, but only after `check` said True.

    A check that hangs, fails or raises keeps the sign back, and systemd starts the box anew. So a
    check may take as long as `pause`: what is slow but ends is no fault.
    """

    def __init__(self, check: Callable[[], bool], pause: float) -> None:
        self._check = check
        self._pause = pause
        self._ending = threading.Event()
        # A daemon: a check that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        if pause:
            self._thread.start()

    def close(self) -> None:
        """No more checks, so that what they look at may be closed."""
        self._ending.set()
        if self._pause:
            self._thread.join(_LAST_CHECK)

    def __enter__(self) -> Watchdog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        well = True
        while not self._ending.is_set():
            was_well, well = well, self._check()
            if self._ending.is_set():
                return
            if well:
                tell("WATCHDOG=1", *([] if was_well else ["STATUS=Answers again"]))
            elif was_well:
                _log.error("The box does not answer itself; systemd restarts it if that goes on")
                tell("STATUS=Does not answer itself")
            self._ending.wait(self._pause if well else self._pause / _RETRIES)


def _seconds_between_signs() -> float:
    """Half of what systemd grants; 0 where it did not ask for signs, or asked somebody else."""
    asked = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    granted = os.environ.get("WATCHDOG_USEC", "")
    if asked != str(os.getpid()) or not granted.isdecimal():
        return 0.0
    return int(granted) / 2e6


class _Enough(Exception):
    """Undoes the transaction that only tried whether it can begin."""


def database_answers(library: Library) -> bool:
    """Can one read, and begin to write? Waits for its turn as every other writer does."""
    try:
        with library.read() as db:
            db.execute("select count(*) from sqlite_master").fetchone()
        with contextlib.suppress(_Enough), library.write(durable=False):
            raise _Enough
    except (AlbumsError, sqlite3.Error) as error:
        _log.error("The database does not answer: %s", error)
        return False
    return True


def web_answers(door: Path) -> bool:
    """Does the web say anything at all on its unix socket `door`? It needs no library for that."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_WEB_SECONDS)
            line.connect(str(door))
            line.sendall(b"HEAD /watchdog HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return line.recv(5) == b"HTTP/"
    except OSError as error:
        _log.error("The web does not answer: %s", error)
        return False
