"""Runs in the place of the box, with the hardening of its unit, and tells what it can do.

With arguments: tries only those things.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USER = 0x10000000


def connects_to(host: str) -> None:
    try:
        socket.create_connection((host, 9), timeout=3).close()
    except ConnectionRefusedError:
        return  # the packet went there and came back


def sends_to(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"hello", (host, 9))


def opens(family: int) -> None:
    socket.socket(family, socket.SOCK_RAW).close()


def asks_tailscaled() -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect("/run/tailscale/tailscaled.sock")


def writes(path: str) -> None:
    Path(path).write_text("x")


def runs_a_program_in(folder: str) -> None:
    program = Path(folder, "program")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    subprocess.run([str(program)], check=True)


def calls(name: str, *arguments: int) -> None:
    if getattr(LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def limits_itself() -> None:
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (1 << 20, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    )
    os.nice(1)


def convolves() -> None:
    import torch

    torch.nn.Conv2d(3, 64, 16, 16)(torch.rand(1, 3, 64, 64))
    if torch.backends.cpu.get_cpu_capability() == "DEFAULT":
        raise OSError("torch does not know this processor")


TRIES: dict[str, Callable[[], object]] = {
    "connect to this machine": lambda: connects_to("127.0.0.1"),
    "connect to the tailnet": lambda: connects_to("100.64.99.99"),
    "connect to the internet": lambda: connects_to("10.99.99.99"),
    "send to the internet": lambda: sends_to("10.99.99.99"),
    "open a packet socket": lambda: opens(socket.AF_PACKET),
    "open a netlink socket": lambda: opens(socket.AF_NETLINK),
    "ask tailscaled": asks_tailscaled,
    "write the library": lambda: writes("/var/lib/albums/x"),
    "write the cache": lambda: writes("/var/cache/albums/x"),
    "write /tmp": lambda: writes("/tmp/x"),
    "write the program": lambda: writes("/opt/albums/current/albums/x.py"),
    "write /etc": lambda: writes("/etc/x"),
    "write /usr/local": lambda: writes("/usr/local/x"),
    "read /home": lambda: list(Path("/home").iterdir()),
    "read /root": lambda: list(Path("/root").iterdir()),
    "run a program in the library": lambda: runs_a_program_in("/var/lib/albums"),
    "run a program in /tmp": lambda: runs_a_program_in("/tmp"),
    "make a namespace": lambda: calls("unshare", NEW_USER),
    "become root": lambda: calls("setuid", 0),
    "give a file away": lambda: os.chown("/var/lib/albums/x", 65534, -1),
    "set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "see other processes": lambda: Path("/proc/1/comm").read_text(),
    "see a disk": lambda: Path("/dev/disk0").stat(),
    "limit itself": limits_itself,
    "convolve": convolves,
}


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except (OSError, RuntimeError) as error:
        return f"no: {error}"
    return "yes"


if __name__ == "__main__":
    told = {name: outcome(TRIES[name]) for name in sys.argv[1:] or TRIES}
    status = Path("/proc/self/status").read_text().splitlines()
    told |= dict(line.split(":\t", 1) for line in status if line.startswith(("Cap", "No", "Secc")))
    sys.stdout.write(json.dumps(told) + "\n")
