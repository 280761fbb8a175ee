"""A dependency that reports home, in the ways in which libraries do it.

`python phones_home.py try` tries and prints what came of it; `python phones_home.py SIGN RESULT
serve ...` is `albums serve` with that dependency in it, which tries as soon as the file SIGN is
there.
"""

from __future__ import annotations

import ctypes
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

STRANGER, STRANGER6 = "198.51.100.7", "2001:db8::7"  # reserved for documentation
NAME = "telemetry.example.com"


def tcp() -> None:
    socket.create_connection((STRANGER, 443), timeout=0.2)


def statsd() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.sendto(b"photos:1|c", (STRANGER, 8125))


def ipv6() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as door:
        door.sendto(b"photos:1|c", (STRANGER6, 8125))


def question() -> None:
    socket.getaddrinfo(NAME, 443)


def named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.sendto(b"photos:1|c", (f"udp.{NAME}", 8125))


def question_from_c() -> None:
    """As a C library asks: no hook of the interpreter sees it."""
    found = ctypes.c_void_p()
    libc = ctypes.CDLL(None)
    if libc.getaddrinfo(f"c.{NAME}".encode(), None, None, ctypes.byref(found)) != 0:
        raise OSError("libc found nothing")


PYTHONS: tuple[Callable[[], None], ...] = (
    tcp,
    statsd,
    ipv6,
    question,
    named,
)


def try_all() -> dict[str, str]:
    """Way -> the error it ended with; "" where there was none."""
    results = {}
    for way in (*PYTHONS, question_from_c):
        try:
            way()
            results[way.__name__] = ""
        except OSError as error:
            results[way.__name__] = type(error).__name__
    return results


def _try_when_told(sign: Path, result: Path) -> None:
    while not sign.exists():
        time.sleep(0.05)
    content = json.dumps(try_all())
    result.with_suffix(".part").write_text(content)
    result.with_suffix(".part").rename(result)


if __name__ == "__main__":
    if sys.argv[1] == "try":
        sys.stdout.write(json.dumps(try_all()))
    else:
        files = (Path(sys.argv.pop(1)), Path(sys.argv.pop(1)))
        threading.Thread(target=_try_when_told, args=files, daemon=True).start()
        from albums.cli import main

        main()
