"""The printed address lets one browser of this machine in, once, and leads nowhere else."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from albums.assembly import open_albums
from albums.identity.access import Door
from albums.identity.doors import Doors, listen_tcp
from albums.identity.local import COOKIE, SESSION_LASTS, entrance
from albums.settings import Settings
from albums.web.app import create_app
from albums.web.pages.enter import local_path
from tests.web.conftest import serve

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {"accept": "application/json"}


@dataclass(frozen=True)
class Local:
    """A real box at plain loopback, and a browser that has not entered."""

    url: str
    app: FastAPI
    browser: httpx.Client

    def link(self) -> str:
        return entrance(self.url, self.token())

    def token(self) -> str:
        token: str = self.app.state.sessions.link()
        return token

    def enter(self, token: str, next: str = "/", **options: object) -> httpx.Response:
        return self.browser.post("/enter", data={"token": token, "next": next}, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, FastAPI]]:
    """One for all: each test enters anew."""
    library = tmp_path_factory.mktemp("box") / "library"
    albums = open_albums(Settings(library=library, workers=1, time_zone="Europe/Lisbon"))
    doors = Doors()
    with doors.add(Door.LOCAL, listen_tcp("127.0.0.1", 0)) as door:
        app = create_app(albums, doors)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        with serve(config, door):
            yield f"http://127.0.0.1:{door.getsockname()[1]}", app
    albums.close()


@pytest.fixture
def local(box: tuple[str, FastAPI]) -> Iterator[Local]:
    url, app = box
    app.state.sessions.end_all()
    app.state.refusals.forgive("this machine")
    with httpx.Client(base_url=url, headers=PAGE, timeout=20) as browser:
        yield Local(url, app, browser)


class Form(HTMLParser):
    """What the button of a page would send."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.to: str | None = None
        self.fields: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            assert given["method"] == "post"
            self.to = given["action"]
        elif tag == "input":
            self.fields[given["name"]] = given["value"]


def test_the_printed_address_leads_in_by_its_button(local: Local) -> None:
    page = local.browser.get(local.link())
    assert page.status_code == 200
    form = Form(page.text)
    assert form.to
    answer = local.browser.post(form.to, data=form.fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert local.browser.get("/").status_code == 200
    assert local.browser.get("/api/v1/status").status_code == 200


def test_looking_at_the_address_uses_it_not_up(local: Local) -> None:
    link = local.link()
    for _ in range(3):
        answer = local.browser.get(link)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert local.browser.get("/").status_code == 401
    assert local.enter(link.partition("token=")[2]).status_code == 303


def test_a_link_that_leaked_after_its_use_is_worthless(local: Local) -> None:
    token = local.token()
    assert local.enter(token).status_code == 303
    with httpx.Client(base_url=local.url, headers=PAGE, timeout=60) as thief:
        answer = thief.post("/enter", data={"token": token})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert "albums open" in answer.text
        assert thief.get("/").status_code == 401


def test_the_browser_that_entered_may_follow_its_address_again(local: Local) -> None:
    token = local.token()
    local.enter(token)
    again = local.enter(token, "/?q=dog")
    assert (again.status_code, again.headers["location"]) == (303, "/?q=dog")
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "ü\0", "%", "token=token"])
def test_a_made_up_token_opens_nothing(local: Local, token: str) -> None:
    local.link()
    assert local.enter(token).status_code == 401
    assert local.browser.get("/").status_code == 401


def test_the_address_without_its_token_says_what_to_do(local: Local) -> None:
    answer = local.browser.get("/enter")
    assert answer.status_code == 401
    assert "albums open" in answer.text


@pytest.mark.parametrize("path", ["/", "/assets/none", "/api/v1/status", "/api/v1/assets"])
@pytest.mark.parametrize("accept", [PAGE, JSON])
def test_who_has_not_entered_is_told_how(local: Local, path: str, accept: dict[str, str]) -> None:
    answer = local.browser.get(path, headers=accept)
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"
    assert "albums open" in answer.text
    if accept is PAGE and not path.startswith("/api/"):
        assert answer.headers["content-type"].startswith("text/html")
    else:
        assert answer.json()["error"]["code"] == "refused"


@pytest.mark.parametrize(("method", "path"), [("POST", "/ingest"), ("DELETE", "/api/v1/x")])
def test_nothing_is_written_by_who_has_not_entered(local: Local, method: str, path: str) -> None:
    assert local.browser.request(method, path, headers=JSON).status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(local: Local) -> None:
    answer = local.enter(local.token())
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert cookie.key == COOKIE
    assert cookie["httponly"] is True
    assert cookie["samesite"].lower() == "strict"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert int(cookie["max-age"]) >= SESSION_LASTS


