"""Devices and the owner over HTTP, as their owner's pages and the box's shell use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from albums.assembly import Albums
from albums.identity.access import Caller, Door, Kind
from albums.web.api import audit
from albums.web.api import devices as devices_api
from albums.web.errors import add_error_handlers
from albums.web.pages import devices as devices_page

ANN = {"user_id": 7, "login": "ann@example.com", "display_name": "Ann Lee"}
BEN = {"user_id": 8, "login": "ben@example.com"}


@pytest.fixture
def app(albums: Albums) -> FastAPI:
    """Two of the owner's devices have come in; the phone is the one that asks. Who may do what is
    the gate's business, so there is none here."""
    come(albums, "n1", "galaxy-s24", model="SM-S921U")
    come(albums, "n2", "tablet")
    app = FastAPI()
    app.state.albums, app.state.devices = albums, albums.devices
    add_error_handlers(app)
    for router in (devices_api.router, audit.router):
        app.include_router(router, prefix="/api/v1")
    app.include_router(devices_page.router)
    app.add_middleware(AsThePhone)
    return app


class AsThePhone:
    """What the gate leaves behind when the phone came in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        phone = Caller(Kind.OWNER, Door.TAILNET, "tailscale://galaxy-s24", device="n1")
        await self.app({**scope, "state": {"caller": phone}}, receive, send)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def come(albums: Albums, key: str, name: str, model: str = "") -> None:
    albums.devices.seen(
        key, name=name, model=model, os="android", user_id=7, login="ann@example.com"
    )


def listed(client: TestClient) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/devices")
    assert answer.status_code == 200, answer.text
    return {device["id"]: device for device in answer.json()["devices"]}


def test_the_list_says_all_that_is_known_and_who_is_asking(client: TestClient) -> None:
    client.post("/api/v1/owner", json=ANN)
    phone = listed(client)["n1"]
    assert phone.pop("first_seen") == phone.pop("last_seen")
    assert phone == {
        "id": "n1", "name": "galaxy-s24", "tailnet_name": "galaxy-s24", "model": "SM-S921U",
        "os": "android", "login": "ann@example.com", "owners": True, "rights": "owner",
        "renamed": False, "this": True,
    }  # fmt: skip
    assert not listed(client)["n2"]["this"]


def test_a_device_is_renamed_limited_and_blocked(client: TestClient, albums: Albums) -> None:
    renamed = client.patch("/api/v1/devices/n2", json={"name": "Kitchen tablet"})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Kitchen tablet")
    for rights in ("upload", "blocked", "owner"):
        answer = client.patch("/api/v1/devices/n2", json={"rights": rights})
        assert answer.json()["rights"] == rights
        assert albums.devices.get("n2").rights == rights  # type: ignore[union-attr]
    assert listed(client)["n2"]["renamed"]


def test_a_device_cannot_shut_itself_out(client: TestClient) -> None:
    for rights in ("blocked", "upload"):
        answer = client.patch("/api/v1/devices/n1", json={"rights": rights})
        assert answer.status_code == 409
        assert "using now" in answer.json()["error"]["what"]
    assert listed(client)["n1"]["rights"] == "owner"


def test_a_forgotten_device_is_gone_and_a_limited_one_stays(client: TestClient) -> None:
    client.patch("/api/v1/devices/n2", json={"rights": "blocked"})
    assert client.delete("/api/v1/devices/n2").status_code == 409
    client.patch("/api/v1/devices/n2", json={"rights": "owner"})
    assert client.delete("/api/v1/devices/n2").json() == {"id": "n2", "name": "tablet"}
    assert list(listed(client)) == ["n1"]
    assert client.delete("/api/v1/devices/n2").status_code == 404


@pytest.mark.parametrize(
    "edit", [{}, {"rights": "admin"}, {"name": ""}, {"name": "x" * 70}, {"colour": "red"}]
)
def test_a_change_that_makes_no_sense_is_refused(client: TestClient, edit: dict[str, str]) -> None:
    assert client.patch("/api/v1/devices/n2", json=edit).status_code == 422


def test_every_change_says_who_made_it(client: TestClient) -> None:
    client.patch("/api/v1/devices/n2", json={"rights": "blocked"})
    (entry,) = client.get("/api/v1/audit").json()["entries"]
    assert entry["action"] == "blocked-device"
    assert entry["actor"] == "tailscale://galaxy-s24"
    assert entry["detail"] == {"device": "tablet", "id": "n2", "before": "owner"}


def test_a_box_is_claimed_once_and_can_be_handed_over(client: TestClient) -> None:
    assert client.get("/api/v1/owner").json() == {"owner": None}
    claimed = client.post("/api/v1/owner", json=ANN).json()
    assert claimed["owner"]["login"] == "ann@example.com"
    refused = client.post("/api/v1/owner", json=BEN)
    assert refused.status_code == 409
    assert "Ann Lee (ann@example.com)" in refused.json()["error"]["what"]
    assert "albums owner --change" in refused.json()["error"]["hint"]
    assert client.get("/api/v1/owner").json() == claimed
    assert client.post("/api/v1/owner", json=BEN | {"change": True}).status_code == 200
    assert client.get("/api/v1/owner").json()["owner"]["login"] == "ben@example.com"
    assert not listed(client)["n1"]["owners"]


def forms(page: str) -> list[str]:
    return re.findall(r'<form[^>]*action="(/devices/[^"]+)"', page)


def test_the_page_shows_devices_and_the_owner(client: TestClient) -> None:
    assert "albums claim" in client.get("/devices").text
    client.post("/api/v1/owner", json=ANN)
    page = client.get("/devices")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-cache"
    for text in ("Ann Lee", "galaxy-s24", "SM-S921U", "tablet", "This device", "a moment ago"):
        assert text in page.text
    assert set(forms(page.text)) == {"/devices/n1", "/devices/n2"}


def test_the_forms_of_the_page_do_what_they_say(client: TestClient, albums: Albums) -> None:
    def post(**fields: str) -> str:
        answer = client.post("/devices/n2", data=fields)
        assert answer.status_code == 200, answer.text
        assert str(answer.url) == "http://localhost/devices"
        return answer.text

    assert "Kitchen &amp; hall" in post(act="rename", name="Kitchen & hall")
    assert "blocked" in post(act="blocked").lower()
    assert albums.devices.get("n2").rights == "blocked"  # type: ignore[union-attr]
    post(act="upload")
    post(act="owner")
    assert "Kitchen" not in post(act="forget")


def test_what_a_form_may_not_do_is_said_on_the_page(client: TestClient, albums: Albums) -> None:
    refused = client.post("/devices/n1", data={"act": "blocked"})
    assert refused.status_code == 409
    assert "is the device that you are using now" in refused.text
    assert "tablet" in refused.text
    assert client.post("/devices/n2", data={"act": "rename", "name": " "}).status_code == 422
    assert client.post("/devices/n9", data={"act": "forget"}).status_code == 404
    assert client.post("/devices/n2", data={"act": "explode"}).status_code == 422
    assert client.post("/devices/n2").status_code == 422
    assert len(albums.devices.all()) == 2


def test_a_name_is_text_and_never_markup(client: TestClient) -> None:
    client.patch("/api/v1/devices/n2", json={"name": '"><script>alert(1)</script>'})
    page = client.get("/devices").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
