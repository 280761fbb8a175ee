"""A whole library behind its web server; nothing works on it unless a test says so."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient

from albums.assembly import Albums, open_albums
from albums.cli.serving import listen_tcp
from albums.settings import Settings
from albums.web.app import create_app


@pytest.fixture
def albums(tmp_path: Path) -> Iterator[Albums]:
    settings = Settings(library=tmp_path / "library", workers=1, time_zone="Europe/Lisbon")
    albums = open_albums(settings)
    yield albums
    albums.close()


@pytest.fixture
def client(albums: Albums) -> Iterator[TestClient]:
    app = create_app(albums)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


Send = Callable[..., str]


@pytest.fixture
def send(client: TestClient) -> Send:
    """`send(content, name="a.jpg", **fields)` -> SHA-256 of what was sent."""

    def send(content: bytes, name: str = "a.jpg", **fields: str) -> str:
        answer = client.post("/ingest", files={"file": (name, content)}, data=fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["sha"])

    return send


@pytest.fixture
def server(albums: Albums) -> Iterator[str]:
    """The address of a real server on loopback."""
    with listen_tcp("127.0.0.1", 0) as door:
        config = uvicorn.Config(create_app(albums), log_level="error")
        with serve(config, door):
            yield f"http://127.0.0.1:{door.getsockname()[1]}"


@contextmanager
def serve(config: uvicorn.Config, listening: socket.socket) -> Iterator[None]:
    """A server in a thread, from when it answers until the block ends."""
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
