"""A whole library behind its web server; nothing works on it unless a test says so."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from albums.assembly import Albums, open_albums
from albums.identity.access import Door
from albums.identity.doors import Doors, Server, listen_tcp, listen_unix
from albums.identity.local import entrance
from albums.settings import Settings
from albums.web.app import create_app
from tests.identity.localapi import tailscaled
from tests.web.chromium import PROGRAMS, Chromium, program

__all__ = ["tailscaled"]


@pytest.fixture
def albums(tmp_path: Path) -> Iterator[Albums]:
    settings = Settings(library=tmp_path / "library", workers=1, time_zone="Europe/Lisbon")
    albums = open_albums(settings)
    yield albums
    albums.close()


@pytest.fixture
def client(albums: Albums) -> Iterator[TestClient]:
    """The owner's browser on this machine, which followed the printed address."""
    app = create_app(albums, DoorsOfTests())
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        client.headers["authorization"] = f"Bearer {new_session(app)}"
        yield client


class DoorsOfTests(Doors):
    """Starlette's test client has no socket; it comes in where a browser of this machine does."""

    def find(self, server: Server) -> Door | None:
        return Door.LOCAL if server and tuple(server) == ("localhost", 80) else super().find(server)


def new_session(app: FastAPI) -> str:
    session = app.state.sessions.redeem(app.state.sessions.link())
    assert isinstance(session, str)
    return session


Send = Callable[..., str]


@pytest.fixture
def send(client: TestClient) -> Send:
    """`send(content, name="a.jpg", **fields)` -> SHA-256 of what was sent."""

    def send(content: bytes, name: str = "a.jpg", **fields: str) -> str:
        answer = client.post("/ingest", files={"file": (name, content)}, data=fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["sha"])

    return send


@dataclass(frozen=True)
class Box:
    """A real server on loopback, and what lets a program in."""

    url: str
    port: int
    headers: dict[str, str]

    @property
    def header(self) -> bytes:
        """As a line of a request that is written by hand."""
        return f"authorization: {self.headers['authorization']}\r\n".encode()

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.headers, timeout=30)


@pytest.fixture
def server(albums: Albums) -> Iterator[Box]:
    doors = Doors()
    with doors.add(Door.LOCAL, listen_tcp("127.0.0.1", 0)) as door:
        app = create_app(albums, doors)
        with serve(uvicorn.Config(app, log_level="error", proxy_headers=False), door):
            port = door.getsockname()[1]
            headers = {"authorization": f"Bearer {new_session(app)}"}
            yield Box(f"http://127.0.0.1:{port}", port, headers)


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


@dataclass(frozen=True)
class Local:
    """A box at plain loopback."""

    url: str
    app: FastAPI
    albums: Albums

    def link(self) -> str:
        return entrance(self.url, self.app.state.sessions.link())


@pytest.fixture
def local(albums: Albums) -> Iterator[Local]:
    doors = Doors()
    with doors.add(Door.LOCAL, listen_tcp("127.0.0.1", 0)) as door:
        app = create_app(albums, doors)
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        with serve(config, door):
            yield Local(url, app, albums)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chromium]:
    if program() is None:
        pytest.skip(f"no browser: none of {', '.join(PROGRAMS)} is installed")
    with Chromium(tmp_path / "profile") as browser:
        yield browser


@pytest.fixture
def shell(albums: Albums, tmp_path: Path) -> Iterator[httpx.Client]:
    """The box, asked over its unix socket."""
    doors = Doors()
    with doors.add(Door.SHELL, listen_unix(tmp_path / "s")) as door:
        config = uvicorn.Config(create_app(albums, doors), log_level="error")
        with serve(config, door):
            transport = httpx.HTTPTransport(uds=str(tmp_path / "s"))
            with httpx.Client(
                transport=transport, base_url="http://localhost", timeout=60
            ) as client:
                yield client
