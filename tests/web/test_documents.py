"""Documents in the browser: their pages as pictures, and what is written on them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.conftest import MakePhoto
from tests.media.papers import pdf
from tests.web.conftest import Send

LETTER = pdf([["Dear Ana,"], ["Tax form 2024", "Income"], ["Kind regards"]])


@pytest.fixture
def worked(albums: Albums) -> Callable[[], None]:
    """`worked()`: all work is done but that of models."""

    def work() -> None:
        runner = albums.runner
        steps = [step for step in runner.steps if step.lane != "model"]
        while any([runner._do_batch(step, False) for step in steps]):
            pass

    return work


@pytest.fixture
def letter(send: Send, worked: Callable[[], None]) -> str:
    sha = send(LETTER, "letter.pdf")
    worked()
    return sha


def test_every_page_is_a_picture(client: TestClient, letter: str, albums: Albums) -> None:
    answer = client.get(f"/api/v1/assets/{letter}/pages/2")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert max(picture.size) == 1600
    assert np.asarray(picture.convert("L")).min() < 60  # there are letters on it
    assert albums.vault.pictures.page_path(letter, 2).read_bytes() == answer.content
    tag = {"if-none-match": answer.headers["etag"]}
    assert client.get(f"/api/v1/assets/{letter}/pages/2", headers=tag).status_code == 304


def test_a_page_that_is_not_there_is_not_found(
    client: TestClient, letter: str, send: Send, make_photo: MakePhoto
) -> None:
    answer = client.get(f"/api/v1/assets/{letter}/pages/4")
    assert answer.status_code == 404
    assert answer.json()["error"]["why"] == "it has 3"
    photo = send(make_photo(1))
    assert client.get(f"/api/v1/assets/{photo}/pages/1").status_code == 404
    assert client.get(f"/api/v1/assets/{letter}/pages/0").status_code == 422


def test_a_document_is_leafed_through(client: TestClient, letter: str) -> None:
    first = client.get(f"/assets/{letter}").text
    assert f'src="/api/v1/assets/{letter}/pages/1"' in first
    assert 'rel="next" href="/assets/' in first
    assert 'rel="prev"' not in first
    last = client.get(f"/assets/{letter}?page=99").text
    assert f'src="/api/v1/assets/{letter}/pages/3"' in last
    assert 'rel="next"' not in last


def test_a_hit_opens_its_page_with_the_words_marked(client: TestClient, letter: str) -> None:
    [found] = client.get("/api/v1/search", params={"q": "2024 tax form"}).json()["assets"]
    assert (found["sha"], found["why"]["pages"]) == (letter, [2])
    results = client.get("/search/", params={"q": "2024 tax form", "why": 1}).text
    assert f"/assets/{letter}?q=2024+tax+form&amp;page=2" in results or (
        f"/assets/{letter}?q=2024%20tax%20form&amp;page=2" in results
    )
    assert "On page 2" in results
    page = client.get(f"/assets/{letter}?q=2024+tax+form").text
    assert f'src="/api/v1/assets/{letter}/pages/2"' in page
    assert "<mark>Tax</mark> <mark>form</mark> <mark>2024</mark>" in page


def test_what_is_on_no_page_is_said_so(client: TestClient, letter: str) -> None:
    assert "none of its pages" in client.get(f"/assets/{letter}?q=elephants").text
    assert client.get(f"/assets/{letter}?q=wrong:filter&page=x").status_code == 200


def test_a_broken_pdf_is_kept_and_says_why(
    client: TestClient, send: Send, worked: Callable[[], None]
) -> None:
    broken = send(b"%PDF-1.7\n" + bytes(200), "broken.pdf")
    worked()
    page = client.get(f"/assets/{broken}").text
    assert "The file could not be read as a PDF" in page
    assert client.get(f"/api/v1/assets/{broken}/pages/1").status_code == 422
    assert client.get(f"/api/v1/assets/{broken}/original").content.startswith(b"%PDF-1.7")


def test_a_document_that_is_erased_takes_its_pages_along(
    client: TestClient, letter: str, albums: Albums
) -> None:
    client.get(f"/api/v1/assets/{letter}/pages/1")
    albums.vault.pictures.remove(letter)
    assert not albums.vault.pictures.page_path(letter, 1).exists()


def test_documents_have_a_place_beside_photos_and_videos(
    client: TestClient, letter: str, send: Send, make_photo: MakePhoto, worked: Callable[[], None]
) -> None:
    photo = send(make_photo(1), "beach.jpg")
    worked()
    whole = client.get("/").text
    assert photo in whole
    assert letter in whole
    assert 'href="/search/?q=type:document">Documents</a>' in whole
    documents = client.get("/search/", params={"q": "type:document"}).text
    assert letter in documents
    assert photo not in documents
    assert re.search(r'q=type%3Adocument[^>]*aria-current="page">Documents</a>', documents)
    assert "<b>1</b> document" in documents
    assert "<h2>" in documents  # by month, as the timeline
    assert letter not in client.get("/search/", params={"q": "type:photo"}).text


def test_a_search_goes_on_within_one_kind(client: TestClient, letter: str) -> None:
    page = client.get("/", params={"q": "tax type:video year:2024"}).text
    assert "/?q=tax%20year%3A2024%20type%3Adocument" in page or (
        "/?q=tax+year%3A2024+type%3Adocument" in page
    )
    assert 'aria-current="page">Videos</a>' in page


def test_a_document_says_when_and_by_whom_it_was_written(
    client: TestClient, send: Send, worked: Callable[[], None]
) -> None:
    made = "/Title (Lease) /Author (Ana Sousa) /CreationDate (D:20240305101500+01'00')"
    sha = send(pdf([["x"]], info=made), "x.pdf")
    worked()
    known = client.get(f"/api/v1/assets/{sha}").json()
    assert known["captured_at"] == "2024-03-05T10:15:00+01:00"
    assert known["document"] == {"pages": 1, "read": 1}
    said = {fact["field"]: fact["value"] for fact in known["facts"] if fact["believed"]}
    assert (said["title"], said["author"]) == ("Lease", "Ana Sousa")
    assert known["caption"] is None
    [found] = client.get("/api/v1/search", params={"q": "sousa"}).json()["assets"]
    assert found["sha"] == sha
