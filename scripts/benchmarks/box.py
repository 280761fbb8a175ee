"""A box as its owner would start it, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True)
class Box:
    url: str
    process: subprocess.Popen[str]
    seconds_to_ready: float

    def resident_mb(self) -> float:
        """Memory of the serving process and its decoders, in MB."""
        pids = [self.process.pid, *_children(self.process.pid)]
        return sum(_resident_kb(pid) for pid in pids) / 1000


@contextmanager
def serving(library: Path, **environment: str) -> Iterator[Box]:
    """`albums serve` on a free port, until the block ends."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "albums", "serve", "--library", str(library), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    try:
        url = _address(process)
        _wait_for(url)
        yield Box(url, process, time.perf_counter() - begin)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        found = re.search(r"http://[\w.:]+", line)
        if found:
            return found.group().rstrip("/")
    raise RuntimeError("the box did not print its address")


def _wait_for(url: str) -> None:
    while True:
        try:
            httpx.get(f"{url}/api/v1/status", timeout=30).raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.02)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    children = [int(child) for child in path.read_text().split()]
    return children + [grandchild for child in children for grandchild in _children(child)]


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found.group(1)) if found else 0
