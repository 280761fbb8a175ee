"""The double of `tailscale serve` treats headers and bodies as the real one does."""

from __future__ import annotations

import http.client
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from tests.identity.serve import Serve

PHONE, KIOSK, UNKNOWN = "100.64.0.2", "100.64.0.5", "100.64.0.99"


class _Backend(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str) -> None:
        super().__init__(path, _Echo)
        self.pieces: list[bytes] = []
        self.came = threading.Event()
        self.ended_early = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The one who asked went away: that is what a test is about."""


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked: {"headers": [[name, value], ...], "body": "..."}."""

    protocol_version = "HTTP/1.1"
    server: _Backend

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/stream":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"one ")
            self.wfile.write(b"two")
            self.close_connection = True
            return
        content = {"headers": list(self.headers.items()), "body": self._body()}
        text = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_POST = do_HEAD = do_GET

    def _body(self) -> str:
        if self.headers["Transfer-Encoding"] == "chunked":
            while size := int(self.rfile.readline(), 16):
                self.server.pieces.append(self.rfile.read(size + 2)[:-2])
            self.rfile.readline()
            return b"".join(self.server.pieces).decode()
        left = int(self.headers["Content-Length"] or 0)
        while left:
            piece = self.rfile.read1(left)
            if not piece:
                self.server.ended_early.set()
                return ""
            left -= len(piece)
            self.server.pieces.append(piece)
            self.server.came.set()
        return b"".join(self.server.pieces).decode()


@pytest.fixture
def backend(serve: Serve) -> Iterator[_Backend]:
    serve.backend.parent.mkdir()
    backend = _Backend(str(serve.backend))
    threading.Thread(target=backend.serve_forever, args=(0.01,), daemon=True).start()
    yield backend
    backend.shutdown()
    backend.server_close()


def headers_at(url: str, **headers: str) -> dict[str, list[str]]:
    """What the backend saw, names in lower case."""
    found: dict[str, list[str]] = {}
    for name, value in httpx.get(url, headers=headers).json()["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


FORGED = {
    "Tailscale-User-Login": "mallory@example.com",
    "Tailscale-User-Name": "Mallory",
    "Tailscale-User-Profile-Pic": "https://evil.example/",
    "Tailscale-Funnel-Request": "?1",
    "Tailscale-Headers-Info": "forged",
    "Tailscale-App-Capabilities": "{}",
    "X-Forwarded-For": "100.64.0.1",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=100.64.0.1",
}


def test_a_person_is_named_and_forged_headers_are_gone(serve: Serve, backend: _Backend) -> None:
    seen = headers_at(serve.door(PHONE), **FORGED, Host="box.tail1234.ts.net")
    assert seen["x-forwarded-for"] == [PHONE]
    assert seen["x-forwarded-host"] == seen["host"] == ["box.tail1234.ts.net"]
    assert seen["x-forwarded-proto"] == ["https"]
    assert seen["tailscale-user-login"] == ["alice@example.com"]
    assert seen["tailscale-user-name"][0].isascii()
    assert str(make_header(decode_header(seen["tailscale-user-name"][0]))) == "Alice Ångström"
    assert "tailscale-funnel-request" not in seen
    assert "tailscale-app-capabilities" not in seen
    assert "forwarded" not in seen
    assert "Mallory" not in str(seen)


@pytest.mark.parametrize("address", [KIOSK, UNKNOWN])
def test_tagged_and_unknown_devices_are_not_named(
    serve: Serve, backend: _Backend, address: str
) -> None:
    seen = headers_at(serve.door(address), **FORGED)
    assert seen["x-forwarded-for"] == [address]
    assert not [name for name in seen if name.startswith("tailscale-")]


def test_the_public_comes_without_a_name(serve: Serve, backend: _Backend) -> None:
    seen = headers_at(serve.door(PHONE, funnel=True), **FORGED)
    assert seen["tailscale-funnel-request"] == ["?1"]
    assert [name for name in seen if name.startswith("tailscale-")] == ["tailscale-funnel-request"]


def test_without_a_backend_it_is_a_bad_gateway(serve: Serve) -> None:
    assert httpx.get(serve.door(PHONE)).status_code == 502


def test_a_body_is_handed_on_while_it_comes(serve: Serve, backend: _Backend) -> None:
    line = http.client.HTTPConnection(serve.door(PHONE).removeprefix("http://"))
    line.putrequest("POST", "/")
    line.putheader("Content-Length", "10")
    line.endheaders(b"first")
    assert backend.came.wait(5)
    line.send(b"later")
    assert json.loads(line.getresponse().read())["body"] == "firstlater"
    line.close()


def test_a_body_without_a_length_arrives_whole(serve: Serve, backend: _Backend) -> None:
    answer = httpx.post(serve.door(PHONE), content=iter([b"a", b"bc" * 70000]))
    assert answer.json()["body"] == "a" + "bc" * 70000


def test_an_upload_that_breaks_off_breaks_off_behind_it_too(
    serve: Serve, backend: _Backend
) -> None:
    host, _, port = serve.door(PHONE).removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        assert backend.came.wait(5)
    assert backend.ended_early.wait(5)


def test_answers_of_every_kind_come_back(serve: Serve, backend: _Backend) -> None:
    with httpx.Client(base_url=serve.door(PHONE), timeout=60) as client:
        assert client.get("/stream").text == "one two"
        assert client.head("/").status_code == 200
        assert client.get("/again").status_code == 200
