"""Devices and the owner over HTTP: a whole box in a made-up tailnet, with the gate in front."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from albums.cli.serving import Serving
from albums.identity.doors import serve_socket, shell_socket
from albums.settings import Settings
from albums.web.pages.devices import ago
from tests.identity.localapi import Tailscaled
from tests.identity.network import ALICE, BOB, PHONE, STRANGER, TABLET, Device

ANN = {"user_id": ALICE.id, "login": ALICE.login, "display_name": "Ann Lee"}
BEN = {"user_id": BOB.id, "login": BOB.login}
P, T = PHONE.stable_id, TABLET.stable_id

Come = Callable[[Device | None], httpx.Client]


@pytest.fixture
def come(tmp_path: Path) -> Iterator[Come]:
    """`come(PHONE)`: a browser on this device, through `tailscale serve`. `come(None)`: the shell
    of the box."""
    socket = tmp_path / "tailscaled.sock"
    settings = Settings(library=tmp_path / "library", workers=1, tailscale_socket=str(socket))
    with Tailscaled(socket), ExitStack() as stack:
        stack.enter_context(closing(Serving(settings, working=False, tailnet=True)))

        def come(device: Device | None) -> httpx.Client:
            door = serve_socket(settings.library) if device else shell_socket(settings.library)
            client = httpx.Client(
                transport=httpx.HTTPTransport(uds=str(door)),
                base_url="http://localhost",
                headers={"x-forwarded-for": device.addresses[0]} if device else {},
                follow_redirects=True,
                timeout=60,
            )
            return stack.enter_context(client)

        yield come


@pytest.fixture
def phone(come: Come) -> httpx.Client:
    """Ann claimed the box; her tablet came in, then her phone."""
    assert come(None).post("/api/v1/owner", json=ANN).status_code == 200
    for device in (TABLET, PHONE):
        assert come(device).get("/api/v1/devices").status_code == 200
    return come(PHONE)


def listed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/devices")
    assert answer.status_code == 200, answer.text
    return {device["id"]: device for device in answer.json()["devices"]}


def test_the_list_says_all_that_is_known_and_who_is_asking(phone: httpx.Client) -> None:
    known = listed(phone)
    assert known[P].pop("first_seen") <= known[P].pop("last_seen")
    assert known[P] == {
        "id": P, "name": "galaxy-s24", "tailnet_name": "galaxy-s24", "model": "SM-S921U",
        "os": "android", "login": ALICE.login, "owners": True, "rights": "owner",
        "renamed": False, "this": True,
    }  # fmt: skip
    assert not known[T]["this"]


def test_rights_count_from_the_next_request_on(come: Come, phone: httpx.Client) -> None:
    tablet = come(TABLET)
    for rights, status in (("upload", 403), ("blocked", 403), ("owner", 200)):
        answer = phone.patch(f"/api/v1/devices/{T}", json={"rights": rights})
        assert answer.json()["rights"] == rights
        began = time.monotonic()
        assert tablet.get("/api/v1/devices").status_code == status
        assert time.monotonic() - began < 1
    assert tablet.patch(f"/api/v1/devices/{T}", json={"name": "Kitchen"}).json()["renamed"]
    assert listed(phone)[T]["name"] == "Kitchen"


def test_a_device_cannot_shut_itself_out(phone: httpx.Client) -> None:
    for rights in ("blocked", "upload"):
        answer = phone.patch(f"/api/v1/devices/{P}", json={"rights": rights})
        assert answer.status_code == 409
        assert "using now" in answer.json()["error"]["what"]
    assert listed(phone)[P]["rights"] == "owner"


def test_a_forgotten_device_is_new_when_it_comes_again(come: Come, phone: httpx.Client) -> None:
    phone.patch(f"/api/v1/devices/{T}", json={"rights": "blocked"})
    assert phone.delete(f"/api/v1/devices/{T}").status_code == 409
    phone.patch(f"/api/v1/devices/{T}", json={"rights": "owner", "name": "Kitchen"})
    assert phone.delete(f"/api/v1/devices/{T}").json() == {"id": T, "name": "Kitchen"}
    assert list(listed(phone)) == [P]
    assert phone.delete(f"/api/v1/devices/{T}").status_code == 404
    assert listed(come(TABLET))[T]["name"] == "ipad"


def test_a_change_that_makes_no_sense_is_refused(phone: httpx.Client) -> None:
    before = listed(phone)[T]
    for edit in ({}, {"rights": "admin"}, {"name": ""}, {"name": "x" * 70}, {"colour": "red"}):
        assert phone.patch(f"/api/v1/devices/{T}", json=edit).status_code == 422
    assert listed(phone)[T] == before


def test_every_change_says_which_device_made_it(phone: httpx.Client) -> None:
    phone.patch(f"/api/v1/devices/{T}", json={"rights": "blocked"})
    entry = phone.get("/api/v1/audit").json()["entries"][0]
    assert (entry["action"], entry["actor"]) == ("blocked-device", "tailscale://galaxy-s24")
    assert entry["detail"] == {"device": "ipad", "id": T, "before": "owner"}


def test_a_box_is_claimed_once_and_can_be_handed_over(come: Come) -> None:
    shell = come(None)
    assert shell.get("/api/v1/owner").json() == {"owner": None}
    claimed = shell.post("/api/v1/owner", json=ANN).json()
    assert listed(come(PHONE))[P]["owners"]
    refused = shell.post("/api/v1/owner", json=BEN)
    assert refused.status_code == 409
    assert f"Ann Lee ({ALICE.login})" in refused.json()["error"]["what"]
    assert "albums owner --change" in refused.json()["error"]["hint"]
    assert shell.get("/api/v1/owner").json() == claimed
    assert come(STRANGER).get("/api/v1/devices").status_code == 403
    assert shell.post("/api/v1/owner", json=BEN | {"change": True}).status_code == 200
    assert come(PHONE).get("/api/v1/devices").status_code == 403
    known = listed(come(STRANGER))
    assert (known[STRANGER.stable_id]["this"], known[P]["owners"]) == (True, False)


def test_only_the_shell_says_whose_box_it_is(come: Come, phone: httpx.Client) -> None:
    for device in (PHONE, STRANGER):
        for changes in (BEN, BEN | {"change": True}):
            assert come(device).post("/api/v1/owner", json=changes).status_code == 403
    assert phone.get("/api/v1/owner").json()["owner"]["login"] == ALICE.login


def test_the_page_shows_devices_and_the_owner(come: Come, phone: httpx.Client) -> None:
    page = phone.get("/devices")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-cache"
    for text in ("Ann Lee", "galaxy-s24", "SM-S921U", "ipad", "This device", "a moment ago"):
        assert text in page.text
    forms = set(re.findall(r'<form[^>]*action="(/devices/[^"]+)"', page.text))
    assert forms == {f"/devices/{P}", f"/devices/{T}"}
    come(None).post("/api/v1/owner", json=BEN | {"change": True})
    assert "Stays outside" in come(STRANGER).get("/devices").text


def test_a_box_without_an_owner_says_how_to_get_one(come: Come) -> None:
    page = come(None).get("/devices").text
    assert "belongs to nobody yet" in page
    assert "albums claim" in page
    assert "No device has come in yet" in page


def test_the_forms_of_the_page_do_what_they_say(come: Come, phone: httpx.Client) -> None:
    def post(**fields: str) -> str:
        answer = phone.post(f"/devices/{T}", data=fields)
        assert answer.status_code == 200, answer.text
        assert str(answer.url) == "http://localhost/devices"
        return answer.text

    assert "Kitchen &amp; hall" in post(act="rename", name="Kitchen & hall")
    post(act="blocked")
    assert come(TABLET).get("/").status_code == 403
    post(act="upload")
    assert listed(phone)[T]["rights"] == "upload"
    post(act="owner")
    assert "Kitchen" not in post(act="forget")


def test_what_a_form_may_not_do_is_said_on_the_page(phone: httpx.Client) -> None:
    refused = phone.post(f"/devices/{P}", data={"act": "blocked"})
    assert refused.status_code == 409
    assert "is the device that you are using now" in refused.text
    assert "ipad" in refused.text
    for fields in ({"act": "rename", "name": " "}, {"act": "explode"}, {}):
        assert phone.post(f"/devices/{T}", data=fields).status_code == 422
    assert phone.post("/devices/nobody", data={"act": "forget"}).status_code == 404
    assert set(listed(phone)) == {P, T}


def test_another_sites_form_changes_nothing(phone: httpx.Client) -> None:
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = phone.post(f"/devices/{T}", data={"act": "blocked"}, headers=headers)
    assert answer.status_code == 403
    assert listed(phone)[T]["rights"] == "owner"


def test_a_name_is_text_and_never_markup(phone: httpx.Client) -> None:
    phone.patch(f"/api/v1/devices/{T}", json={"name": '"><script>alert(1)</script>'})
    page = phone.get("/devices").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "a moment ago"),
        (timedelta(seconds=119), "a moment ago"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(minutes=60), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=70), "2 months ago"),
        (timedelta(days=366), "1 year ago"),
    ],
)
def test_when_a_device_was_seen_is_said_in_words(passed: timedelta, words: str) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert ago((at - passed).isoformat(), at) == words
