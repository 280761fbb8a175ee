"""A road that is as bad as a phone's: slow, in crumbs, cut, silent, and saying things twice."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

_CHUNK = 64 * 1024  # bytes
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, with RST
FAULTS = ("none", "crumbs", "slow", "cut", "no answer", "silent", "twice")


@dataclass
class BadNetwork:
    """Passes TCP connections on to a port of this machine, each with one fault, by chance.

    none; crumbs: a few bytes at a time; slow: with pauses; cut: reset in the middle of what is
    sent; no answer: all arrives, but the answer is lost; silent: nothing goes on, and nobody says
    so; twice: what was sent is sent once more, later, when it is old news.
    """

    port: int  # where it leads
    rng: Random
    hang: float = 3.0  # seconds that a silent connection stays open
    met: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[int]:
        """The port to talk to. On leaving, waits for what still goes on."""
        with socket.create_server(("127.0.0.1", 0)) as door:
            self._begin(self._accept, door)
            yield int(door.getsockname()[1])
            door.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)

    def _begin(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = door.accept()
                self._begin(self._pass_on, near)

    def _chance(self) -> tuple[str, int]:
        """A fault, and after how many bytes it strikes."""
        with self._lock:
            fault = self.rng.choice(FAULTS)
            self.met[fault] += 1
            return fault, int(2 ** self.rng.uniform(5, 22))

    def _pass_on(self, near: socket.socket) -> None:
        fault, bytes_until = self._chance()
        with near, socket.create_connection(("127.0.0.1", self.port)) as far:
            said: list[bytes] = []
            back = threading.Thread(target=_answer, args=(far, near, fault), daemon=True)
            back.start()
            with suppress(OSError):
                self._carry(near, far, fault, bytes_until, said)
            back.join(30)
        if fault == "twice":
            self._say_again(b"".join(said))

    def _carry(
        self, near: socket.socket, far: socket.socket, fault: str, left: int, said: list[bytes]
    ) -> None:
        while chunk := near.recv(64 if fault == "crumbs" and left > 0 else _CHUNK):
            if fault in ("cut", "silent") and len(chunk) >= left:
                far.sendall(chunk[:left])
                if fault == "silent":
                    time.sleep(self.hang)
                for end in (near, far):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    end.shutdown(socket.SHUT_RDWR)
                return
            if fault == "slow":
                time.sleep(0.02)
            left -= len(chunk)
            said.append(chunk)
            far.sendall(chunk)
        far.shutdown(socket.SHUT_WR)

    def _say_again(self, said: bytes) -> None:
        time.sleep(0.2)
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as far:
            far.sendall(said)
            far.shutdown(socket.SHUT_WR)
            while far.recv(_CHUNK):
                pass


def _answer(far: socket.socket, near: socket.socket, fault: str) -> None:
    """The way back."""
    with suppress(OSError):
        while chunk := far.recv(_CHUNK):
            if fault == "no answer":
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                near.shutdown(socket.SHUT_RDWR)
                return
            near.sendall(chunk)
        near.shutdown(socket.SHUT_WR)
