"""An upload belongs to the device that began it."""

from __future__ import annotations

import pytest

from albums.identity.access import Door, Kind, Route
from albums.web.routes import route_of
from tests.web.test_gate import World, world

__all__ = ["world"]

BEGIN = (("tus-resumable", "1.0.0"), ("upload-length", "10"))
VERSION = ("tus-resumable", "1.0.0")


def begin(world: World, door: Door, kind: Kind) -> str:
    answer = world.come(door, kind, "POST", "/uploads", *BEGIN)
    assert answer.status == 201, answer.body
    return answer.headers["location"]


@pytest.mark.parametrize("door", [Door.SERVE, Door.TAILNET])
def test_the_upload_of_another_device_is_404_even_for_the_same_owner(
    world: World, door: Door
) -> None:
    at = begin(world, door, Kind.OWNER)
    for method in ("HEAD", "DELETE"):
        assert world.come(door, Kind.UPLOADER, method, at, VERSION).status == 404
    assert world.come(Door.SHELL, Kind.SHELL, "HEAD", at, VERSION).status == 404
    assert world.come(door, Kind.OWNER, "HEAD", at, VERSION).status == 200


def test_a_device_that_may_only_upload_may_do_all_of_it(world: World) -> None:
    at = begin(world, Door.TAILNET, Kind.UPLOADER)
    assert world.come(Door.TAILNET, Kind.UPLOADER, "HEAD", at, VERSION).status == 200
    assert world.come(Door.TAILNET, Kind.UPLOADER, "DELETE", at, VERSION).status == 204
    assert world.come(Door.TAILNET, Kind.UPLOADER, "OPTIONS", "/uploads").status == 204


def test_a_blocked_device_may_not(world: World) -> None:
    assert world.come(Door.TAILNET, Kind.BLOCKED, "POST", "/uploads", *BEGIN).status == 403


def test_the_origin_is_the_device_by_its_name(world: World) -> None:
    at = begin(world, Door.TAILNET, Kind.OWNER)
    with world.claimed.state.albums.library.read() as db:
        row = db.execute("select origin, owner from uploads where id = ?", (at[9:],)).fetchone()
    assert row["origin"].startswith("tailscale://")
    assert row["owner"] not in row["origin"]


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/uploads", "/uploads/", "/uploads/x"])
def test_every_request_of_tus_counts_as_uploading(method: str, path: str) -> None:
    assert route_of(method, path) is Route.UPLOAD
