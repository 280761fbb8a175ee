"""Who may do what under /dav: every door, every kind of caller, every method."""

from __future__ import annotations

import pytest

from albums.identity.access import RIGHTS, Door, Kind, Route
from albums.web.routes import route_of
from tests.web.test_gate import COMERS, EXPECTED, LET_IN, World, world

__all__ = ["world"]

READ = ("OPTIONS", "GET", "HEAD", "PROPFIND")
CHANGE = ("PUT", "MKCOL", "DELETE", "COPY", "MOVE", "LOCK", "UNLOCK", "PROPPATCH", "POST")
# What somebody who may asks for, and the answer when the gate lets them through.
ASKED = {
    ("PROPFIND", "/dav"): (Route.UPLOAD, 207),
    ("PROPFIND", "/dav/inbox"): (Route.UPLOAD, 207),
    ("PUT", "/dav/inbox/missing/a.jpg"): (Route.UPLOAD, 409),
    ("MOVE", "/dav/inbox/missing"): (Route.UPLOAD, 404),
    ("PROPFIND", "/dav/library"): (Route.READ, 207),
    ("GET", "/dav/library"): (Route.READ, 200),
    ("DELETE", "/dav/library/2024"): (Route.WRITE, 403),
}
CASES = [(d, k, m, p) for d, kinds in COMERS.items() for k in kinds for m, p in ASKED]


@pytest.mark.parametrize(("door", "kind", "method", "path"), CASES)
def test_who_gets_what_over_webdav(
    world: World, door: Door, kind: Kind, method: str, path: str
) -> None:
    route, let_in = ASKED[method, path]
    answer = world.come(door, kind, method, path, ("depth", "0"))
    expected = EXPECTED[kind, route]
    assert answer.status == (let_in if expected == LET_IN[route] else expected), answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "allow" not in answer.headers or method == "OPTIONS"


def test_every_method_is_of_the_sort_that_its_room_asks_for() -> None:
    for method in (*READ, *CHANGE):
        for path in ("/dav", "/dav/", "/dav/inbox", "/dav/inbox/", "/dav/inbox/a/b.jpg"):
            assert route_of(method, path) is Route.UPLOAD
        for path in ("/dav/library", "/dav/library/2024/01/a.jpg", "/dav/inboxes", "/dav//inbox"):
            assert route_of(method, path) not in RIGHTS[Kind.UPLOADER]


def test_a_password_or_a_foreign_origin_lets_nobody_in(world: World) -> None:
    basic = ("authorization", "Basic YWxpY2U6c2VjcmV0")
    for door, kind, status in (
        (Door.SERVE, Kind.STRANGER, 403),
        (Door.LOCAL, Kind.VISITOR, 401),
        (Door.TAILNET, Kind.UNKNOWN, 403),
    ):
        answer = world.come(door, kind, "PROPFIND", "/dav/inbox", basic, ("depth", "0"))
        assert answer.status == status
    foreign = ("origin", "https://evil.example")
    for method in ("PROPFIND", *CHANGE):
        answer = world.come(Door.SERVE, Kind.OWNER, method, "/dav/inbox/a", foreign)
        assert answer.status == 403
