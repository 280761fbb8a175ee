"""The client of tailscaled: what it reads, and that it fails closed whatever the daemon does."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from albums.identity import tailscale
from albums.identity.addresses import normal_address
from albums.identity.answers import Malformed
from albums.identity.peers import HINTS, daemon_of, peer_of
from albums.identity.served import Served
from albums.identity.tailscale import Daemon, LocalApi, Peer, TailscaleDown
from tests.identity import network
from tests.identity.localapi import Fault, Tailscaled
from tests.identity.network import ALICE, BOX, PHONE, SUFFIX, Device

T = TypeVar("T")
PATIENCE = 0.4
LIMIT = 2.0  # seconds until every fault of the daemon must have been noticed
FAULTS: tuple[Fault, ...] = ("hang", "drip", "half", "500", "not json", "endless", "cut")


def ask(place: Path, question: Callable[[LocalApi], Awaitable[T]], patience: float = 10) -> T:
    """One question with a client of its own."""

    async def asking() -> T:
        api = LocalApi(place, patience=patience)
        try:
            return await question(api)
        finally:
            await api.aclose()

    return asyncio.run(asking())


def status(place: Path) -> Daemon:
    return ask(place, lambda api: api.status())


def whois(place: Path, address: str) -> Peer | None:
    return ask(place, lambda api: api.whois(address))


def test_a_phone_is_recognised(tailscaled: Tailscaled) -> None:
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer == Peer(
        stable_id="nPHONE2CNTRL",
        user=tailscale.User(1001, "alice@example.com", "Alice Ångström"),
        name="galaxy-s24",
        fqdn=f"galaxy-s24.{SUFFIX}",
        model="SM-S921U",
        os="android",
        tags=(),
        shared_in=False,
        expired=False,
        key_expiry=None,
        addresses=("100.64.0.2", "fd7a:115c:a1e0::2"),
        capabilities={},
    )


def test_tailscaled_gets_the_headers_it_asks_for(tailscaled: Tailscaled) -> None:
    whois(tailscaled.path, "100.64.0.2")
    path, headers = tailscaled.requests[-1]
    assert path == "/localapi/v0/whois?proto=tcp&addr=100.64.0.2"
    assert headers["host"] == "local-tailscaled.sock"
    assert headers["tailscale-cap"].isdecimal()
    assert not {"origin", "referer", "cookie", "authorization"} & {h.lower() for h in headers}


@pytest.mark.parametrize(
    "address",
    ["fd7a:115c:a1e0::2", "::ffff:100.64.0.2", "100.64.0.2:5555", "[fd7a:115c:a1e0::2]:5555"],
)
def test_one_device_has_many_addresses(tailscaled: Tailscaled, address: str) -> None:
    tailscaled.unmaps = False  # as daemons before v1.102.0
    peer = whois(tailscaled.path, address)
    assert peer
    assert peer.stable_id == PHONE.stable_id


@pytest.mark.parametrize(
    "address", ["100.64.0.99", "192.168.1.2", "127.0.0.1", "127.0.0.1:5555", "::1", "[::1]:5555"]
)
def test_who_is_not_in_the_network_is_nobody(tailscaled: Tailscaled, address: str) -> None:
    assert whois(tailscaled.path, address) is None
    assert tailscaled.requests


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "unix:",
        "100.64.0.2, 100.64.0.3",
        "100.64.0.2&addr=100.64.0.3",
        "100.64.0.02",
        "100.64.0.2:",
        "100.64.0.2:65536",
        "100.64.0.2:٣",
        "[::1",
        "nodekey:abc",
    ],
)
def test_what_is_no_address_is_nobody_and_never_asked_for(
    tailscaled: Tailscaled, text: str
) -> None:
    assert whois(tailscaled.path, text) is None
    assert not tailscaled.requests


def test_scopes_and_ipv4_inside_ipv6_are_removed() -> None:
    assert normal_address("fe80::1%eth0") == "fe80::1"
    assert normal_address("::ffff:100.64.0.2%3") == "100.64.0.2"
    assert normal_address("[::ffff:127.0.0.1]:5555") == "127.0.0.1:5555"
    assert normal_address("[FD7A:115C:A1E0:0::2]:080") == "[fd7a:115c:a1e0::2]:80"


@given(st.text(max_size=60))
def test_no_text_breaks_the_address_reader(text: str) -> None:
    found = normal_address(text)
    assert found is None or normal_address(found) == found


def test_a_forwarded_connection_is_known_by_its_port_while_it_lasts(tailscaled: Tailscaled) -> None:
    tailscaled.forward("127.0.0.1:5555", PHONE)
    tailscaled.forward("127.0.0.1:6666", PHONE, proto="udp")
    peer = whois(tailscaled.path, "127.0.0.1:5555")
    assert peer
    assert peer.stable_id == PHONE.stable_id
    assert whois(tailscaled.path, "127.0.0.1:6666") is None
    assert whois(tailscaled.path, "127.0.0.1") is None
    tailscaled.connections.clear()
    assert whois(tailscaled.path, "127.0.0.1:5555") is None


def test_a_tagged_device_belongs_to_nobody(tailscaled: Tailscaled) -> None:
    peer = whois(tailscaled.path, "100.64.0.5")
    assert peer
    assert peer.tags == ("tag:kiosk",)
    assert peer.user is None


def test_the_login_of_tagged_devices_is_nobody_even_without_tags(tailscaled: Tailscaled) -> None:
    tailscaled.add(replace(PHONE, person=network.TAGGED))
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer
    assert peer.user is None


def test_a_guest_is_marked_and_has_a_full_name(tailscaled: Tailscaled) -> None:
    peer = whois(tailscaled.path, "100.64.0.4")
    assert peer
    assert peer.shared_in
    assert peer.name == peer.fqdn == "pixel.tail9999.ts.net"


def test_the_same_login_of_another_provider_is_another_user(tailscaled: Tailscaled) -> None:
    one, other = whois(tailscaled.path, "100.64.0.2"), whois(tailscaled.path, "100.64.0.7")
    assert one
    assert other
    assert one.user
    assert other.user
    assert one.user.login == other.user.login
    assert one.user.id != other.user.id


def test_two_devices_of_one_user_are_two(tailscaled: Tailscaled) -> None:
    one, other = whois(tailscaled.path, "100.64.0.2"), whois(tailscaled.path, "100.64.0.3")
    assert one
    assert other
    assert one.user == other.user
    assert one.stable_id != other.stable_id


def test_an_expired_device_is_marked(tailscaled: Tailscaled) -> None:
    peer = whois(tailscaled.path, "100.64.0.8")
    assert peer
    assert peer.expired
    assert peer.key_expiry == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_key_that_ended_counts_even_if_the_daemon_has_not_noticed(tailscaled: Tailscaled) -> None:
    tailscaled.add(replace(PHONE, key_expiry="2026-01-01T00:00:00.123456789+02:00"))
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer
    assert peer.expired


def test_capabilities_come_along(tailscaled: Tailscaled) -> None:
    role = {"albums.example/cap/access": [{"role": "owner"}], "albums.example/cap/none": None}
    tailscaled.add(replace(PHONE, capabilities=role))
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer
    assert peer.capabilities == role | {"albums.example/cap/none": []}


def _null_collections(answer: dict[str, Any]) -> None:
    answer["CapMap"] = None
    answer["Node"] |= {"Tags": None, "Addresses": None, "Hostinfo": None, "KeyExpiry": None}


def _missing(answer: dict[str, Any]) -> None:
    del answer["CapMap"]
    for name in ("Addresses", "Hostinfo", "KeyExpiry", "ComputedName"):
        del answer["Node"][name]


def _newer(answer: dict[str, Any]) -> None:
    answer["New"] = answer["Node"]["New"] = {"deep": [1, None, {"x": 1.5}]}
    answer["UserProfile"]["Groups"] = ["group:family"]


@pytest.mark.parametrize("bend", [_null_collections, _missing, _newer])
def test_older_and_newer_daemons_are_understood(
    tailscaled: Tailscaled, bend: Callable[[dict[str, Any]], None]
) -> None:
    tailscaled.add(replace(PHONE, bend=bend))
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer
    assert (peer.stable_id, peer.name) == (PHONE.stable_id, "galaxy-s24")
    assert peer.user == tailscale.User(ALICE.id, ALICE.login, ALICE.display_name)


def _set(*path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def bend(answer: dict[str, Any]) -> None:
        for name in path[:-1]:
            answer = answer[name]
        answer[path[-1]] = value

    return bend


@pytest.mark.parametrize(
    "bend",
    [
        _set("Node", value=None),
        _set("Node", value=[]),
        _set("Node", "StableID", value=""),
        _set("Node", "StableID", value=7),
        _set("Node", "StableID", value="two\nlines"),
        _set("Node", "Tags", value="tag:kiosk"),
        _set("Node", "Tags", value={"tag:kiosk": True}),
        _set("Node", "Hostinfo", "ShareeNode", value="true"),
        _set("Node", "Expired", value="yes"),
        _set("Node", "KeyExpiry", value="tomorrow"),
        _set("UserProfile", "ID", value="1001"),
        _set("UserProfile", "ID", value=True),
        _set("UserProfile", "ID", value=2**63),
        _set("UserProfile", "ID", value=-1),
        _set("CapMap", value={"x": "y"}),
    ],
)
def test_an_answer_of_another_shape_lets_nobody_in(
    tailscaled: Tailscaled, bend: Callable[[dict[str, Any]], None]
) -> None:
    tailscaled.add(replace(PHONE, bend=bend))
    with pytest.raises(TailscaleDown):
        whois(tailscaled.path, "100.64.0.2")


def test_without_a_user_id_there_is_no_user(tailscaled: Tailscaled) -> None:
    for value in (None, 0):
        tailscaled.add(replace(PHONE, bend=_set("UserProfile", "ID", value=value)))
        peer = whois(tailscaled.path, "100.64.0.2")
        assert peer
        assert peer.user is None


def test_names_are_fit_to_be_shown_and_stored(tailscaled: Tailscaled) -> None:
    odd = "ph\x00o\ud800n\x1b[31me\u202e"
    tailscaled.add(replace(PHONE, bend=_set("Node", "ComputedName", value=odd)))
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer
    assert peer.name == "phon[31me"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _paths(table: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in table.items():
        yield (*before, name)
        if isinstance(value, dict):
            yield from _paths(value, (*before, name))


WHOIS = list(_paths(PHONE.whois()))


@settings(max_examples=120)
@given(st.sampled_from(WHOIS), JSON)
def test_any_json_in_any_place_of_whois_is_a_peer_or_a_refusal(
    path: tuple[str, ...], value: Any
) -> None:
    answer = json.loads(json.dumps(PHONE.whois()))
    _set(*path, value=value)(answer)
    try:
        peer = peer_of(answer)
    except Malformed:
        return
    assert peer.stable_id
    json.dumps((peer.name, peer.fqdn, peer.model, peer.os)).encode()
    if path == ("Node", "Tags") and value:
        assert peer.user is None


@settings(max_examples=120)
@given(JSON, st.data())
def test_any_json_in_any_place_of_status_is_a_daemon_or_a_refusal(
    value: Any, data: st.DataObject
) -> None:
    answer = json.loads(json.dumps(Tailscaled(Path()).status(peers=True)))
    _set(*data.draw(st.sampled_from(list(_paths(answer)))), value=value)(answer)
    try:
        daemon = daemon_of(answer)
    except Malformed:
        return
    assert daemon.state in HINTS


@pytest.mark.parametrize("odd", [None, [], "x", 1, {}])
def test_no_answer_at_all_is_nobody(odd: Any) -> None:
    with pytest.raises(Malformed):
        peer_of(odd)


def test_the_box_knows_itself(tailscaled: Tailscaled) -> None:
    tailscaled.own = replace(BOX, key_expiry="2027-03-04T05:06:07Z")
    tailscaled.health = ["DNS is odd"]
    daemon = status(tailscaled.path)
    assert daemon.state == "running"
    assert daemon.own
    assert daemon.own.stable_id == BOX.stable_id
    assert daemon.own.name == "box"
    assert daemon.own.key_expiry == datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert daemon.own.user == daemon.users[ALICE.id]
    assert daemon.users[network.BOB.id].login == "bob@example.org"
    assert daemon.addresses == ("100.64.0.1", "fd7a:115c:a1e0::1")
    assert daemon.names == (f"box.{SUFFIX}", "box")
    assert daemon.cert_domains == (f"box.{SUFFIX}",)
    assert daemon.health == ("DNS is odd",)
    assert daemon.tun
    assert daemon.magic_dns
    assert daemon.version.startswith("1.102.3")
    assert daemon.hint == ""


def test_userspace_mode_is_noticed(tailscaled: Tailscaled) -> None:
    tailscaled.tun = False
    assert status(tailscaled.path).tun is False


def test_a_tagged_box_belongs_to_nobody(tailscaled: Tailscaled) -> None:
    tailscaled.own = replace(BOX, tags=("tag:albums",))
    daemon = status(tailscaled.path)
    assert daemon.own
    assert daemon.own.user is None
    assert daemon.own.tags == ("tag:albums",)


@pytest.mark.parametrize(
    ("backend", "state"),
    [
        ("NoState", "starting"),
        ("Starting", "starting"),
        ("NeedsLogin", "needs login"),
        ("NeedsMachineAuth", "needs login"),
        ("Stopped", "stopped"),
        ("InUseOtherUser", "stopped"),
        ("SomethingNew", "starting"),
    ],
)
def test_every_state_but_running_has_a_hint(
    tailscaled: Tailscaled, backend: str, state: str
) -> None:
    tailscaled.state = backend
    daemon = status(tailscaled.path)
    assert daemon.state == state
    assert daemon.hint


def test_a_box_that_logs_out_has_no_self_and_knows_nobody(tailscaled: Tailscaled) -> None:
    tailscaled.state = "NeedsLogin"
    daemon = status(tailscaled.path)
    assert daemon.own is None
    assert daemon.addresses == daemon.names == daemon.cert_domains == ()
    assert whois(tailscaled.path, "100.64.0.2") is None


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


@pytest.mark.parametrize("fault", FAULTS)
def test_it_fails_closed_in_time_and_recovers_by_itself(
    tailscaled: Tailscaled, fault: Fault
) -> None:
    async def story() -> None:
        api = LocalApi(tailscaled.path, patience=PATIENCE)
        assert await api.whois("100.64.0.2")
        tailscaled.fault = fault
        with within(LIMIT), pytest.raises(TailscaleDown) as raised:
            await api.whois("100.64.0.2")
        assert raised.value.why
        assert raised.value.hint
        assert raised.value.state == "not running"
        with within(LIMIT):
            daemon = await api.status()
        assert daemon.state == "not running"
        assert daemon.hint
        tailscaled.fault = None
        assert await api.whois("100.64.0.2")
        assert (await api.status()).state == "running"
        await api.aclose()

    asyncio.run(story())


def test_with_its_usual_patience_it_still_answers_within_two_seconds(
    tailscaled: Tailscaled,
) -> None:
    tailscaled.fault = "drip"

    async def story() -> None:
        api = LocalApi(tailscaled.path)
        with within(LIMIT), pytest.raises(TailscaleDown, match="cannot say who"):
            await api.whois("100.64.0.2")
        await api.aclose()

    asyncio.run(story())


def test_a_restart_between_two_requests_is_not_noticed(tailscaled: Tailscaled) -> None:
    async def story() -> None:
        api = LocalApi(tailscaled.path, patience=PATIENCE)
        assert await api.whois("100.64.0.2")
        tailscaled.restart()
        assert await api.whois("100.64.0.2")
        tailscaled.fault = "cut once"  # it ends after it has read the request
        assert await api.whois("100.64.0.2")
        await api.aclose()

    asyncio.run(story())


def test_it_is_asked_once_more_and_not_again(tailscaled: Tailscaled) -> None:
    tailscaled.fault = "cut"
    with pytest.raises(TailscaleDown):
        whois(tailscaled.path, "100.64.0.2")
    assert len(tailscaled.requests) == 2


def test_a_daemon_that_stops_and_starts_is_found_again(tailscaled: Tailscaled) -> None:
    async def story() -> None:
        api = LocalApi(tailscaled.path, patience=PATIENCE)
        assert (await api.status()).state == "running"
        tailscaled.stop()
        assert (await api.status()).state == "not running"
        with pytest.raises(TailscaleDown):
            await api.whois("100.64.0.2")
        tailscaled.start()
        assert (await api.status()).state == "running"
        await api.aclose()

    asyncio.run(story())


def test_many_questions_at_once_are_answered(tailscaled: Tailscaled) -> None:
    async def story() -> list[Peer | None]:
        api = LocalApi(tailscaled.path)
        peers = await asyncio.gather(*(api.whois(f"100.64.0.{2 + n % 2}") for n in range(40)))
        await api.aclose()
        return peers

    names = [peer.name for peer in asyncio.run(story()) if peer]
    assert names == ["galaxy-s24", "ipad"] * 20


# anyio leaves the half-open socket to the garbage collector, which says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_socket_that_nobody_accepts_at_is_given_up(tmp_path: Path) -> None:
    place = tmp_path / "tailscaled.sock"
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(place))
        deaf.listen(0)
        waiting = [socket.socket(socket.AF_UNIX) for _ in range(2)]
        for line in waiting:  # the queue is full from now on
            line.setblocking(False)
            line.connect_ex(str(place))
        with within(LIMIT):
            assert ask(place, LocalApi.status, PATIENCE).state == "not running"
        gc.collect()
        for line in waiting:
            line.close()


def test_a_socket_that_was_left_behind_is_not_running(tmp_path: Path) -> None:
    place = tmp_path / "tailscaled.sock"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(place))
    daemon = status(place)
    assert daemon.state == "not running"
    assert "nobody listens" in daemon.why
    assert "systemctl start tailscaled" in daemon.hint


def test_a_file_in_its_place_is_not_running(tmp_path: Path) -> None:
    (tmp_path / "tailscaled.sock").touch()
    assert status(tmp_path / "tailscaled.sock").state == "not running"


def test_a_path_that_no_socket_can_have_is_said(tmp_path: Path) -> None:
    daemon = status(tmp_path / ("x" * 200))
    assert daemon.state == "not running"
    assert "too long" in daemon.why


@pytest.fixture
def nobodys_rights() -> Iterator[None]:
    """Root may open everything: it steps back for a moment."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    yield
    os.seteuid(me)


