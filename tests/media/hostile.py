"""What a decoder that was taken over, or has a bug, might do. For the sandbox's tests."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shape:
    name: str
    sizes: dict[int, bytes]


def echo(value: object) -> object:
    return value


def shape(name: str) -> Shape:
    return Shape(name, {300: b"\x00\xff"})


def lie() -> Shape:
    return {"no": "shape"}  # type: ignore[return-value]


def crash() -> None:
    ctypes.string_at(1)


def leave(status: int) -> None:
    os._exit(status)


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def spin() -> None:
    while True:
        pass


def hoard() -> int:
    held = []
    while True:
        held.append(bytes(50_000_000))


def flood(size: int) -> bytes:
    return bytes(size)


def object_without_form() -> object:
    return object()


def recurse(depth: int) -> int:
    return recurse(depth + 1) + 1


def chatter() -> str:
    os.write(1, b"I am a library that prints\n" * 10)
    return "done"


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), 2).close()


def connect_by_hand(family: int, port: int) -> int:
    """Past Python, straight to libc and to the kernel: the error number (0: it worked)."""
    libc = ctypes.CDLL(None, use_errno=True)
    door = libc.socket(family, socket.SOCK_STREAM, 0)
    if door < 0:
        return ctypes.get_errno()
    address = struct.pack("=H", family) + struct.pack("!H4s8x", port, bytes([127, 0, 0, 1]))
    return ctypes.get_errno() if libc.connect(door, address, len(address)) else 0


def make_ring() -> int:
    """Of io_uring, which opens sockets without asking for the system call: the error number."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(425, 1, ctypes.create_string_buffer(120))
    return ctypes.get_errno()


def connect_through_another_program(port: int) -> int:
    """Its exit status."""
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode


def write(path: Path) -> None:
    path.write_bytes(b"x" * 100)


def circumstances() -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "nice": os.nice(0),
        "threads": os.environ.get("OMP_NUM_THREADS"),
    }
