"""What will keep the devices out is said 30 days before."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from albums.identity import health as module
from albums.identity.certificate import shown_at
from albums.identity.health import Notice, certificate_end, health
from albums.identity.peers import peer_of
from albums.identity.tailscale import Daemon, LocalApi, TailscaleDown
from tests.identity.localapi import Tailscaled
from tests.identity.network import BOX, SUFFIX

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DOMAIN = f"box.{SUFFIX}"


def ask(tailscaled: Tailscaled) -> tuple[Daemon, datetime | None]:
    async def asking() -> tuple[Daemon, datetime | None]:
        api = LocalApi(tailscaled.path)
        try:
            daemon = await api.status()
            return daemon, await certificate_end(api, daemon)
        finally:
            await api.aclose()

    return asyncio.run(asking())


def notice(name: str, tailscaled: Tailscaled) -> Notice:
    daemon, ends = ask(tailscaled)
    return next(n for n in health(daemon, ends, NOW) if n.name == name)


def serve_it(tailscaled: Tailscaled) -> None:
    handlers = {"/": {"Proxy": "unix:/run/albums/albums.sock"}}
    tailscaled.serve_config = {"Web": {f"{DOMAIN}:443": {"Handlers": handlers}}}


def test_a_box_without_expiry_is_well(tailscaled: Tailscaled) -> None:
    daemon, ends = ask(tailscaled)
    assert [(n.name, n.state) for n in health(daemon, ends, NOW)] == [
        ("tailscale", "good"),
        ("key", "good"),
    ]


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (timedelta(days=31), "good"),
        (timedelta(days=30), "doubtful"),
        (timedelta(days=1), "doubtful"),
        (timedelta(), "broken"),
        (timedelta(days=-1), "broken"),
    ],
)
def test_the_key_is_watched(left: timedelta, state: str) -> None:
    own = peer_of(BOX.whois())
    found = health(Daemon("running", replace(own, key_expiry=NOW + left)), None, NOW)[1]
    assert (found.name, found.state) == ("key", state)
    assert bool(found.hint) == (state != "good")


@pytest.mark.parametrize(
    ("left", "state"),
    [(timedelta(days=31), "good"), (timedelta(days=30), "doubtful"), (timedelta(), "broken")],
)
def test_the_certificate_is_watched(tailscaled: Tailscaled, left: timedelta, state: str) -> None:
    serve_it(tailscaled)
    tailscaled.certificate_ends = NOW + left
    found = notice("certificate", tailscaled)
    assert found.state == state
    assert bool(found.hint) == (state != "good")


def test_a_certificate_that_is_not_in_use_is_never_asked_for(tailscaled: Tailscaled) -> None:
    assert ask(tailscaled)[1] is None
    assert not [path for path, _ in tailscaled.requests if "cert/" in path]


def test_where_nobody_answers_the_certificate_is_unknown(tailscaled: Tailscaled) -> None:
    tailscaled.fault, tailscaled.faulty = "500", "serve-config"
    with pytest.raises(TailscaleDown):
        ask(tailscaled)


@pytest.mark.parametrize(
    ("backend", "found"), [("NeedsLogin", "needs login"), ("Stopped", "stopped")]
)
def test_a_box_out_of_the_network_is_doubtful(
    tailscaled: Tailscaled, backend: str, found: str
) -> None:
    tailscaled.state = backend
    said = notice("tailscale", tailscaled)
    assert (said.state, said.found) == ("doubtful", found)
    assert "tailscale up" in said.hint


def test_a_machine_without_tailscale_is_only_a_note() -> None:
    (said,) = health(Daemon("not installed", why="there is no socket"), None, NOW)
    assert said.state == "good"
    assert "Install" in said.hint


def test_what_tailscale_itself_complains_about_is_passed_on(tailscaled: Tailscaled) -> None:
    tailscaled.health = ["DNS is odd"]
    assert "DNS is odd" in notice("tailscale", tailscaled).found


@pytest.fixture
def shown(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate that a TLS server can really use; it ends in 20 days."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl: a certificate cannot be made")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "20"]
    command += ["-subj", "/CN=box", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


def test_who_may_not_read_the_certificate_looks_at_the_one_that_is_shown(
    tailscaled: Tailscaled, shown: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_it(tailscaled)
    tailscaled.may_read_certificates = False
    tailscaled.own = replace(BOX, addresses=("127.0.0.1",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown[1], shown[0])

    async def story() -> datetime | None:
        server = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setattr(module, "_HTTPS", port)
        tailscaled.serve_config = {"Web": {f"{DOMAIN}:{port}": {"Handlers": {"/": {"Path": "x"}}}}}
        api = LocalApi(tailscaled.path)
        ends = await certificate_end(api, await api.status())
        await api.aclose()
        server.close()
        await server.wait_closed()
        return ends

    ends = asyncio.run(story())
    assert ends
    assert timedelta(days=19) < ends - datetime.now(UTC) < timedelta(days=21)


def test_where_nothing_is_shown_there_is_no_date() -> None:
    assert asyncio.run(shown_at("127.0.0.1", 9, "box")) is None
