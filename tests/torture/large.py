"""A file of several gigabytes, cut off on its way: it goes on where it was, in little memory."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from random import Random

import httpx

from tests.torture.box import Box
from tests.torture.witness import Broken

_BLOCK = 1 << 20  # bytes
_MEMORY = 150 << 20  # bytes that the box may take more than before
_TUS = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream"}


def send_large(box: Box, rng: Random, gibibytes: int) -> None:
    """One upload, one request as long as the box lives, killed twice. Raises Broken."""
    length, seed = gibibytes << 30, rng.randbytes(16)
    box.start()
    with box.client() as client:
        begin = client.post("/uploads", headers=_TUS | {"upload-length": str(length)})
        where = begin.raise_for_status().headers["location"]
    for part in (0.3, 0.7):
        _send_until(box, where, seed, length, int(length * part))
        box.kill()
        box.start()
    _send_until(box, where, seed, length, length + 1)
    sha = _sha(seed, length)
    with box.client() as client:
        if client.post("/api/v1/have", json={"hashes": [sha]}).json()["answers"][sha] != "kept":
            raise Broken(["it is not in the library"])
        _read_back(client, sha, seed, length)
    box.end()


def _send_until(box: Box, where: str, seed: bytes, length: int, until: int) -> None:
    """Send the rest in one request; returns when the box has `until` bytes, or all."""
    with box.client() as client:
        offset = _offset(client, where)
    before, began = box.memory, time.monotonic()
    sender = threading.Thread(target=_send, args=(box, where, seed, offset, length), daemon=True)
    sender.start()
    peak, reached = before, offset
    with box.client() as client:
        while sender.is_alive() and reached < until:
            peak = max(peak, box.memory)
            time.sleep(0.2)
            reached = _offset(client, where)
    seconds = time.monotonic() - began
    print(
        f"{(reached - offset) >> 20} MiB in {seconds:.0f} s, {(peak - before) >> 20} MiB of memory",
        flush=True,
    )
    if peak - before > _MEMORY:
        raise Broken([f"it took {(peak - before) >> 20} MiB of memory"])
    if not sender.is_alive() and reached < length:
        raise Broken([f"the upload ended at {reached}:", box.said()])


def _send(box: Box, where: str, seed: bytes, offset: int, length: int) -> None:
    headers = {"upload-offset": str(offset), "content-length": str(length - offset)}
    try:
        with box.client() as client:
            client.timeout = httpx.Timeout(600)
            client.patch(where, content=_content(seed, offset, length), headers=_TUS | headers)
    except httpx.TransportError:
        pass  # it was killed


def _offset(client: httpx.Client, where: str) -> int:
    answer = client.head(where, headers=_TUS)
    if answer.status_code == 423:
        return 0
    return int(answer.raise_for_status().headers["upload-offset"])


def _content(seed: bytes, start: int, end: int) -> Iterator[bytes]:
    """The file's bytes from `start` to `end`: every MiB differs."""
    common = Random(seed).randbytes(_BLOCK - 8)
    while start < end:
        number, inside = divmod(start, _BLOCK)
        block = (number.to_bytes(8, "big") + common)[inside : inside + end - start]
        yield block
        start += len(block)


def _sha(seed: bytes, length: int) -> str:
    digest = hashlib.sha256()
    for block in _content(seed, 0, length):
        digest.update(block)
    return digest.hexdigest()


def _read_back(client: httpx.Client, sha: str, seed: bytes, length: int) -> None:
    """All of it, and a piece from its end."""
    digest = hashlib.sha256()
    with client.stream("GET", f"/api/v1/assets/{sha}/original") as answer:
        for block in answer.iter_bytes(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != sha:
        raise Broken(["it comes back changed"])
    start = length - 1000
    piece = client.get(f"/api/v1/assets/{sha}/original", headers={"range": f"bytes={start}-"})
    if piece.content != b"".join(_content(seed, start, length)):
        raise Broken(["its end comes back changed"])
