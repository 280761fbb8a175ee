"""SIGKILL to a real box in the middle of uploads: what it said it has, it has."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.entering import enter, printed_link
from tests.web.tus import TusClient

pytestmark = pytest.mark.slow

MB = 1 << 20


@dataclass
class Running:
    """A box in a process of its own, and somebody whom it lets in."""

    process: subprocess.Popen[str]
    client: httpx.Client

    @property
    def upload(self) -> TusClient:
        return TusClient(self.client)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@contextmanager
def running(library: Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "albums", "serve", "--local", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--library", str(library)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    box = None
    try:
        assert process.stdout
        with enter(printed_link(process.stdout)) as client:
            box = Running(process, client)
            yield box
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        assert process.stdout
        process.stdout.close()


@pytest.mark.parametrize("seed", [1])
def test_kill_9_in_the_middle_of_an_upload_and_resume_byte_for_byte(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    content = chance.randbytes(40 * MB)
    with running(tmp_path) as box:
        at = box.upload.begin(len(content), filename="film.mp4")
        sender = threading.Thread(target=_send, args=(box, at, content))
        sender.start()
        promised = _wait_for(box, at, chance.choice([8 * MB, 16 * MB]))
        time.sleep(chance.random() / 50)
        box.kill()
        sender.join()
    with running(tmp_path) as box:
        offset = box.upload.offset(at)
        assert promised <= offset < len(content)
        answer = box.upload.append(at, offset, content[offset:])
        assert answer.status_code == 204, answer.text
        sha = hashlib.sha256(content).hexdigest()
        assert answer.headers["albums-sha256"] == sha
        kept = box.client.get(f"/api/v1/assets/{sha}/original")
        assert hashlib.sha256(kept.content).hexdigest() == sha


def _send(box: Running, at: str, content: bytes) -> None:
    """One request for the whole file; it is cut off, and nobody hears the answer."""

    def slowly() -> Iterator[bytes]:
        for begin in range(0, len(content), MB):
            yield content[begin : begin + MB]
            time.sleep(0.02)

    headers = {"content-length": str(len(content)), "cookie": _cookie(box)}
    try:
        with httpx.Client(base_url=box.client.base_url, timeout=30) as client:
            TusClient(client).append(at, 0, slowly(), **headers)
    except httpx.TransportError:
        return
    pytest.fail("the box outlived its end")


def _cookie(box: Running) -> str:
    return "; ".join(f"{name}={value}" for name, value in box.client.cookies.items())


def _wait_for(box: Running, at: str, offset: int) -> int:
    deadline = time.monotonic() + 20
    while (now := box.upload.offset(at)) < offset:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return now