def test_a_socket_that_we_may_not_open_is_said(
    tailscaled: Tailscaled, request: pytest.FixtureRequest
) -> None:
    tailscaled.path.parent.chmod(0)
    request.getfixturevalue("nobodys_rights")
    daemon = status(tailscaled.path)
    assert daemon.state == "not running"
    assert "may not open" in daemon.why
    assert str(tailscaled.path.parent) in daemon.hint


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which there is no trace of Tailscale; returns its usual place."""
    place = tmp_path / "run" / "tailscale" / "tailscaled.sock"
    monkeypatch.setattr(tailscale, "PLACES", (tmp_path / "run" / "tailscaled.socket", place))
    monkeypatch.setattr(tailscale, "_TRACES", (tmp_path / "sbin" / "tailscaled",))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return place


def _usual() -> Daemon:
    async def asking() -> Daemon:
        api = LocalApi()
        try:
            return await api.status()
        finally:
            await api.aclose()

    return asyncio.run(asking())


def test_where_there_is_no_trace_of_it_it_is_not_installed(bare: Path) -> None:
    daemon = _usual()
    assert daemon.state == "not installed"
    assert "Install Tailscale" in daemon.hint


def test_where_its_program_is_found_it_is_not_running(bare: Path, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "tailscale"
    program.parent.mkdir()
    program.touch(mode=0o755)
    assert _usual().state == "not running"


@pytest.mark.parametrize("trace", ["sbin/tailscaled", "run/tailscale/other"])
def test_where_it_left_a_trace_it_is_not_running(bare: Path, tmp_path: Path, trace: str) -> None:
    (tmp_path / trace).parent.mkdir(parents=True)
    (tmp_path / trace).touch()
    assert _usual().state == "not running"


def test_a_usual_place_that_is_closed_to_us_is_said(
    bare: Path, request: pytest.FixtureRequest
) -> None:
    bare.parent.mkdir(parents=True)
    bare.parent.parent.chmod(0)
    request.getfixturevalue("nobodys_rights")
    assert "may not open" in _usual().why


def test_no_usual_place_is_open_to_every_user_of_the_machine() -> None:
    assert not [place for place in tailscale.PLACES if "tmp" in place.parts]


def test_once_it_is_installed_it_is_found_by_itself(bare: Path) -> None:
    async def story() -> None:
        api = LocalApi(patience=PATIENCE)
        assert (await api.status()).state == "not installed"
        bare.parent.mkdir(parents=True)
        with Tailscaled(bare):
            assert (await api.status()).state == "running"
        await api.aclose()

    asyncio.run(story())


def test_a_proxy_of_the_environment_is_not_used(
    tailscaled: Tailscaled, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert whois(tailscaled.path, "100.64.0.2")


def certificate(place: Path, domain: str) -> datetime | None:
    return ask(place, lambda api: api.certificate(domain))


def test_the_end_of_the_certificate_is_read(tailscaled: Tailscaled) -> None:
    ends = tailscaled.certificate_ends = datetime(2026, 12, 24, 18, 0, 1, tzinfo=UTC)
    assert certificate(tailscaled.path, f"box.{SUFFIX}") == ends


def test_a_certificate_that_may_not_be_read_has_no_end(tailscaled: Tailscaled) -> None:
    tailscaled.may_read_certificates = False
    assert certificate(tailscaled.path, f"box.{SUFFIX}") is None


@pytest.mark.parametrize("domain", ["other.example", "", "../whois?addr=100.64.0.2", "a b"])
def test_a_domain_of_others_is_refused(tailscaled: Tailscaled, domain: str) -> None:
    with pytest.raises(TailscaleDown):
        certificate(tailscaled.path, domain)


def test_a_slow_certificate_is_waited_for(tailscaled: Tailscaled) -> None:
    tailscaled.fault = "slow"  # slower than the patience for everything else
    assert certificate(tailscaled.path, f"box.{SUFFIX}")


@pytest.mark.parametrize("fault", ["half", "500", "not json", "cut"])
def test_a_broken_certificate_answer_is_said(tailscaled: Tailscaled, fault: Fault) -> None:
    tailscaled.fault = fault
    with pytest.raises(TailscaleDown) as raised:
        certificate(tailscaled.path, f"box.{SUFFIX}")
    assert raised.value.why


def test_what_is_served_is_told(tailscaled: Tailscaled) -> None:
    assert ask(tailscaled.path, lambda api: api.served()) == Served({}, frozenset())
    site = {"Handlers": {"/": {"Proxy": "unix:/run/albums.sock"}, "/docs": {"Path": "/srv"}}}
    tailscaled.serve_config = {
        "TCP": {"443": {"HTTPS": True}},
        "Web": {"box:443": site, "box:8443": {"Handlers": None}},
        "AllowFunnel": {"box:443": True, "box:8443": False},
    }
    served = ask(tailscaled.path, lambda api: api.served())
    assert served == Served({"box:443": "unix:/run/albums.sock"}, frozenset({"box:443"}))


@pytest.mark.parametrize("body", ["null", "[]", "[" * 100_000, '"x"', '{"BackendState": 1}', ""])
def test_odd_bodies_are_never_a_running_daemon(
    tailscaled: Tailscaled, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(json, "dumps", lambda *_, **__: body)
    assert status(tailscaled.path).state != "running"
    with pytest.raises(TailscaleDown):
        whois(tailscaled.path, "100.64.0.2")


def test_refusals_of_the_daemon_are_passed_on(tailscaled: Tailscaled) -> None:
    tailscaled.may_read = False
    with pytest.raises(TailscaleDown) as raised:
        whois(tailscaled.path, "100.64.0.2")
    assert "whois access denied" in raised.value.why
    assert "status access denied" in status(tailscaled.path).why


def test_what_is_newly_removed_or_added_is_seen_at_once(tailscaled: Tailscaled) -> None:
    tailscaled.remove(PHONE)
    assert whois(tailscaled.path, "100.64.0.2") is None
    later = Device("nLATER9CNTRL", "later", ALICE, ("100.64.0.2",))
    tailscaled.add(later)
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer
    assert peer.stable_id == later.stable_id


def test_ends_of_keys_far_away_are_no_trouble(tailscaled: Tailscaled) -> None:
    far = (datetime.now(UTC) + timedelta(days=3000)).isoformat()
    tailscaled.add(replace(PHONE, key_expiry=far))
    peer = whois(tailscaled.path, "100.64.0.2")
    assert peer
    assert not peer.expired


def test_nobody_is_asked_any_more_after_the_end(tailscaled: Tailscaled) -> None:
    async def after() -> Daemon:
        api = LocalApi(tailscaled.path)
        assert (await api.status()).state == "running"
        await api.aclose()
        return await api.status()

    assert asyncio.run(after()).state == "not running"


def test_a_question_that_the_end_cuts_off_does_not_open_another_line(
    tailscaled: Tailscaled,
) -> None:
    tailscaled.fault = "hang"

    async def cut_off() -> Daemon:
        api = LocalApi(tailscaled.path, patience=5)
        asked = asyncio.create_task(api.status())
        await asyncio.sleep(0.1)
        await api.aclose()
        return await asked

    assert asyncio.run(cut_off()).state == "not running"
    gc.collect()  # a socket that was left says so, and that is an error here
