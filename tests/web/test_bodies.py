"""What is held in memory has a limit; what is streamed to the disk has its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from albums.web.bodies import LONGEST


def endless(beginning: bytes) -> Iterator[bytes]:
    yield beginning
    for _ in range(2 * LONGEST >> 20):
        yield b" " * (1 << 20)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/have", "application/json"),
        ("/api/v1/receipts", "application/json"),
        ("/receipts", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_without_end_is_refused_before_it_fills_the_memory(
    client: TestClient, path: str, kind: str
) -> None:
    answer = client.post(path, content=endless(b"{"), headers={"content-type": kind})
    assert answer.status_code == 413, answer.text


def test_a_file_may_be_larger(client: TestClient) -> None:
    large = os.urandom(LONGEST + 1)
    assert client.post("/ingest", files={"file": ("a.bin", large)}).status_code == 200
    assert client.put("/dav/inbox/b.bin", content=large).status_code == 201
