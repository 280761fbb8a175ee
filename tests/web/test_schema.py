"""Whatever the OpenAPI description allows may be sent: nothing of it is a 5xx, and a stranger who
sends it sees no byte of an asset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as given_of
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from albums.assembly import open_albums
from albums.identity.access import Door
from albums.identity.doors import Doors, Server
from albums.settings import Settings
from albums.web.app import create_app
from tests.conftest import MakePhoto
from tests.identity.localapi import Tailscaled
from tests.identity.network import PHONE, STRANGER

pytestmark = pytest.mark.slow

SECRET = "only-the-owner-may-read-this"


class Here(Doors):
    """There is no socket in these tests: `door` is where everybody comes in."""

    door = Door.SHELL

    def find(self, server: Server) -> Door | None:
        return self.door


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Alice's box with a photo in it, in a tailnet with a stranger."""
    place = tmp_path_factory.mktemp("schema")
    settings = Settings(
        library=place / "library", workers=1, tailscale_socket=str(place / "tailscaled.sock")
    )
    with Tailscaled(place / "tailscaled.sock"), closing(open_albums(settings)) as albums:
        app = create_app(albums, Here())
        with albums.devices.change() as change:
            change.claim(PHONE.person.id, PHONE.person.login, "Alice")
        base = "http://localhost"
        with TestClient(app, base_url=base, raise_server_exceptions=False) as client:
            yield client


Check = Callable[[Any], None]


def send_everything(client: TestClient, door: Door, check: Check, **headers: str) -> int:
    """Some made-up requests of every operation; returns how many."""
    doors = client.app.state.doors  # type: ignore[attr-defined]
    doors.door = Door.SHELL
    description = client.get("/api/v1/openapi.json").json()
    doors.door = door
    sent = 0

    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        given = case.as_transport_kwargs(base_url="http://localhost")
        params = {**(given["params"] or {})}
        if "wait" in params:  # a box that rests writes no caption, however long one waits
            params["timeout"] = 0.01
        request = requests.Request(
            given["method"],
            given["url"],
            headers={**given["headers"], **headers},
            params=params,
            **{key: given[key] for key in ("data", "json", "files") if given.get(key) is not None},
        ).prepare()
        answer = client.request(
            given["method"],
            str(request.url),
            headers=[(k.encode(), str(v).encode("latin-1")) for k, v in request.headers.items()],
            content=cast(bytes, request.body or b""),
            follow_redirects=False,
        )
        check(answer)

    for found in schemathesis.openapi.from_dict(description).get_all_operations():
        assert isinstance(found, Ok), found
        few(given_of(found.ok().as_strategy())(send))()
    return sent


few = settings(
    max_examples=10,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_the_owner_gets_no_server_error(client: TestClient, make_photo: MakePhoto) -> None:
    def no_server_error(answer: Any) -> None:
        assert answer.status_code < 500, f"{answer.request.method} {answer.request.url}"

    assert client.post("/ingest", files={"file": (f"{SECRET}.jpg", make_photo(1))}).is_success
    assert send_everything(client, Door.SHELL, no_server_error) > 300


def test_a_stranger_sees_nothing(client: TestClient) -> None:
    refusals = client.app.state.refusals  # type: ignore[attr-defined]

    def nothing(answer: Any) -> None:
        refusals.forgive(STRANGER.stable_id)
        assert answer.status_code == 403, answer.request.url
        assert "belongs to somebody else" in answer.text
        assert SECRET not in answer.text

    came = {"x-forwarded-for": STRANGER.addresses[0]}
    assert send_everything(client, Door.SERVE, nothing, **came) > 300
