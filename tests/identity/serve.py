"""A double of `tailscale serve`: sets its headers on a request and hands it to a unix socket."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.identity.localapi import Tailscaled

_STRIPPED = {
    "tailscale-user-login",
    "tailscale-user-name",
    "tailscale-user-profile-pic",
    "tailscale-funnel-request",
    "tailscale-headers-info",
    "tailscale-app-capabilities",
    # Go's reverse proxy does away with these before serve sets its own.
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
}
_OF_ONE_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_PIECE = 65536


class Serve:
    """`door(address)` is a URL at which one is taken for the device with that address."""

    def __init__(self, daemon: Tailscaled, backend: Path) -> None:
        self.daemon = daemon
        self.backend = backend
        self._doors: list[_Door] = []

    def __enter__(self) -> Serve:
        return self

    def __exit__(self, *_: object) -> None:
        for door in self._doors:
            door.shutdown()
            door.server_close()

    def door(self, address: str, *, funnel: bool = False, https: bool = True) -> str:
        door = _Door(self, address, funnel, https)
        self._doors.append(door)
        threading.Thread(target=door.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{door.server_address[1]}"


class _Door(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, serve: Serve, address: str, funnel: bool, https: bool) -> None:
        self.serve, self.address, self.funnel, self.https = serve, address, funnel, https
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is no news."""

    def headers_of(self, host: str) -> Iterator[tuple[str, str]]:
        """What serve says of the caller (tailscale/ipn/ipnlocal/serve.go)."""
        yield "X-Forwarded-For", self.address
        yield "X-Forwarded-Host", host
        if self.https:
            yield "X-Forwarded-Proto", "https"
        if self.funnel:
            yield "Tailscale-Funnel-Request", "?1"
            return
        device = self.serve.daemon.at(self.address)
        if device and not device.tags:
            profile = device.person.profile()
            yield "Tailscale-User-Login", encoded(profile["LoginName"])
            yield "Tailscale-User-Name", encoded(profile["DisplayName"])
            yield "Tailscale-User-Profile-Pic", profile["ProfilePicURL"]
            yield "Tailscale-Headers-Info", "https://tailscale.com/s/serve-headers"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Door

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._forward
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _forward(self) -> None:
        line = http.client.HTTPConnection("backend")
        line.sock = socket.socket(socket.AF_UNIX)
        try:
            line.sock.connect(str(self.server.serve.backend))
            self._ask(line)
            response = line.getresponse()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        else:
            self._answer(response)
        finally:
            line.close()

    def _ask(self, line: http.client.HTTPConnection) -> None:
        line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _STRIPPED | _OF_ONE_HOP:
                line.putheader(name, value)
        for name, value in self.server.headers_of(self.headers.get("Host", "")):
            line.putheader(name, value)
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "").lower()
        if chunked:
            line.putheader("Transfer-Encoding", "chunked")
        line.endheaders()
        pieces = self._chunks() if chunked else self._counted()
        try:
            for piece in pieces:
                line.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                line.send(b"0\r\n\r\n")
        except BrokenPipeError:  # it answered before it had everything
            self.close_connection = True

    def _counted(self) -> Iterator[bytes]:
        """The body as it comes in. Raises where it ends too early: so does the line behind us."""
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            piece = self.rfile.read1(min(left, _PIECE))
            if not piece:
                raise ConnectionAbortedError("the client went away")
            left -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, response: http.client.HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _OF_ONE_HOP:
                self.send_header(name, value)
        bodyless = self.command == "HEAD" or response.status in (204, 304)
        chunked = response.length is None and not bodyless
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not bodyless and (piece := response.read1(_PIECE)):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")


def encoded(text: str) -> str:
    """RFC 2047 as Go's mime.QEncoding writes it; ASCII stays as it is."""
    if text.isascii() and text.isprintable():
        return text
    plain = "".join(
        chr(byte) if 33 <= byte <= 126 and chr(byte) not in "=?_" else f"={byte:02X}"
        for byte in text.encode()
    )
    return f"=?utf-8?q?{plain.replace('=20', '_')}?="


@pytest.fixture
def serve(tailscaled: Tailscaled, tmp_path: Path) -> Iterator[Serve]:
    """In front of the unix socket `tmp_path/serve/albums.sock`, which a test may change."""
    with Serve(tailscaled, tmp_path / "serve" / "albums.sock") as serve:
        yield serve
