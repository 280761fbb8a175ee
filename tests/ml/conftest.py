"""Shared by the model tests: tiny checkpoints, made once, and a hub on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from albums.ml.basic import BasicEmbedder
from tests.ml.hub_on_loopback import Hub, handler_of
from tests.ml.tiny import make_clip, make_florence, make_idefics


@pytest.fixture(scope="session")
def basic(tmp_path_factory: pytest.TempPathFactory) -> BasicEmbedder:
    return BasicEmbedder(tmp_path_factory.mktemp("basic"), threads=1)


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny-clip"
    make_clip(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_idefics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("idefics")
    make_idefics(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_florence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("florence")
    make_florence(folder)
    return folder


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A real HTTP server on loopback that speaks the hub's way of serving files."""
    served = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(served))
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()
