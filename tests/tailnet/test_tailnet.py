"""Who comes in over a real tunnel, who does not, and for how long."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import MakePhoto

if TYPE_CHECKING:
    from tests.tailnet.home import Home

STATUS = "/api/v1/status"
FORGED = "X-Forge-For"  # what the device shall send as X-Forwarded-For
MINUTE = 60.0
OTHERS = [
    ("guest", "Guests only see what is shared with them"),
    ("flatmate", "This box belongs to somebody else"),
    ("kiosk", "This device belongs to nobody"),
]


def sentence(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["what"])


def test_the_owners_phone_is_recognised(home: Home) -> None:
    with home.app("phone") as app:
        assert app.get(STATUS).status_code == 200
        found = {device["name"]: device for device in app.get("/api/v1/devices").json()["devices"]}
    phone = found["phone"]
    assert (phone["this"], phone["login"], phone["rights"]) == (True, "alice@example.com", "owner")


def test_nobody_but_the_owners_devices_is_on_the_list(home: Home) -> None:
    for name in ("phone", "tablet", "guest", "flatmate", "kiosk"):
        with home.app(name) as app:
            app.get(STATUS)
    with home.app("phone") as app:
        names = {device["name"] for device in app.get("/api/v1/devices").json()["devices"]}
    assert names == {"phone", "tablet"}


@pytest.mark.parametrize(("name", "told"), OTHERS)
def test_others_are_refused_and_told_why(home: Home, name: str, told: str) -> None:
    with home.app(name) as app:
        for answer in (app.get(STATUS), app.get("/")):
            assert (answer.status_code, sentence(answer)) == (403, told)


@pytest.mark.parametrize(
    "headers",
    [
        {"Tailscale-User-Login": "alice@example.com", "Tailscale-User-Name": "Alice Almeida"},
        {FORGED: "{phone}"},
        {FORGED: "{phone}", "Tailscale-User-Login": "alice@example.com"},
        {FORGED: "127.0.0.1"},
        {"Forwarded": "for={phone}", "X-Real-IP": "{phone}"},
    ],
    ids="+".join,
)
@pytest.mark.parametrize(("name", "told"), OTHERS)
def test_what_a_device_forges_does_nothing(
    home: Home, name: str, told: str, headers: dict[str, str]
) -> None:
    forged = {key: value.format(phone=home.address("phone")) for key, value in headers.items()}
    with home.app(name) as app:
        answer = app.get(STATUS, headers=forged)
    assert (answer.status_code, sentence(answer)) == (403, told)


def test_the_phone_gains_and_loses_nothing_by_forging(home: Home) -> None:
    forged = {
        FORGED: home.address("guest"),
        "Tailscale-User-Login": "bob@example.org",
        "Tailscale-Funnel-Request": "?1",
    }
    with home.app("phone") as app:
        assert app.get(STATUS, headers=forged).status_code == 200


def test_an_upload_through_the_tunnel_is_of_the_phone(home: Home, make_photo: MakePhoto) -> None:
    photo = make_photo(7, size=(1600, 1200))
    sha = hashlib.sha256(photo).hexdigest()
    with home.app("phone") as app:
        answer = app.post("/ingest", files={"file": ("IMG_0007.jpg", photo, "image/jpeg")})
        assert (answer.status_code, answer.json()["sha"]) == (200, sha)
        asset = app.get(f"/api/v1/assets/{sha}").json()
        assert app.get(f"/api/v1/assets/{sha}/original").content == photo
    assert asset["_origin"] == "tailscale://phone"
    with home.app("guest") as app:
        refused = app.get(f"/api/v1/assets/{sha}/original")
    assert refused.status_code == 403
    assert photo[:64] not in refused.content


def test_an_upload_crosses_the_network_in_wireguard_packets(
    home: Home, make_photo: MakePhoto
) -> None:
    from tests.tailnet.wire import Wire

    photo = make_photo(8, size=(2400, 1800))
    with home.app("phone") as app, Wire() as wire:
        answer = app.post("/ingest", files={"file": ("IMG_0008.jpg", photo, "image/jpeg")})
    assert answer.status_code == 200
    assert wire.sealed() > len(photo) > 50_000
    assert wire.open() < len(photo) / 2  # the box may just have been asked for its network map


@pytest.fixture
def blocked_tablet(home: Home) -> Iterator[httpx.Client]:
    with home.app("tablet") as app:
        assert app.get(STATUS).status_code == 200
        home.albums("devices", "block", "tablet")
        yield app
        home.albums("devices", "allow", "tablet")
        assert app.get(STATUS).status_code == 200


def test_a_blocked_device_is_out_within_a_second(blocked_tablet: httpx.Client) -> None:
    begin = time.monotonic()
    assert seconds_until(lambda: blocked_tablet.get(STATUS).status_code == 403, begin) < 1


@pytest.mark.parametrize("size", [1, 100_000, 3_000_000, 30_000_000])
def test_a_refused_upload_is_told_why_however_large(
    blocked_tablet: httpx.Client, size: int
) -> None:
    for _ in range(2):
        answer = blocked_tablet.post("/ingest", content=bytes(size))
        assert (answer.status_code, sentence(answer)) == (403, "This device is blocked")


def test_a_device_that_is_removed_loses_access_within_a_minute(home: Home) -> None:
    with home.app("tablet") as app, home.behind_serve() as proxy:
        # Where the tunnel stays open, as it might for a moment, Albums itself has to notice.
        as_tablet = {"X-Forwarded-For": home.address("tablet")}
        assert app.get(STATUS).status_code == 200
        assert proxy.get(STATUS, headers=as_tablet).status_code == 200
        home.remove("tablet")
        begin = time.monotonic()
        assert seconds_until(lambda: unreachable(app), begin) < MINUTE
        assert seconds_until(lambda: proxy.get(STATUS, headers=as_tablet).is_error, begin) < MINUTE
        assert sentence(proxy.get(STATUS, headers=as_tablet)) == "This caller is not known"
        assert unreachable(app)
    with home.app("phone") as app:
        assert app.get(STATUS).status_code == 200


def unreachable(app: httpx.Client) -> bool:
    """No answer of Albums arrives: silence, or the device's own proxy gives up."""
    try:
        return app.get(STATUS, timeout=5).status_code in (502, 503, 504)
    except httpx.TransportError:
        return True


def seconds_until(happens: Callable[[], bool], begin: float) -> float:
    while not happens() and time.monotonic() < begin + MINUTE:
        time.sleep(0.2)
    return time.monotonic() - begin
