"""A double of tailscaled: its LocalAPI over a real unix socket, and every way in which it fails.

Everything may be changed while it runs: `devices`, `state`, `tun`, `connections`, `fault`, ...
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.identity.certificates import key_and_certificate
from tests.identity.network import BOX, EVERYONE, SUFFIX, Device, Json, profiles

Fault = Literal["hang", "drip", "half", "500", "not json", "endless", "cut", "cut once", "slow"]
_ERROR = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
_LOGGED_OUT = ("NoState", "NeedsLogin", "NeedsMachineAuth")


class Tailscaled:
    """`with Tailscaled(path) as daemon:` it runs; `stop()`, `start()` and `restart()` in between.

    `connections`: (proto, "127.0.0.1:5555") -> address of the device that tailscaled forwards for.
    `fault` happens to every request whose path contains `faulty`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.own = BOX
        self.devices: dict[str, Device] = {device.stable_id: device for device in EVERYONE}
        self.connections: dict[tuple[str, str], str] = {}
        self.state = "Running"
        self.tun = True
        self.version = "1.102.3-t0123456789-gabcdef012"
        self.cert_domains: list[str] | None = [f"box.{SUFFIX}"]
        self.certificate_ends = datetime.now(UTC) + timedelta(days=60)
        self.health: list[str] | None = None
        self.magic_dns = True
        self.serve_config: Json | None = None
        self.may_read = True
        self.may_read_certificates = True
        self.unmaps = True  # since v1.102.0
        self.fault: Fault | None = None
        self.faulty = ""
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server: _Server | None = None

    def __enter__(self) -> Tailscaled:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """As if it was killed: every connection ends, the socket is gone."""
        if self._server:
            self._server.shutdown()
            self._server.hang_up()
            self._server.server_close()
            self._server = None
            self.path.unlink(missing_ok=True)

    def restart(self) -> None:
        self.stop()
        self.start()

    def add(self, device: Device) -> None:
        self.devices[device.stable_id] = device

    def remove(self, device: Device) -> None:
        del self.devices[device.stable_id]

    def forward(self, address: str, device: Device, proto: str = "tcp") -> None:
        """In userspace mode it connects to us from `address` in the name of `device`."""
        self.connections[proto, address] = device.addresses[0]

    def at(self, address: str) -> Device | None:
        """The device with this IP; the box itself is one of them."""
        if self.state in _LOGGED_OUT:
            return None
        known = (self.own, *self.devices.values())
        return next((device for device in known if address in device.addresses), None)

    def behind(self, ip: str, port: str, protocols: tuple[str, ...]) -> Device | None:
        """By address, and only then by the connections that it forwards."""
        found = self.at(ip)
        for proto in protocols if port and not found else ():
            name = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
            found = found or self.at(self.connections.get((proto, name), ""))
        return found

    def status(self, *, peers: bool) -> Json:
        """With `peers` also the people, as tailscaled does it."""
        logged_in = self.state not in _LOGGED_OUT
        devices = self.devices.values()
        tailnet = {
            "Name": "alice@example.com",
            "MagicDNSSuffix": SUFFIX,
            "MagicDNSEnabled": self.magic_dns,
        }
        nobody = {"ID": "", "HostName": "box", "DNSName": "", "UserID": 0, "TailscaleIPs": None}
        return {
            "Version": self.version,
            "TUN": self.tun,
            "BackendState": self.state,
            "HaveNodeKey": logged_in,
            "AuthURL": "",
            "TailscaleIPs": list(self.own.addresses) if logged_in else None,
            "Self": self.own.status() if logged_in else nobody,
            "Health": self.health,
            "MagicDNSSuffix": SUFFIX if logged_in else "",
            "CurrentTailnet": tailnet if logged_in else None,
            "CertDomains": self.cert_domains if logged_in else None,
            "Peer": {d.key: d.status() for d in devices} if peers and logged_in else None,
            "User": profiles((self.own, *devices)) if peers and logged_in else None,
            "ClientVersion": None,
        }


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, daemon: Tailscaled) -> None:
        self.daemon = daemon
        self.ended = threading.Event()
        self._lines: set[socket.socket] = set()
        super().__init__(str(daemon.path), _Handler)
        daemon.path.chmod(0o666)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is no news."""

    def hang_up(self) -> None:
        self.ended.set()
        for line in tuple(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        daemon = self.server.daemon
        daemon.requests.append((self.path, dict(self.headers)))
        if daemon.fault and daemon.faulty in self.path and not self._fails(daemon.fault):
            return
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        call = url.path.removeprefix("/localapi/v0/")
        if self.headers["Origin"] or self.headers["Referer"] or not self._right_host():
            self._refuse(403, "invalid localapi request")
        elif call == "whois":
            self._whois(asked)
        elif call == "status":
            self._status(asked)
        elif call == "serve-config":
            self._json(self.server.daemon.serve_config)
        elif call.startswith("cert/"):
            self._certificate(unquote(call.removeprefix("cert/")), asked)
        else:
            self._refuse(404, "404 page not found")

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _right_host(self) -> bool:
        return self.headers.get("Host", "") in ("", "local-tailscaled.sock")

    def _whois(self, asked: dict[str, str]) -> None:
        daemon = self.server.daemon
        address = asked.get("addr", "")
        if not daemon.may_read:
            return self._refuse(403, "whois access denied")
        if not address:
            return self._refuse(400, "missing 'addr' parameter")
        try:
            device = self._find(address, asked.get("proto", ""))
        except ValueError as error:
            return self._refuse(400, str(error))
        if device is None:
            return self._refuse(404, f"no match for {address}")
        destination = asked.get("svc_name") or asked.get("dst_ip") or ""
        return self._json(device.whois(destination))

    def _find(self, address: str, proto: str) -> Device | None:
        daemon = self.server.daemon
        if address.startswith("nodekey:"):
            if len(address) != len("nodekey:") + 64:
                raise ValueError("invalid nodekey in 'addr' parameter")
            return next((d for d in daemon.devices.values() if d.key == address), None)
        ip, port = _ip_and_port(address)
        if ip.version == 6 and ip.ipv4_mapped and daemon.unmaps:
            ip = ip.ipv4_mapped
        return daemon.behind(str(ip), port, (proto,) if proto else ("tcp", "udp"))

    def _status(self, asked: dict[str, str]) -> None:
        daemon = self.server.daemon
        if not daemon.may_read:
            return self._refuse(403, "status access denied")
        return self._json(daemon.status(peers=asked.get("peers") != "false"), end="\n")

    def _certificate(self, domain: str, asked: dict[str, str]) -> None:
        daemon = self.server.daemon
        if not daemon.may_read_certificates:
            return self._refuse(403, "cert access denied")
        if domain not in (daemon.cert_domains or ()):
            return self._refuse(500, f'invalid domain "{domain}"; not one of ours')
        ends = daemon.certificate_ends
        key, certificate = key_and_certificate(domain, ends - timedelta(days=90), ends)
        bodies = {"key": key, "pair": key + certificate}
        body = bodies.get(asked.get("type", ""), certificate)
        return self._send(200, body.encode(), {"Content-Type": "text/plain"})

    def _json(self, content: Any, end: str = "") -> None:
        text = json.dumps(content, indent="\t", ensure_ascii=False) + end
        self._send(200, text.encode("utf-8", "surrogatepass"), {"Content-Type": "application/json"})

    def _refuse(self, code: int, sentence: str) -> None:
        self._send(code, f"{sentence}\n".encode(), _ERROR)

    def _send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        fault = self.server.daemon.fault if self.server.daemon.faulty in self.path else None
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Tailscale-Version", self.server.daemon.version)
        self.send_header("Tailscale-Cap", "145")
        if fault != "endless":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "half":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif fault == "drip":
            self._drip(body)
        elif fault == "endless":
            self._never_end()
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        for byte in body:
            self.wfile.write(bytes((byte,)))
            if self.server.ended.wait(0.1):
                return

    def _never_end(self) -> None:
        while not self.server.ended.is_set():
            self.wfile.write(b" " * 65536)

    def _fails(self, fault: Fault) -> bool:
        """Whether an answer is given all the same."""
        daemon = self.server.daemon
        if fault == "hang":
            self.server.ended.wait()
        elif fault == "500":
            self._refuse(500, "server has no local backend")
            return False
        elif fault == "not json":
            self._send(200, b"<html>a captive portal</html>", {"Content-Type": "text/html"})
            return False
        elif fault == "slow":
            time.sleep(0.5)
        elif fault == "cut once":
            daemon.fault = None
        if fault in ("hang", "cut", "cut once"):
            self.close_connection = True
            return False
        return True


def _ip_and_port(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, str]:
    host, port = text, ""
    if text.startswith("[") or text.count(":") == 1:
        host, _, port = text.rpartition(":")
        host = host.strip("[]")
    if port and not port.isdecimal():
        raise ValueError("invalid 'addr' parameter")
    try:
        return ipaddress.ip_address(host), port
    except ValueError:
        raise ValueError("invalid 'addr' parameter") from None


@pytest.fixture
def tailscaled(tmp_path: Path) -> Iterator[Tailscaled]:
    """A daemon that runs, in which everybody of `tests.identity.network` is known."""
    folder = tmp_path / "tailscale"
    folder.mkdir()
    with Tailscaled(folder / "tailscaled.sock") as daemon:
        yield daemon
