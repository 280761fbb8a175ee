"""In a real browser: every page works under its strict policy, and asks nobody but the box."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.routing import APIRoute

from albums.assembly import Albums
from albums.sources.importing.kind import Said
from albums.sources.importing.receipt import write_receipt
from albums.web.app import PAGES
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.sources.importing.journal import Journal
from tests.web.chromium import PROGRAMS, Chromium, Seen, program
from tests.web.conftest import Local

pytestmark = pytest.mark.skipif(
    program() is None, reason=f"no browser: none of {', '.join(PROGRAMS)} is installed"
)

SEARCHES = ("year:2024", "dog on a beach", "camra:leica", "<script>alert(1)</script>")


def bring(albums: Albums, *contents: tuple[str, bytes]) -> list[str]:
    """Photos with all that the box finds out without a download."""
    shas = [albums.receiver.receive(arrival_of(content, name)).sha for name, content in contents]
    albums.runner.start()
    assert albums.runner.wait_until_idle(60)
    return shas


def imported(albums: Albums) -> None:
    """One photo with a receipt, and one that is missing."""
    journal = Journal(albums.receiver)
    journal.photo(journal.part(2), "a.jpg", b"a", Said(pairing="owned", url="https://example.org"))
    write_receipt(albums.receiver, journal.brought(), "local://shell")


def every_page(shas: list[str]) -> list[str]:
    """Each address of each page. A new page has to be added here."""
    filled = {
        "/": ["/", "/?q=dog"],
        "/search/": ["/search/", *(f"/search/?q={query}" for query in SEARCHES)],
        "/assets/{sha}": [f"/assets/{sha}" for sha in [*shas, "0" * 64]],
        "/assets/{sha}/similar": [f"/assets/{sha}/similar" for sha in shas],
        "/audit": ["/audit"],
        "/audit/": ["/audit/", "/audit/?check=true", f"/audit/?sha={shas[0]}&before=3"],
        "/dashboard/": ["/dashboard/"],
        "/dashboard/work": ["/dashboard/work"],
        "/cameras/": ["/cameras/", "/cameras/?sort=name"],
        "/cameras/{name:path}": ["/cameras/none"],
        "/cities/": ["/cities/"],
        "/cities/{path:path}": ["/cities/Portugal/Lisbon"],
        "/lenses/": ["/lenses/"],
        "/lenses/{name:path}": ["/lenses/50mm%20f%2F1.8"],
        "/memories": ["/memories", "/memories?on=2026-07-01"],
        "/memories/{key}": ["/memories/2024-07-01", "/memories/07-01..07-03", "/memories/none"],
        "/people/": ["/people/"],
        "/people/{name:path}": ["/people/Anna"],
        "/random": ["/random", "/random?seed=7"],
        "/tags/": ["/tags/", "/tags/?find=a"],
        "/tags/{name:path}": ["/tags/none"],
        "/years/": ["/years/"],
        "/years/{when}": ["/years/2024", "/years/2024-07", "/years/none"],
        "/collections/": ["/collections/"],
        "/collections/{name:path}": ["/collections/none"],
        "/devices": ["/devices"],
        "/duplicates/": ["/duplicates/", "/duplicates/?exact=true&after=9_9"],
        "/models/": ["/models/"],
        "/models/progress": ["/models/progress"],
        "/settings/": ["/settings/"],
        "/rules/": ["/rules/", "/rules/?q=year:2024&action=private", "/rules/?q=dog&action=delete"],
        "/rules/{id}": ["/rules/00000000"],
        "/enter": ["/enter"],
        "/imports": ["/imports"],
        "/imports/now": ["/imports/now"],
        "/imports/{number}": ["/imports/1", "/imports/2"],
        "/imports/{number}/check": ["/imports/1/check"],
        "/imports/{number}/deletable": ["/imports/1/deletable"],
        "/manage/": ["/manage/", "/manage/?q=type:photo&facet=year,tag", "/manage/?q=fly:high"],
        "/manage/collections": ["/manage/collections"],
        "/manage/facets/{name}": ["/manage/facets/year?q=type:photo"],
        "/map": ["/map", "/map?q=year:2024", "/map?within=38,-10,39,-9"],
        "/map/around": ["/map/around?latitude=38.7&longitude=-9.1"],
        "/map/photos": ["/map/photos?within=38,-10,39,-9"],
        "/maps/{name}": ["/maps/none.pmtiles"],
        "/preferences": ["/preferences"],
        "/receipts": ["/receipts"],
        "/times": ["/times", "/times?q=type:photo"],
        "/service-worker.js": ["/service-worker.js"],
        "/trash": ["/trash"],
        "/upload/": ["/upload/"],
        "/verify": ["/verify"],
    }
    routes = [route for router in PAGES for route in router.routes]
    shown = {r.path for r in routes if isinstance(r, APIRoute) and "GET" in (r.methods or ())}
    assert shown == set(filled)
    return [address for route in sorted(shown) for address in filled[route]]


# A page that is not there answers 404, and the browser says so. So does /enter without a token.
_SAID_NO = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


def complaints(seen: Seen) -> list[str]:
    return [what for what in seen.trouble if not _SAID_NO.match(what)]


@pytest.mark.slow
def test_every_page_asks_only_the_box_and_breaks_no_rule(
    local: Local, browser: Chromium, make_photo: MakePhoto
) -> None:
    photos = [(f"IMG_2024070{n}_120000.jpg", make_photo(n)) for n in (1, 2, 3)]
    shas = bring(local.albums, *photos, ("notes.txt", b"words"))
    imported(local.albums)
    assert browser.open(local.link()) == f"{local.url}/"
    for page in every_page(shas):
        browser.open(f"{local.url}{page}")
    for sha in shas:
        browser.open(f"{local.url}/api/v1/assets/{sha}/original")
    asked = browser.seen.requests
    assert f"{local.url}/static/app.css" in asked
    assert f"{local.url}/static/placeholders.js" in asked
    assert f"{local.url}/api/v1/assets/{shas[0]}/pictures/300" in asked
    assert browser.seen.elsewhere(local.url) == []
    assert complaints(browser.seen) == []


def test_every_page_says_a_policy_without_holes(local: Local, browser: Chromium) -> None:
    browser.open(local.link())
    browser.open(f"{local.url}/assets/none")
    assert len(browser.seen.policies) > 4
    for url, policy in browser.seen.policies.items():
        assert "default-src 'none'" in policy, url
        assert "unsafe" not in policy, url
        assert "http" not in policy, url
        assert "*" not in policy, url


def test_the_printed_address_leads_in_by_itself_and_leaves_no_token_behind(
    local: Local, browser: Chromium
) -> None:
    link = local.link()
    assert browser.open(f"{link}&next=/search/?q=year:2024") == f"{local.url}/search/?q=year:2024"
    history = browser.tell("Page.getNavigationHistory")["entries"]
    assert not [entry["url"] for entry in history if "token" in entry["url"]]
    assert browser.run("document.cookie") == ""  # no script sees the session
    assert "No photos yet" not in browser.run("document.body.innerText")
    browser.open(local.url)
    assert "No photos yet" in browser.run("document.body.innerText")
    assert browser.open(link) == f"{local.url}/"  # once more: it is in already
    assert complaints(browser.seen) == []


def test_without_script_the_button_leads_in(local: Local, browser: Chromium) -> None:
    browser.tell("Emulation.setScriptExecutionDisabled", value=True)
    link = local.link()
    assert browser.open(link) == link
    browser.run("document.querySelector('button').click()")
    browser.settle()
    assert browser.run("location.href") == f"{local.url}/"


def test_a_used_address_says_what_to_do(local: Local, browser: Chromium) -> None:
    link = local.link()
    local.app.state.sessions.redeem(link.partition("token=")[2])
    assert browser.open(link) == f"{local.url}/enter"
    text = browser.run("document.body.innerText")
    assert "does not open the box any more" in text
    assert "albums open" in text
    browser.open(local.url)
    assert "does not know this browser" in browser.run("document.body.innerText")
    assert complaints(browser.seen) == []


# The witness itself: a page that does all that ours must not.


class _Careless(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        strict = "strict" in self.path
        body = (
            b"<!doctype html><p style='color: red'>x<script>document.title = 'ran'</script>"
            b"<img src='http://elsewhere.example/a.png'><link rel='stylesheet' href='//b.example'>"
        )
        self.send_response(200)
        self.send_header("content-type", "text/html")
        if strict:
            self.send_header("content-security-policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def careless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Careless)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_careless_page_is_noticed(browser: Chromium) -> None:
    with careless() as url:
        browser.open(f"{url}/")
        assert browser.run("document.title") == "ran"
        elsewhere = browser.seen.elsewhere(url)
        assert "http://elsewhere.example/a.png" in elsewhere
        assert "http://b.example/" in elsewhere
        assert complaints(browser.seen)
        browser.seen = Seen()
        browser.open(f"{url}/strict")
        assert browser.run("document.title") != "ran"
        said = " ".join(complaints(browser.seen))
        for broken in ("inline script", "inline style", "elsewhere.example"):
            assert broken in said
        assert "Content Security Policy" in said


@pytest.mark.slow
def test_a_receipt_tells_what_may_be_deleted_and_reads_everything_again(
    local: Local, browser: Chromium
) -> None:
    imported(local.albums)
    browser.open(local.link())
    browser.open(f"{local.url}/imports/1")
    wait_for(browser, "document.querySelector('.deletable')?.innerText", "0 now")
    browser.run("document.querySelector('.acts button').click()")
    wait_for(browser, "document.querySelector('.check')?.innerText", "Everything is as it was kept")


def wait_for(browser: Chromium, script: str, wanted: str) -> None:
    """Until what the script gives holds this."""
    deadline = time.monotonic() + 15
    while wanted not in (found := str(browser.run(f"{script} ?? ''")).replace("\n", " ")):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
