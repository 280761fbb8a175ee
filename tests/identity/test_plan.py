"""The next step until devices reach the box, in each state that Tailscale can be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from albums.identity.peers import Daemon, daemon_of, peer_of
from albums.identity.plan import plan
from albums.identity.served import Served
from tests.identity.localapi import Tailscaled
from tests.identity.network import BOX, SUFFIX

SOCKET = Path("/run/albums/albums.sock")
PLACE = f"box.{SUFFIX}:443"
NOTHING = Served({}, frozenset())
SERVE = ("tailscale", "serve", "--bg", f"unix:{SOCKET}")


@pytest.fixture
def daemon() -> Daemon:
    return daemon_of(Tailscaled(Path()).status(peers=True))


def test_a_box_in_the_network_needs_one_command(daemon: Daemon) -> None:
    found = plan(daemon, NOTHING, SOCKET)
    assert found.command == SERVE
    assert not found.url
    assert "public in the list of certificates" in str(found.said)


def test_a_box_that_is_served_is_ready(daemon: Daemon) -> None:
    found = plan(daemon, Served({PLACE: f"unix:{SOCKET}"}, frozenset()), SOCKET)
    assert found.command is None
    assert found.url == f"https://box.{SUFFIX}/"


def test_a_socket_behind_a_link_is_the_same(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "var").symlink_to(tmp_path / "run")
    served = Served({PLACE: f"unix:{tmp_path}/run/albums.sock"}, frozenset())
    assert plan(daemon, served, tmp_path / "var" / "albums.sock").url
    assert not plan(daemon, served, tmp_path / "var" / "other.sock").url


def test_what_is_there_already_is_never_replaced(daemon: Daemon) -> None:
    found = plan(daemon, Served({PLACE: "http://127.0.0.1:8096"}, frozenset()), SOCKET)
    assert found.command is None
    assert not found.url
    assert "8096" in str(found.said)
    assert "tailscale serve --https=443 off" in str(found.said)


def test_another_place_of_the_same_box_is_left_alone(daemon: Daemon) -> None:
    served = Served({f"box.{SUFFIX}:8443": "http://127.0.0.1:8096"}, frozenset())
    assert plan(daemon, served, SOCKET).command == SERVE


def test_an_address_that_is_open_to_the_internet_is_warned_of(daemon: Daemon) -> None:
    served = Served({PLACE: f"unix:{SOCKET}"}, frozenset({PLACE}))
    assert "Funnel is on" in str(plan(daemon, served, SOCKET).said)


@pytest.mark.parametrize(
    ("version", "old"),
    [("1.94.0-t1", False), ("1.100.0", False), ("2.0.1", False), ("", False), ("1.93.9-t1", True)],
)
def test_a_version_without_unix_targets_is_named(daemon: Daemon, version: str, old: bool) -> None:
    found = plan(replace(daemon, version=version), NOTHING, SOCKET)
    assert ("too old" in str(found.said)) == old
    assert (found.command is None) == old


@pytest.mark.parametrize("magic_dns", [True, False])
def test_where_https_is_off_it_says_where_to_switch_it_on(daemon: Daemon, magic_dns: bool) -> None:
    found = plan(replace(daemon, cert_domains=(), magic_dns=magic_dns), NOTHING, SOCKET)
    assert found.command is None
    assert "https://login.tailscale.com/admin/dns" in str(found.said)
    assert ("MagicDNS" in str(found.said)) != magic_dns


def test_a_key_that_ends_is_advised_against(daemon: Daemon) -> None:
    own = replace(peer_of(BOX.whois()), key_expiry=datetime(2027, 1, 1, tzinfo=UTC))
    assert "2027-01-01" in str(plan(replace(daemon, own=own), NOTHING, SOCKET).said)
    assert "expiry" not in str(plan(daemon, NOTHING, SOCKET).said)


@pytest.mark.parametrize("state", ["needs login", "stopped"])
def test_a_box_out_of_the_network_is_brought_up(state: str) -> None:
    assert plan(Daemon(state), NOTHING, SOCKET).command == ("tailscale", "up")  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["not installed", "not running", "starting"])
def test_what_albums_cannot_do_is_said(state: str) -> None:
    found = plan(Daemon(state), NOTHING, SOCKET)  # type: ignore[arg-type]
    assert found.command is None
    assert found.said[-1]
