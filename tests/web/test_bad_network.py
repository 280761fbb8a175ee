"""Phones upload over a road that cuts, stalls and repeats: everything arrives once, whole."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

import httpx
import pytest

from albums.assembly import Albums
from tests.web.bad_network import FAULTS, BadNetwork
from tests.web.conftest import Box

pytestmark = pytest.mark.slow

_PHONES = 8
_FILES = 3  # each
_PATIENCE = 60.0  # seconds, for a file
_TUS = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream"}


@dataclass
class Phone:
    """Sends its files one after the other, each until the box says that it has it."""

    address: str
    headers: dict[str, str]
    files: dict[str, bytes]
    rng: Random
    send: Callable[[Phone, httpx.Client, str, bytes], None]
    begun: dict[str, str] = field(default_factory=dict)  # name -> where its upload is

    def send_all(self) -> None:
        for name, content in self.files.items():
            deadline = time.monotonic() + _PATIENCE
            while time.monotonic() < deadline and not self._try(name, content):
                time.sleep(0.05)

    def _try(self, name: str, content: bytes) -> bool:
        sha = hashlib.sha256(content).hexdigest()
        try:
            with httpx.Client(base_url=self.address, headers=self.headers, timeout=1.5) as client:
                self.send(self, client, name, content)
                have = client.post("/api/v1/have", json={"hashes": [sha]}).raise_for_status()
                return bool(have.json()["answers"][sha] == "kept")
        except httpx.HTTPError:
            return False

    def whole(self, client: httpx.Client, name: str, content: bytes) -> None:
        client.post("/ingest", files={"file": (name, content)}).raise_for_status()

    def in_pieces(self, client: httpx.Client, name: str, content: bytes) -> None:
        """As a tus client does: ask how far it is, go on from there."""
        if name not in self.begun:
            begin = client.post("/uploads", headers=_TUS | {"upload-length": str(len(content))})
            self.begun[name] = begin.raise_for_status().headers["location"]
        while (offset := self._offset(client, name)) < len(content):
            piece = content[offset : offset + int(2 ** self.rng.uniform(12, 21))]
            headers = _TUS | {"upload-offset": str(offset)}
            client.patch(self.begun[name], content=piece, headers=headers)

    def _offset(self, client: httpx.Client, name: str) -> int:
        answer = client.head(self.begun[name], headers=_TUS).raise_for_status()
        return int(answer.headers["upload-offset"])


@pytest.mark.parametrize("send", [Phone.in_pieces, Phone.whole])
def test_everything_arrives_once_and_whole(
    server: Box, albums: Albums, send: Callable[[Phone, httpx.Client, str, bytes], None]
) -> None:
    rng = Random(7)
    network = BadNetwork(server.port, Random(11), hang=2)
    with network.open() as port:
        phones = [
            Phone(f"http://127.0.0.1:{port}", server.headers, some_files(rng, phone), rng, send)
            for phone in range(_PHONES)
        ]
        with ThreadPoolExecutor(_PHONES) as at_once:
            list(at_once.map(Phone.send_all, phones))
    assert set(network.met) == set(FAULTS)
    sent = {hashlib.sha256(c).hexdigest() for phone in phones for c in phone.files.values()}
    with albums.library.read() as db:
        kept = {row["sha"]: row["extension"] for row in db.execute("select * from assets")}
    assert set(kept) == sent
    assert all(albums.vault.originals.reread(sha, kind) for sha, kind in kept.items())
    assert not list(albums.vault.originals.incoming.iterdir())


def some_files(rng: Random, phone: int) -> dict[str, bytes]:
    """Most are small, the largest 2 MiB."""
    return {
        f"{phone}-{number}.jpg": rng.randbytes(int(2 ** rng.uniform(4, 21)))
        for number in range(_FILES)
    }
