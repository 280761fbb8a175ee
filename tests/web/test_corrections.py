"""Wrong times over HTTP: in the API, on the page, and on the page of an asset."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.library.assets import asset_by_sha
from albums.library.facts import Claim, add_claims, settle
from albums.web.pages.taken import taken, why
from tests.conftest import MakePhoto
from tests.web.conftest import Send

PATH = "/api/v1/corrections"
Put = Callable[[str], str]


@pytest.fixture
def put(albums: Albums, send: Send, make_photo: MakePhoto) -> Put:
    """`put(value)` -> SHA-256 of a photo by a Canon, taken then."""
    count = 0

    def put(value: str) -> str:
        nonlocal count
        count += 1
        sha = send(make_photo(count), f"IMG_{count}.jpg")
        with albums.library.write() as db:
            asset_id = asset_by_sha(db, sha).id
            detail = "DateTimeOriginal; zone unknown"
            claims = [
                Claim("captured_at", value, "exif", 0.9, detail),
                Claim("camera", "Canon EOS 700D", "exif", 0.9),
            ]
            add_claims(db, asset_id, claims)
            settle(db, asset_id, albums.tools.home)
        return sha

    return put


def captured(client: TestClient, sha: str) -> Any:
    return client.get(f"/api/v1/assets/{sha}").json()["captured_at"]


def test_a_query_is_corrected_after_a_dry_run_and_taken_back(client: TestClient, put: Put) -> None:
    shas = [put(f"2024-05-{day:02}T10:00:00") for day in (1, 2)]
    other = put("2023-05-01T10:00:00")
    asked = {"query": "camera:canon year:2024", "act": "keep-clock", "zone": "Asia/Tokyo"}
    told = client.post(PATH, json=asked | {"dry_run": True}).json()
    assert (told["id"], told["changed"]) == (None, 2)
    assert {s["after"] for s in told["samples"]} == {
        "2024-05-01T10:00:00+09:00", "2024-05-02T10:00:00+09:00",
    }  # fmt: skip
    assert captured(client, shas[0]) == "2024-05-01T10:00:00"
    done = client.post(PATH, json=asked | {"expected": 2}).json()
    assert captured(client, shas[0]) == "2024-05-01T10:00:00+09:00"
    assert captured(client, other) == "2023-05-01T10:00:00"
    [listed] = client.get(PATH).json()["corrections"]
    assert (listed["id"], listed["query"]) == (done["id"], "camera:canon year:2024")
    undone = client.post(f"{PATH}/{done['id']}/undo")
    assert (undone.status_code, undone.json()["assets"]) == (200, 2)
    assert captured(client, shas[0]) == "2024-05-01T10:00:00"
    assert client.get(PATH).json()["corrections"][0]["undone_at"]
    assert client.post(f"{PATH}/{done['id']}/undo").status_code == 409


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"act": "shift", "by": "+1:00"}, 422, "Say which assets"),
        ({"query": "x", "shas": ["9c" * 32], "act": "shift", "by": "+1:00"}, 422, "do not go"),
        ({"query": "x", "act": "shift", "by": "soon"}, 422, "no amount of time"),
        ({"query": "x", "act": "keep-clock", "zone": "Mars"}, 422, "no time zone"),
        ({"query": "x", "act": "set", "to": "noon"}, 422, "not a time"),
        ({"query": "nobody-has-this", "act": "shift", "by": "+1:00"}, 422, "Nothing is chosen"),
        ({"shas": ["9c" * 32], "act": "shift", "by": "+1:00"}, 404, "no asset"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    client: TestClient, asked: dict[str, Any], status: int, words: str
) -> None:
    answer = client.post(PATH, json=asked)
    assert answer.status_code == status
    assert words in answer.text


def test_a_result_is_corrected_as_a_whole(client: TestClient, put: Put) -> None:
    for day in range(1, 6):
        put(f"2024-05-{day:02}T10:00:00")
    asked = {"query": "year:2024", "act": "shift", "by": "+1:00"}
    assert client.post(PATH, json=asked).json()["changed"] == 5


def test_too_many_are_not_changed_at_once(
    client: TestClient, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("albums.web.chosen.MOST", 1)
    sha = put("2024-05-01T10:00:00")
    put("2024-05-02T10:00:00")
    answer = client.post(PATH, json={"query": "year:2024", "act": "shift", "by": "+1:00"})
    assert "No more than 1 are changed at once" in answer.json()["error"]["why"]
    assert captured(client, sha) == "2024-05-01T10:00:00"


def test_the_page_shows_what_would_change_then_changes_it_and_takes_it_back(
    client: TestClient, put: Put
) -> None:
    sha = put("2024-05-01T10:00:00")
    form = {"q": "year:2024", "act": "keep-moment", "value": "Asia/Tokyo"}
    page = client.get("/times", params=form).text
    assert "1 would be changed" in page
    assert "1 May 2024, 10:00:00" in page
    assert "1 May 2024, 18:00:00 UTC+09:00" in page
    assert "1 have no zone and are taken to be in Europe/Lisbon" in page
    done = client.post("/times", data=form | {"expected": "1"}, follow_redirects=False)
    assert done.status_code == 303
    assert captured(client, sha) == "2024-05-01T18:00:00+09:00"
    after = client.get(done.headers["location"]).text
    assert "Corrected." in after
    [number] = re.findall(r'name="id" value="(\w+)"', after)
    client.post("/times/undo", data={"id": number})
    assert captured(client, sha) == "2024-05-01T10:00:00"
    assert "taken back" in client.get("/times").text


def test_the_page_says_what_is_wrong_and_changes_nothing(client: TestClient, put: Put) -> None:
    sha = put("2024-05-01T10:00:00")
    wrong = client.get("/times", params={"sha": sha, "act": "shift", "value": "soon"})
    assert (wrong.status_code, "no amount of time" in wrong.text) == (422, True)
    late = {"sha": sha, "act": "shift", "value": "+1:00", "expected": "2"}
    stale = client.post("/times", data=late)
    assert (stale.status_code, "1 would change now, not 2" in stale.text) == (409, True)
    assert client.get("/times", params={"sha": "f" * 64}).status_code == 200
    assert captured(client, sha) == "2024-05-01T10:00:00"


def test_an_assets_page_says_why_and_leads_to_a_correction(client: TestClient, put: Put) -> None:
    sha = put("2024-05-01T10:00:00")
    client.patch(f"/api/v1/assets/{sha}", json={"captured_at": "2024-06-01T10:00:00+02:00"})
    page = client.get(f"/assets/{sha}").text
    assert "<summary>You said so</summary>" in page
    assert "As the camera wrote it (DateTimeOriginal): in which zone is not known" in page
    assert f'name="sha" value="{sha}"' in page
    asked = {"shas": [sha], "act": "shift", "by": "+1d"}
    assert client.post(PATH, json=asked).json()["changed"] == 1
    page = client.get(f"/assets/{sha}").text
    assert "moved by +1d 0:00:00" in page
    assert "before: 1 June 2024, 10:00:00 UTC+02:00" in page
    assert "date%3A" in page or "on%3A2024-06-02" in page


@pytest.mark.parametrize(
    ("source", "detail", "words"),
    [
        (
            "neighbours",
            "DateTimeOriginal; +09:00, the zone of what Google Pixel 8 took in the same hour",
            "By what was taken around it (DateTimeOriginal): +09:00, the zone of what Google Pixel "
            "8 took in the same hour",
        ),
        (
            "container",
            "header in UTC; offset from the local time in the file name",
            "As the file itself says: header in UTC; the local time in its name tells the zone",
        ),
        ("takeout", "", "As Takeout says"),
        ("name", "date in the file name, only in part", "By the file's name: the day, but no time"),
        ("file", "time of the file on disk; this library's zone Etc/UTC",
         "By the file's time on its disk: told on this library's clock, Etc/UTC"),
        ("exif", "DateTimeOriginal; offset from GPS place Asia/Tokyo",
         "As the camera wrote it (DateTimeOriginal): the zone is that of the place, Asia/Tokyo"),
    ],
)  # fmt: skip
def test_a_reason_is_told_in_plain_words(source: str, detail: str, words: str) -> None:
    assert why({"source": source, "detail": detail}) == words


def test_what_others_say_is_listed_once_a_time() -> None:
    facts = [
        {"field": "captured_at", "value": value, "source": source, "detail": ""}
        for value, source in (
            ("2024-05-01T10:00:00+02:00", "person"),
            ("2024-05-01T10:00:00", "exif"),
            ("2024-05-01T10:00:00", "name"),
            ("2024-05-03T10:00:00", "file"),
        )
    ]
    asset = {"captured_at": "2024-05-01T10:00:00+02:00", "camera": None, "facts": facts}
    told = taken(asset)
    assert [other["value"] for other in told["others"]] == [
        "2024-05-01T10:00:00", "2024-05-03T10:00:00",
    ]  # fmt: skip
    assert told["others"][0]["why"] == "As the camera wrote it"
    assert (told["offset"], told["scope"]) == ("UTC+02:00", "")
