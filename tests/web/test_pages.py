"""The pages: what they show, and that they load nothing from anywhere else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.ingest.late import Later, say
from albums.library.facts import Claim
from albums.web.pages.render import moment, size, tenths
from tests.conftest import MakePhoto
from tests.web.conftest import Send
from tests.web.test_api import insert_many
from tests.web.test_assets import work_through


class Page(HTMLParser):
    """What a page refers to, and what a strict policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        if tag == "style":
            self.inline.append(tag)
        for name, value in attributes:
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
            if name in ("src", "href", "action", "srcset"):
                self.addresses.append(value or "")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.inline.append("script")


def test_an_empty_library_says_how_to_begin(client: TestClient) -> None:
    page = client.get("/").text
    assert "No photos yet" in page
    assert "albums import" in page


def test_the_front_page_shows_the_newest_and_leads_to_the_rest(
    client: TestClient, albums: Albums
) -> None:
    insert_many(albums, 130)
    first = client.get("/").text
    assert first.count('<li class="r') == 120
    assert "May 2024" in first
    assert "129.jpg" in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    rest = client.get(older[1].replace("&amp;", "&")).text
    assert rest.count('<li class="r') == 10
    assert 'rel="next"' not in rest


def test_results_say_why_they_are_there(client: TestClient, albums: Albums) -> None:
    insert_many(albums, 3)
    with albums.library.write() as db:
        db.execute("insert into words (rowid, caption) values (2, 'A dog on a beach')")
    page = client.get("/search/", params={"q": "dog year:2024", "why": 1}).text
    assert page.count('<li class="r') == 1
    assert 'class="reasons">dog' in page
    assert "No more good matches" in page
    assert 'value="dog year:2024"' in page


@pytest.mark.parametrize("q", ["camra:leica", "x" * 3000, "similar:000000"])
def test_a_query_that_makes_no_sense_is_answered_with_a_sentence(
    client: TestClient, q: str
) -> None:
    answer = client.get("/", params={"q": q})
    assert answer.status_code in (404, 422)
    assert 'class="say"' in answer.text
    assert "Traceback" not in answer.text


def test_what_was_typed_and_what_files_are_called_cannot_become_markup(
    client: TestClient, send: Send
) -> None:
    evil = "<script>alert(1)</script>"
    sha = send(b"content", f"{evil}.txt".replace("/", "\u2215"))
    for path in (f"/?q={evil}", "/", f"/assets/{sha}"):
        assert "<script>alert" not in client.get(path).text


def test_the_pages_name_the_engine_and_how_to_get_better_ones(client: TestClient) -> None:
    page = client.get("/").text
    assert "Described by" in page
    assert "albums models pull" in page


def test_an_asset_page_shows_what_is_known_and_how(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1), "beach.jpg", captured_at="2026-04-26T18:42:11-07:00")
    work_through(albums, sha)
    page = client.get(f"/assets/{sha}").text
    for shown in (
        "A wet beach.",
        "26 April 2026, 18:42",
        "Vancouver",
        "said on upload",
        "dc:title",
    ):
        assert shown in page
    assert "Written by florence" in page


def test_what_an_export_says_of_a_photo_is_on_its_page(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1), "beach.jpg")
    said = Claim("description", "Ann & Ben at the sea", "takeout", 0.85)
    say(albums.receiver, [Later(sha, "takeout", (said,))], "takeout://test")
    assert "Ann &amp; Ben at the sea <small>(takeout)</small>" in client.get(f"/assets/{sha}").text


def test_an_asset_that_is_not_there_is_a_page_that_says_so(client: TestClient) -> None:
    answer = client.get("/assets/" + "0" * 64)
    assert answer.status_code == 404
    assert "There is no asset" in answer.text


def test_pages_load_nothing_from_elsewhere_and_hold_nothing_inline(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1))
    work_through(albums, sha)
    with albums.library.write() as db:
        db.execute("insert into pictures values (1, ?, 1.33, 1, 0)", (bytes(20),))
    for path in ("/", "/search/?q=beach", f"/assets/{sha}", "/assets/none"):
        page = Page(client.get(path).text)
        assert page.inline == []
        assert page.addresses
        assert all(re.match(r"/(?!/)|[#?]", address) for address in page.addresses)


def test_what_pages_refer_to_is_there(client: TestClient) -> None:
    for address in Page(client.get("/").text).addresses:
        assert client.get(address).status_code == 200, address


def test_people_read_dates_sizes_and_shapes() -> None:
    assert moment("2024-05-02T09:41:00+01:00") == "2 May 2024, 09:41"
    assert moment(None) == "no date"
    assert [size(n) for n in (999, 1000, 2_411_724, 3 * 10**12)] == [
        "999 bytes", "1.0 kB", "2.4 MB", "3.0 TB"
    ]  # fmt: skip
    assert [tenths(aspect) for aspect in (None, 0.01, 1.333, 100)] == [10, 5, 13, 30]
