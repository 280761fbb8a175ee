"""Every door, every kind of caller, every sort of request: who gets what, and what they read."""

from __future__ import annotations

import asyncio
import html
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from albums.assembly import Albums, open_albums
from albums.cli.serving import Serving
from albums.identity import refusals
from albums.identity.access import Door, Kind, Route
from albums.identity.doors import Doors, Server, serve_socket, shell_socket
from albums.settings import Settings
from albums.web.app import create_app
from albums.web.routes import route_of
from tests.identity.localapi import Tailscaled
from tests.identity.network import (
    ALICE,
    BOB,
    BOX,
    EXPIRED,
    GUEST,
    IMPOSTOR,
    KIOSK,
    PHONE,
    STRANGER,
    TABLET,
    Device,
)
from tests.identity.serve import Serve
from tests.web.conftest import new_session

WATCH = Device("nWATCH9CNTRL", "watch", ALICE, ("100.64.0.9", "fd7a:115c:a1e0::9"))
NOBODY = "100.64.9.9"
PORT = 5555  # from which they come

SOCKETS: dict[Door, Server] = {
    Door.SERVE: ("/run/albums/serve.sock", None),
    Door.TAILNET: ("100.64.0.1", 8300),
    Door.USERSPACE: ("127.0.0.1", 8300),
    Door.LOCAL: ("127.0.0.1", 8301),
    Door.SHELL: ("/srv/albums/albums.sock", None),
}
# One request of each sort. What is let through reaches an endpoint that is not there, or one
# that says no for a reason of its own.
REQUESTS: dict[Route, tuple[str, str]] = {
    Route.OPEN: ("GET", "/static/app.css"),
    Route.UPLOAD: ("POST", "/ingest"),
    Route.READ: ("GET", "/api/v1/audit"),
    Route.WRITE: ("POST", "/api/v1/work/resume"),
    Route.DESTROY: ("POST", "/api/v1/trash/empty"),
    Route.SHARE: ("GET", "/s/some-link"),
    Route.SHELL: ("GET", "/api/v1/imports"),
}
LET_IN = {
    Route.OPEN: 200,
    Route.UPLOAD: 422,
    Route.READ: 200,
    Route.WRITE: 200,
    Route.DESTROY: 428,
    Route.SHARE: 404,
    Route.SHELL: 200,
}
# Who may what: x, and with which status and sentence the others are sent away.
MATRIX = """
           open upload read write destroy share shell
owner      x    x      x    x     x       x     403  only for the box's own shell
uploader   x    x      403  403   403     403   403  may only upload
blocked    x    403    403  403   403     403   403  is blocked
unclaimed  x    403    403  403   403     403   403  no owner yet
stranger   x    403    403  403   403     x     403  belongs to somebody else
guest      x    403    403  403   403     x     403  Guests only see
tagged     x    403    403  403   403     403   403  belongs to nobody
self       x    403    403  403   403     403   403  does not let itself in
expired    x    403    403  403   403     403   403  key has expired
unknown    403  403    403  403   403     403   403  not known
funnel     403  403    403  403   403     403   403  Nothing here is public
forged     403  403    403  403   403     403   403  does not add up
unproven   x    503    503  503   503     503   503  cannot tell who you are
browser    x    x      x    x     x       x     403  only for the box's own shell
visitor    x    401    401  401   401     401   401  does not know this browser
shell      x    x      x    x     x       x     x    -
"""
ROUTES = [Route(name) for name in MATRIX.split("\n")[1].split()]
EXPECTED: dict[tuple[Kind, Route], int] = {}
SENTENCES: dict[Kind, str] = {}
for line in MATRIX.strip("\n").split("\n")[1:]:
    who, *cells = line.split(None, len(ROUTES) + 1)
    SENTENCES[Kind(who)] = cells.pop()
    for route, cell in zip(ROUTES, cells, strict=True):
        EXPECTED[Kind(who), route] = LET_IN[route] if cell == "x" else int(cell)