def test_a_program_gets_its_session_as_json_and_no_cookie(local: Local) -> None:
    with httpx.Client(base_url=local.url, headers=JSON, timeout=60) as program:
        answer = program.post("/enter", data={"token": local.token()})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        bearer = {"authorization": f"Bearer {answer.json()['session']}"}
        assert program.get("/api/v1/status", headers=bearer).status_code == 200
        refused = program.post("/enter", data={"token": "used"})
        assert refused.status_code == 401
        assert refused.json()["error"]["hint"]


def test_a_session_that_ended_is_worth_nothing(local: Local) -> None:
    local.enter(local.token())
    local.app.state.sessions.end(local.browser.cookies[COOKIE])
    assert local.browser.get("/").status_code == 401


def test_neither_page_nor_answer_stays_anywhere(local: Local) -> None:
    link = local.link()
    page = local.browser.get(link)
    for answer in (page, local.browser.post("/enter", data=Form(page.text).fields)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")


def test_a_token_cannot_become_markup(local: Local) -> None:
    evil = '"><script>alert(1)</script>'
    page = local.browser.get("/enter", params={"token": evil, "next": f"/{evil}"}).text
    assert "<script>alert" not in page
    assert Form(page).fields["token"] == evil


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/", "/"),
        ("/?q=dog%20year:2024&after=3", "/?q=dog%20year:2024&after=3"),
        ("/assets/9c4a#top", "/assets/9c4a#top"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("\t//evil.example", "/"),
        ("/\r\nset-cookie: a=b", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("", "/"),
        ("/enter", "/"),
        ("/enter?token=x", "/"),
        ("/é", "/"),
    ],
)
def test_it_leads_on_to_this_box_only(local: Local, asked: str, led: str) -> None:
    page = local.browser.get("/enter", params={"token": local.token(), "next": asked})
    assert Form(page.text).fields["next"] == led
    assert local.enter(local.token(), asked).headers["location"] == led


@given(st.text(st.sampled_from("/\\.:@?#%\t\n\r evil\u2028\uff0f"), max_size=12) | st.text())
def test_no_path_leads_away(asked: str) -> None:
    home = "http://127.0.0.1:8300/enter"
    led = local_path(asked)
    assert urlsplit(urljoin(home, led)).netloc == "127.0.0.1:8300"
    assert led.startswith("/")
    assert not led.startswith(("//", "/\\"))
    assert led.isascii()
    assert not any(c <= " " or c == "\\" for c in led)


def test_a_flood_is_no_token(local: Local) -> None:
    answer = local.browser.post("/enter", content=b"token=" + b"x" * 1_000_000, headers=JSON)
    assert answer.status_code == 413
    assert local.enter(local.token()).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example"},
    ],
)
def test_another_sites_page_uses_no_link_up(local: Local, headers: dict[str, str]) -> None:
    token = local.token()
    assert local.enter(token, headers=headers).status_code in (401, 403, 421)
    assert local.enter(token).status_code == 303


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make another user's socket")
def test_another_user_of_this_machine_gets_nowhere_with_a_stolen_link_or_cookie(
    local: Local,
) -> None:
    token = local.token()
    assert b" 401 " in _as_nobody(local, "POST", "/enter", f"token={token}")
    assert local.enter(token).status_code == 303  # nor did they use it up
    cookie = local.browser.cookies[COOKIE]
    assert b" 401 " in _as_nobody(local, "GET", "/api/v1/status", cookie=cookie)
    assert local.browser.get("/api/v1/status").status_code == 200


def _as_nobody(local: Local, method: str, path: str, body: str = "", cookie: str = "") -> bytes:
    """The status line that a process of the user nobody gets."""
    address = urlsplit(local.url)
    os.seteuid(65534)  # a socket belongs to who makes it
    try:
        theirs = socket.socket()
    finally:
        os.seteuid(0)
    with theirs:
        theirs.connect((address.hostname, address.port))
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"Cookie: {COOKIE}={cookie}\r\n\r\n"
        )
        theirs.sendall((head + body).encode())
        return theirs.makefile("rb").readline()


def test_no_token_and_no_session_reaches_the_log(
    local: Local, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "albums"):
        link = local.link()
        token = link.partition("token=")[2]
        local.browser.get(link)
        local.browser.get(link, headers={"host": "evil.example"})
        local.enter(token, headers={"origin": "https://evil.example"})
        local.enter(token)
        local.enter(token)
        session = local.browser.cookies[COOKIE]
        local.browser.put("/enter", params={"token": token})
        local.browser.cookies.clear()
        local.browser.get("/assets/none", params={"token": token})
        local.enter(token)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("albums.")
    )
    assert "refused" in ours
    assert "one-time link" in ours
    assert token not in ours
    assert session not in ours


def test_a_browser_cannot_make_links_for_others(local: Local) -> None:
    local.enter(local.token())
    answer = local.browser.post("/api/v1/links", headers=JSON)
    assert answer.status_code == 403
    assert "shell" in answer.json()["error"]["what"]
