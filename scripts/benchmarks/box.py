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
from typing import Any

import httpx


@dataclass(frozen=True)
class Box:
    url: str
    session: dict[str, str]  # the header that lets a program in
    process: subprocess.Popen[str]
    seconds_to_ready: float

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request on a line of its own."""
        return httpx.request(method, self.url + path, headers=self.session, timeout=120, **given)

    def client(self, timeout: float = 60) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.session, timeout=timeout)

    def resident_mb(self) -> float:
        """Memory of the serving process and its decoders, in MB."""
        return resident_mb(self.process.pid)


@contextmanager
def serving(library: Path, **environment: str) -> Iterator[Box]:
    """`albums serve --local` on a free port, until the block ends."""
    begin = time.perf_counter()
    with _serve(library, "--local", **environment) as process:
        url, token = _printed(process)
        session = _enter(url, token)
        httpx.get(f"{url}/api/v1/status", headers=session, timeout=60).raise_for_status()
        yield Box(url, session, process, time.perf_counter() - begin)


@contextmanager
def serving_tailnet(library: Path, **environment: str) -> Iterator[None]:
    """`albums serve`, as it runs in a closet, until the block ends."""
    with _serve(library, **environment) as process:
        assert process.stdout
        process.stdout.readline()  # it says that it serves
        yield


@contextmanager
def _serve(library: Path, *how: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "albums", "serve", *how, "--library", str(library)]
    process = subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, text=True, env=os.environ | environment
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _printed(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Address and one-time token; the box answers when it prints them."""
    assert process.stdout
    for line in process.stdout:
        found = re.search(r"(http://[\w.:]+)/enter\?token=(\S+)", line)
        if found:
            return found[1], found[2]
    raise RuntimeError("the box did not print its address")


def _enter(url: str, token: str) -> dict[str, str]:
    answer = httpx.post(f"{url}/enter", data={"token": token}, timeout=30)
    return {"authorization": f"Bearer {answer.json()['session']}"}


def resident_mb(pid: int) -> float:
    """Memory of a process and its descendants, in MB."""
    return sum(_resident_kb(one) for one in (pid, *_children(pid))) / 1000


def _children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it has ended
        return []
    children = [int(child) for child in listed.split()]
    return children + [grandchild for child in children for grandchild in _children(child)]


def _resident_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found.group(1)) if found else 0