DEVICES = {
    Kind.OWNER: PHONE,
    Kind.UPLOADER: TABLET,
    Kind.BLOCKED: WATCH,
    Kind.UNCLAIMED: PHONE,
    Kind.STRANGER: STRANGER,
    Kind.GUEST: GUEST,
    Kind.TAGGED: KIOSK,
    Kind.SELF: BOX,
    Kind.EXPIRED: EXPIRED,
    Kind.UNPROVEN: PHONE,
}
COMERS: dict[Door, list[Kind]] = {
    Door.SERVE: [*DEVICES, Kind.UNKNOWN, Kind.FUNNEL, Kind.FORGED],
    Door.TAILNET: [*DEVICES, Kind.UNKNOWN],
    Door.USERSPACE: [*DEVICES, Kind.UNKNOWN],
    Door.LOCAL: [Kind.BROWSER, Kind.VISITOR],
    Door.SHELL: [Kind.SHELL],
}
CASES = [(d, k, r) for d, kinds in COMERS.items() for k in kinds for r in ROUTES]


class FixedDoors(Doors):
    def find(self, server: Server) -> Door | None:
        return next((door for door, at in SOCKETS.items() if at == server), None)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class World:
    """Three boxes in one tailnet: Alice's, one without owner, one whose tailscaled is away."""

    daemon: Tailscaled
    claimed: Any
    unclaimed: Any
    alone: Any
    loop: asyncio.Runner

    def box(self, kind: Kind) -> Any:
        if kind is Kind.UNCLAIMED:
            return self.unclaimed
        return self.alone if kind is Kind.UNPROVEN else self.claimed

    def ask(
        self,
        app: Any,
        door: Door,
        method: str,
        path: str,
        headers: list[tuple[str, str]],
        client: tuple[str, int] | None,
        host: str = "localhost",
        server: Server = None,
    ) -> Answer:
        """One request, as uvicorn would hand it over."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in [("host", host), *headers]],
            "client": client,
            "server": server or SOCKETS[door],
            "state": {},
        }
        said: list[Any] = []

        body = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Any:
            if not body:
                await asyncio.Event().wait()  # the line stays open
            return body.pop()

        async def send(message: Any) -> None:
            said.append(message)

        self.loop.run(app(scope, receive, send))
        names = {k.decode(): v.decode() for k, v in said[0]["headers"]}
        return Answer(said[0]["status"], names, b"".join(m.get("body", b"") for m in said[1:]))

    def come(
        self, door: Door, kind: Kind, method: str, path: str, *more: tuple[str, str]
    ) -> Answer:
        """Somebody of this kind, at this door."""
        headers, client = self._identity(door, kind)
        app = self.box(kind)
        app.state.tailnet.hung_up("127.0.0.1", PORT)  # each time a connection of its own
        return self.ask(app, door, method, path, [*headers, *more], client)

    def _identity(
        self, door: Door, kind: Kind
    ) -> tuple[list[tuple[str, str]], tuple[str, int] | None]:
        if door is Door.SHELL:
            return [], None
        if door is Door.LOCAL:
            known = f"Bearer {new_session(self.claimed)}"
            return [("authorization", known)] if kind is Kind.BROWSER else [], ("127.0.0.1", 1)
        device = DEVICES.get(kind)
        address = device.addresses[0] if device else NOBODY
        if door is Door.USERSPACE:
            self.daemon.connections.clear()
            if device:
                self.daemon.forward(f"127.0.0.1:{PORT}", device)
            return [], ("127.0.0.1", PORT)
        if door is Door.TAILNET:
            return [], (address, PORT)
        headers = [("x-forwarded-for", address)]
        if kind is Kind.FUNNEL:
            headers.append(("tailscale-funnel-request", "?1"))
        if kind is Kind.FORGED:
            headers.append(("x-forwarded-for", PHONE.addresses[0]))
        return headers, None


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("world")
    with (
        Tailscaled(place / "d.sock") as daemon,
        opened(place, "claimed", daemon.path) as alices,
        opened(place, "unclaimed", daemon.path) as nobodys,
        opened(place, "alone", place / "nothing") as alone,
        asyncio.Runner() as loop,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(refusals, "IN_A_ROW", 10**9)
        daemon.add(WATCH)
        for box in (alices, alone):
            with box.devices.change() as change:
                change.claim(ALICE.id, ALICE.login, ALICE.display_name)
        for device, rights in ((TABLET, "upload"), (WATCH, "blocked")):
            alices.devices.seen(
                device.stable_id, name=device.name, model="", os="", user_id=ALICE.id, login=""
            )
            with alices.devices.change() as change:
                change.set_rights(device.stable_id, rights)  # type: ignore[arg-type]
        apps = [create_app(box, FixedDoors()) for box in (alices, nobodys, alone)]
        yield World(daemon, apps[0], apps[1], apps[2], loop)
        for app in apps:
            loop.run(app.state.tailnet.close())


@contextmanager
def opened(place: Path, name: str, tailscale: Path) -> Iterator[Albums]:
    settings = Settings(library=place / name, workers=1, tailscale_socket=str(tailscale))
    with closing(open_albums(settings)) as albums:
        yield albums


def test_the_matrix_knows_every_kind_and_every_route() -> None:
    assert {kind for kind, _ in EXPECTED} == set(Kind)
    assert {route for _, route in EXPECTED} == set(Route)
    assert set(COMERS) == set(Door)
    assert len(CASES) >= 60
    for route, (method, path) in REQUESTS.items():
        assert route_of(method, path) is route


@pytest.mark.parametrize(("door", "kind", "route"), CASES, ids=lambda value: value.value)
def test_who_gets_what(world: World, door: Door, kind: Kind, route: Route) -> None:
    method, path = REQUESTS[route]
    answer = world.come(door, kind, method, path)
    assert answer.status == EXPECTED[kind, route], answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    if answer.status != LET_IN[route]:
        error = json.loads(answer.body)["error"]
        assert SENTENCES[kind] in error["what"]
        assert error["why"]
        assert answer.headers["cache-control"] == "no-store"
        page = world.come(door, kind, method, path, ("accept", "text/html")).body.decode()
        assert error["why"] in html.unescape(page) or path.startswith("/api/")


def test_what_reaches_beyond_the_library_is_for_the_shell_alone(world: World) -> None:
    only_shell = ["/api/v1/owner", "/api/v1/links", "/api/v1/models/changed", "/api/v1/imports",
                  "/api/v1/exports"]  # fmt: skip
    for path in only_shell:
        for door, kind in ((Door.SERVE, Kind.OWNER), (Door.LOCAL, Kind.BROWSER)):
            assert world.come(door, kind, "POST", path).status == 403
        assert world.come(Door.SHELL, Kind.SHELL, "POST", path).status != 403


FORGERIES = [
    ("x-forwarded-for", "100.64.0.2"),
    ("x-real-ip", "100.64.0.2"),
    ("forwarded", "for=100.64.0.2"),
    ("tailscale-user-login", "alice@example.com"),
    ("tailscale-user-name", "Alice"),
    ("authorization", "Bearer alice"),
    ("cookie", "albums-session=alice"),
]


@pytest.mark.parametrize("forged", FORGERIES, ids=lambda pair: pair[0])
@pytest.mark.parametrize(
    ("door", "kind"),
    [
        (Door.TAILNET, Kind.STRANGER),
        (Door.TAILNET, Kind.UNKNOWN),
        (Door.USERSPACE, Kind.UNKNOWN),
        (Door.LOCAL, Kind.VISITOR),
        (Door.SERVE, Kind.STRANGER),
    ],
    ids=lambda value: value.value,
)
def test_no_header_makes_anybody_somebody_else(
    world: World, door: Door, kind: Kind, forged: tuple[str, str]
) -> None:
    answer = world.come(door, kind, "GET", "/api/v1/audit", forged)
    assert answer.status in (401, 403)
    assert b"entries" not in answer.body


@pytest.mark.parametrize(
    "addresses",
    [[], ["100.64.0.2", "100.64.0.2"], ["100.64.0.2, 100.64.0.4"], ["10.0.0.1"], ["::1"], ["x"]],
)
def test_the_proxy_says_exactly_one_address_of_a_tailnet(
    world: World, addresses: list[str]
) -> None:
    headers = [("x-forwarded-for", address) for address in addresses]
    answer = world.ask(world.claimed, Door.SERVE, "GET", "/api/v1/audit", headers, None)
    assert answer.status == 403
    assert b"does not add up" in answer.body


def test_the_login_that_the_proxy_says_must_be_the_devices(world: World) -> None:
    for login, status in (
        (ALICE.login, 200),
        ("=?utf-8?q?alice=40example.com?=", 200),
        ("bob@example.org", 403),
        ("=?utf-8?q?=FF?=", 403),
    ):
        said = ("tailscale-user-login", login)
        assert world.come(Door.SERVE, Kind.OWNER, "GET", "/api/v1/audit", said).status == status


def test_the_same_login_at_another_provider_is_a_stranger(world: World) -> None:
    came = [("x-forwarded-for", IMPOSTOR.addresses[0])]
    answer = world.ask(world.claimed, Door.SERVE, "GET", "/api/v1/audit", came, None)
    assert b"belongs to somebody else" in answer.body


@pytest.mark.parametrize(
    "address", ["fd7a:115c:a1e0::2", "::ffff:100.64.0.2", "fd7a:115c:a1e0:0::2%eth0"]
)
def test_one_device_has_many_spellings(world: World, address: str) -> None:
    client = (address, PORT)
    assert world.ask(world.claimed, Door.TAILNET, "GET", "/", [], client).status == 200


def test_where_nobody_opened_a_door_nobody_is_answered(world: World) -> None:
    with pytest.raises(RuntimeError, match="no door"):
        world.ask(world.claimed, Door.TAILNET, "GET", "/", [], None, server=("127.0.0.1", 1))


def test_a_box_is_only_called_by_its_names(world: World) -> None:
    def called(host: str) -> int:
        client = (PHONE.addresses[0], PORT)
        return world.ask(world.claimed, Door.TAILNET, "GET", "/", [], client, host).status

    for name in ("box.tail1234.ts.net", "box", "100.64.0.1:8300", "[fd7a:115c:a1e0::1]:8300"):
        assert called(name) == 200
    for name in ("evil.example", "box.tail1234.ts.net.evil.example", "100.64.0.2", ""):
        assert called(name) == 421


def test_another_sites_page_reads_nothing_but_its_links_lead_here(world: World) -> None:
    def status(*headers: tuple[str, str]) -> int:
        return world.come(Door.SERVE, Kind.OWNER, "GET", "/", *headers).status

    elsewhere = ("sec-fetch-site", "cross-site")
    assert status(elsewhere, ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")) == 403
    assert status(elsewhere, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")) == 403
    assert status(elsewhere) == 403
    assert status(elsewhere, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")) == 200
    assert status(("sec-fetch-site", "same-origin")) == 200


def test_ten_refusals_in_a_row_slow_a_caller_down_and_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("albums.web.gate.asyncio.sleep", wait)
    monkeypatch.setattr(refusals, "IN_A_ROW", 10)
    world.claimed.state.refusals.forgive(STRANGER.stable_id)
    world.claimed.state.refusals.forgive(GUEST.stable_id)
    for _ in range(16):
        world.come(Door.SERVE, Kind.STRANGER, "GET", "/")
    assert waited[:10] == [0.0] * 10
    assert waited[10:] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    world.come(Door.SERVE, Kind.GUEST, "GET", "/")
    assert waited[16:] == [0.0]


def test_every_refusal_says_who_what_and_why_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "albums.web.gate"):
        world.come(Door.SERVE, Kind.STRANGER, "GET", "/assets/x")
    said = caplog.messages[-1]
    for part in ("tailscale://laptop", BOB.login, "stranger", "serve", "GET /assets/x"):
        assert part in said
    assert world.claimed.state.refusals.by_kind[Kind.STRANGER] > 0


@contextmanager
def served(place: Path, daemon: Tailscaled, port: int = 0) -> Iterator[tuple[Serving, Settings]]:
    """A whole box, claimed by Alice."""
    settings = Settings(
        library=place / "library", workers=1, tailscale_socket=str(daemon.path), port=port
    )
    with closing(Serving(settings, working=False, tailnet=True)) as serving:
        with serving.albums.devices.change() as change:
            change.claim(ALICE.id, ALICE.login, ALICE.display_name)
        yield serving, settings


def test_through_the_proxy_a_phone_uploads_under_its_name(
    tmp_path: Path, tailscaled: Tailscaled
) -> None:
    with (
        served(tmp_path, tailscaled) as (_, settings),
        Serve(tailscaled, serve_socket(settings.library)) as proxy,
    ):
        forged = {"x-forwarded-for": "100.64.0.6", "tailscale-user-login": BOB.login}
        phone = proxy.door(PHONE.addresses[0])
        sent = httpx.post(f"{phone}/ingest", files={"file": ("a.txt", b"hello")}, headers=forged)
        assert sent.status_code == 200, sent.text
        asset = httpx.get(f"{phone}/api/v1/assets/{sent.json()['sha']}").json()
        assert asset["_origin"] == "tailscale://galaxy-s24"
        stranger = proxy.door(STRANGER.addresses[0])
        assert httpx.get(f"{stranger}/api/v1/assets/{asset['sha']}").status_code == 403
        funnel = proxy.door(PHONE.addresses[0], funnel=True)
        assert httpx.get(f"{funnel}/").status_code == 403


def ask_over(path: Path, address: str, what: str = "/api/v1/status") -> httpx.Response:
    transport = httpx.HTTPTransport(uds=str(path))
    with httpx.Client(transport=transport, base_url="http://localhost", timeout=60) as client:
        return client.get(what, headers={"x-forwarded-for": address}, timeout=10)


@pytest.mark.parametrize("fault", ["hang", "drip", "half", "500", "not json", "stopped"])
def test_without_an_answer_from_tailscale_nobody_comes_in_and_it_heals_by_itself(
    tmp_path: Path, tailscaled: Tailscaled, fault: Any
) -> None:
    with served(tmp_path, tailscaled) as (serving, settings):
        path = serve_socket(settings.library)
        if fault == "stopped":
            tailscaled.stop()
        else:
            tailscaled.fault = fault
        serving.app.state.tailnet.forget()
        began = time.monotonic()
        answer = ask_over(path, PHONE.addresses[0])
        assert time.monotonic() - began < 2
        assert answer.status_code == 503
        assert "Tailscale" in answer.text
        assert answer.headers["retry-after"]
        tailscaled.fault = None
        if fault == "stopped":
            tailscaled.start()
        assert eventually(lambda: ask_over(path, PHONE.addresses[0]).status_code == 200, 30)


def eventually(true: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False


def test_logged_out_and_removed_devices_are_out_soon(
    tmp_path: Path, tailscaled: Tailscaled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("albums.identity.tailnet.PEER_SECONDS", 1.0)
    monkeypatch.setattr("albums.identity.tailnet.STATUS_SECONDS", 1.0)
    with served(tmp_path, tailscaled) as (_, settings):
        path = serve_socket(settings.library)
        assert ask_over(path, PHONE.addresses[0]).status_code == 200
        tailscaled.remove(PHONE)
        assert eventually(lambda: ask_over(path, PHONE.addresses[0]).status_code == 403, 30)
        assert ask_over(path, TABLET.addresses[0]).status_code == 200
        tailscaled.state = "NeedsLogin"
        assert eventually(lambda: ask_over(path, TABLET.addresses[0]).status_code == 503, 30)


def test_other_users_cannot_open_the_sockets(tmp_path: Path, tailscaled: Tailscaled) -> None:
    with served(tmp_path, tailscaled) as (_, settings):
        for path in (shell_socket(settings.library), serve_socket(settings.library)):
            assert path.stat().st_mode & 0o077 == 0
            path.chmod(0o666)  # even if somebody does that
            path.parent.chmod(0o755)
            if sys.platform == "linux" and os.getuid() == 0:
                reached = _as_nobody(path)
                assert "no answer" in reached.stdout, reached


def _as_nobody(path: Path) -> subprocess.CompletedProcess[str]:
    program = f"""
import os, socket
os.setgid(65534); os.setuid(65534)
line = socket.socket(socket.AF_UNIX)
try:
    line.connect({str(path)!r})
    line.sendall(b"GET /api/v1/status HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n")
    print("answered" if line.recv(100) else "no answer")
except OSError as error:
    print("no answer", error)
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def test_in_userspace_mode_loopback_belongs_to_devices_only(
    tmp_path: Path, tailscaled: Tailscaled
) -> None:
    tailscaled.tun = False
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with served(tmp_path, tailscaled, port) as (serving, _):
        assert eventually(lambda: serving.doors.address(Door.USERSPACE) is not None, 30)
        with socket.create_connection(("127.0.0.1", port)) as line:
            ends = line.getsockname()
            # Ours to close with a reset: then the port is free at once.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            tailscaled.forward(f"{ends[0]}:{ends[1]}", PHONE)
            assert b"200 OK" in _get(line)
        with socket.socket() as line:  # a program on the box, from the very port
            tailscaled.connections.clear()
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            line.bind(ends)
            line.connect(("127.0.0.1", port))
            assert b"403 Forbidden" in _get(line)


def _get(line: socket.socket) -> bytes:
    line.sendall(b"GET /api/v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n")
    return line.recv(200)
