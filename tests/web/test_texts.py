from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from albums.assembly import Albums
from tests.ml.written import LETTER, page

Send = Callable[..., str]


@pytest.fixture
def letter(send: Send, albums: Albums) -> str:
    """A photographed letter that has been read."""
    out = io.BytesIO()
    page().save(out, "PNG")
    sha = send(out.getvalue(), "IMG_1.png")
    steps = [step for step in albums.runner.steps if step.name not in ("embed", "caption")]
    while any([albums.runner._do_batch(step, False) for step in steps]):
        pass
    return sha


def test_what_is_written_is_told_with_boxes(client: TestClient, letter: str) -> None:
    answer = client.get(f"/api/v1/assets/{letter}/text").json()
    assert answer["next"] is None
    [read] = answer["pages"]
    assert read["number"] == 1
    assert [line["text"] for line in read["lines"]] == list(LETTER)
    assert all(len(line["box"]) == 4 and 0.8 < line["sure"] <= 1 for line in read["lines"])


def test_words_in_a_picture_find_it(client: TestClient, letter: str, send: Send) -> None:
    for query in ("boarding pass", 'text:"boarding pass"', "text:124.50", "norton"):
        found = client.get("/api/v1/search", params={"q": query}).json()["assets"]
        assert [asset["sha"] for asset in found] == [letter], query
    assert not client.get("/api/v1/search", params={"q": 'text:"pass boarding"'}).json()["assets"]


def test_words_that_were_looked_for_are_marked_on_the_picture(
    client: TestClient, letter: str
) -> None:
    results = client.get("/", params={"q": "boarding pass"}).text
    assert f"/assets/{letter}?q=boarding+pass" in results or (
        f"/assets/{letter}?q=boarding%20pass" in results
    )
    shown = client.get(f"/assets/{letter}", params={"q": "boarding pass"}).text
    assert "the <mark>boarding</mark> <mark>pass</mark> for your flight" in shown
    assert f'src="/api/v1/assets/{letter}/pictures/1600"' in shown
    plain = client.get(f"/assets/{letter}").text
    assert "the boarding pass for your flight" in plain
    assert "<mark>" not in plain


def test_a_picture_without_text_has_nothing_laid_over_it(
    client: TestClient, send: Send, make_photo: Callable[..., bytes]
) -> None:
    photo = send(make_photo(1))
    assert client.get(f"/api/v1/assets/{photo}/text").json() == {"pages": [], "next": None}
    assert 'class="lines"' not in client.get(f"/assets/{photo}").text
