"""What cannot be undone asks for a second word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.web import confirm
from tests.conftest import MakePhoto
from tests.web.conftest import Send

EMPTY = "/api/v1/trash/empty"


def nonce(client: TestClient, act: str) -> dict[str, str]:
    answer = client.post("/api/v1/confirmations", json={"act": act})
    assert answer.status_code == 200
    return {"albums-confirm": answer.json()["nonce"]}


@pytest.fixture
def trashed(client: TestClient, send: Send, make_photo: MakePhoto) -> list[str]:
    shas = [send(make_photo(number), f"{number}.jpg") for number in range(3)]
    for sha in shas[:2]:
        assert client.delete(f"/api/v1/assets/{sha}").status_code == 200
    return shas[:2]


def total(client: TestClient, query: str = "") -> Any:
    return client.get("/api/v1/search", params={"q": query}).json()["total"]


def test_the_trash_is_emptied_after_a_second_word(
    client: TestClient, albums: Albums, trashed: list[str]
) -> None:
    refused = client.post(EMPTY)
    assert refused.status_code == 428
    assert "confirmations" in refused.json()["error"]["hint"]
    assert total(client, "is:trashed") == 2
    answer = client.post(EMPTY, headers=nonce(client, f"POST {EMPTY}"))
    assert (answer.status_code, answer.json()["assets"]) == (200, 2)
    assert total(client, "is:trashed") == 0
    assert total(client) == 1
    asked = client.post("/api/v1/have", json={"hashes": trashed}).json()
    assert asked["answers"] == dict.fromkeys(trashed, "deleted")
    for sha in trashed:
        assert not list((albums.settings.library / "originals").glob(f"??/{sha}*"))


def test_one_asset_is_purged_only_out_of_the_trash(
    client: TestClient, send: Send, make_photo: MakePhoto, trashed: list[str]
) -> None:
    kept = send(make_photo(2), "2.jpg")
    path = f"/api/v1/assets/{kept}/purge"
    assert client.post(path, headers=nonce(client, f"POST {path}")).status_code == 409
    path = f"/api/v1/assets/{trashed[0]}/purge"
    assert client.post(path).status_code == 428
    assert client.post(path, headers=nonce(client, f"POST {path}")).json()["assets"] == 1
    assert total(client, "is:trashed") == 1


@pytest.mark.parametrize("act", ["POST /api/v1/trash/empt", "post /api/v1/trash/empty", ""])
def test_a_word_for_another_act_does_not_count(
    client: TestClient, trashed: list[str], act: str
) -> None:
    assert client.post(EMPTY, headers=nonce(client, act)).status_code == 428
    assert total(client, "is:trashed") == 2


def test_a_word_counts_once_and_not_for_long(
    client: TestClient, trashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    word = nonce(client, f"POST {EMPTY}")
    assert client.post(EMPTY, headers=word).status_code == 200
    assert client.post(EMPTY, headers=word).status_code == 428
    monkeypatch.setattr(confirm, "SECONDS", -1)
    assert client.post(EMPTY, headers=nonce(client, f"POST {EMPTY}")).status_code == 428


def test_a_word_is_worth_nothing_in_another_mouth(client: TestClient, trashed: list[str]) -> None:
    word = nonce(client, f"POST {EMPTY}")
    other = {"user-agent": "curl/8", **word}
    assert client.post(EMPTY, headers=other).status_code == 428
    assert total(client, "is:trashed") == 2


def test_the_list_says_who_threw_it_away_and_when_it_goes(
    client: TestClient, albums: Albums, trashed: list[str]
) -> None:
    with albums.library.write() as db:
        ago = (datetime.now(UTC) - timedelta(days=25, hours=1)).isoformat(timespec="seconds")
        db.execute("update assets set trashed_at = ? where sha = ?", (ago, trashed[0]))
    found = client.get("/api/v1/trash").json()
    assert (found["total"], found["days"], found["next"]) == (2, 30, None)
    assert [(a["sha"], a["days_left"]) for a in found["assets"]] == [
        (trashed[1], 30),
        (trashed[0], 5),
    ]
    assert {a["trashed_by"] for a in found["assets"]} == {"local://testclient"}
    assert found["bytes"] == sum(asset["size"] for asset in found["assets"])


def test_the_list_comes_in_pages_that_miss_nothing(
    client: TestClient, send: Send, make_photo: MakePhoto
) -> None:
    shas = [send(make_photo(number)) for number in range(5)]
    for sha in shas:
        client.delete(f"/api/v1/assets/{sha}")
    listed, after = list[str](), None
    while True:
        params = {"limit": "2"} | ({"after": after} if after else {})
        page = client.get("/api/v1/trash", params=params).json()
        listed += [asset["sha"] for asset in page["assets"]]
        after = page["next"]
        if not after:
            break
        client.post(f"/api/v1/assets/{listed[-1]}/restore")  # moves nothing off the next page
    assert listed == list(reversed(shas))


@pytest.mark.parametrize("path", ["/trash", "/api/v1/trash"])
@pytest.mark.parametrize("after", ["x", "2024_x", f"2024_{'9' * 19}", "_1"])
def test_a_page_that_is_none_is_refused(client: TestClient, path: str, after: str) -> None:
    assert client.get(path, params={"after": after}).status_code == 422


def test_emptying_spares_what_was_thrown_away_after_it_was_asked(
    client: TestClient, albums: Albums, trashed: list[str]
) -> None:
    with albums.library.write() as db:
        db.execute("update assets set trashed_at = ? where sha = ?", ("2024-05-01", trashed[0]))
    answer = client.post(
        EMPTY, params={"until": "2024-05-02T00:00:00Z"}, headers=nonce(client, f"POST {EMPTY}")
    )
    assert answer.json()["assets"] == 1
    assert [a["sha"] for a in client.get("/api/v1/trash").json()["assets"]] == [trashed[1]]


def test_everybody_who_brings_it_again_hears_that_it_was_deleted_and_when(
    client: TestClient, albums: Albums, trashed: list[str], make_photo: MakePhoto
) -> None:
    client.post(EMPTY, headers=nonce(client, f"POST {EMPTY}"))
    upload = {"file": ("again.jpg", make_photo(0))}
    answer = client.post("/ingest", files=upload).json()
    assert answer["status"] == "deleted"
    assert answer["deleted_at"][:10] == datetime.now(UTC).date().isoformat()
    asked = client.post("/api/v1/have", json={"hashes": trashed}).json()
    assert set(asked["deleted_at"]) == set(trashed)
    gone = client.post(f"/api/v1/assets/{trashed[0]}/restore")
    assert gone.status_code == 404
    assert "deleted by you on" in gone.json()["error"]["what"]
    assert "again" in gone.json()["error"]["hint"]
    assert total(client) == 1
    assert client.post("/ingest?again=true", files=upload).json()["status"] == "ingested"
    assert total(client) == 2
    assert client.post("/api/v1/have", json={"hashes": trashed[:1]}).json()["deleted_at"] == {}


def test_what_lies_in_the_trash_stays_there_when_it_is_sent_again_unless_asked(
    client: TestClient, trashed: list[str], make_photo: MakePhoto
) -> None:
    upload = {"file": ("again.jpg", make_photo(0))}
    answer = client.post("/ingest", files=upload).json()
    assert (answer["status"], "deleted_at" in answer) == ("deleted", True)
    assert total(client, "is:trashed") == 2
    assert client.post("/ingest?again=true", files=upload).json()["status"] == "duplicate"
    assert total(client, "is:trashed") == 1


LISTS = [
    "/api/v1/search",
    "/api/v1/search?q=seaside",
    "/api/v1/search?q=photo",
    "/api/v1/search?q=tag:seaside",
    "/api/v1/assets",
    "/api/v1/assets/{kept}",
    "/api/v1/timeline/2024-05",
    "/",
    "/?q=seaside",
    "/assets/{kept}",
]
COUNTS = [
    "/api/v1/timeline",
    "/api/v1/collections",
    "/api/v1/tags",
    "/api/v1/cameras",
    "/api/v1/places",
]


def answers(client: TestClient, addresses: list[str], kept: str) -> dict[str, str]:
    found = {address: client.get(address.format(kept=kept)) for address in addresses}
    assert {answer.status_code for answer in found.values()} == {200}
    return {address: answer.text for address, answer in found.items()}


def test_no_list_shows_or_counts_what_is_in_the_trash(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    """Two photos that look the same and have tag, place, camera, collection and caption alike."""
    exif = Image.Exif()
    exif[271], exif[272] = "Canon", "EOS 5D"

    def bring(content: bytes, name: str) -> str:
        sha = send(content, name)
        said = {"title": "seaside", "add_tags": ["seaside"], "captured_at": "2024-05-12T12:00:00"}
        here = {"location": {"latitude": 38.7, "longitude": -9.1}}
        assert client.patch(f"/api/v1/assets/{sha}", json=said | here).status_code == 200
        added = client.post("/api/v1/collections/Lisbon/add", json={"assets": [sha]})
        assert added.status_code == 200
        albums.runner.start()
        assert albums.runner.wait_until_idle(60)
        return sha

    client.post("/api/v1/collections", json={"name": "Lisbon"})
    photo = make_photo(1, exif=exif.tobytes())
    kept = bring(photo, "kept.jpg")
    alone = answers(client, COUNTS, kept)
    gone = bring(photo + b"\0", "gone.jpg")
    both = answers(client, [*LISTS, *COUNTS], kept)
    assert {address for address in LISTS if gone not in both[address]} == set()
    assert {address for address in COUNTS if both[address] == alone[address]} == set()

    client.delete(f"/api/v1/assets/{gone}")
    left = answers(client, [*LISTS, *COUNTS], kept)
    assert {address for address in LISTS if gone in left[address]} == set()
    assert {address: left[address] for address in COUNTS} == alone

    client.post(f"/api/v1/assets/{gone}/restore")
    restored = answers(client, [*LISTS, *COUNTS], kept)
    assert {
        address for address in restored if (gone in restored[address]) != (gone in both[address])
    } == set()
    assert {address: restored[address] for address in COUNTS} == {a: both[a] for a in COUNTS}


def test_the_page_throws_away_restores_and_asks_before_it_empties(
    client: TestClient, albums: Albums, trashed: list[str]
) -> None:
    page = client.get("/trash").text
    assert "goes in 30 days" in page
    assert all(f'value="{sha}"' in page for sha in trashed)
    back = client.post("/trash", data={"act": "restore", "sha": trashed[0]})
    assert back.url.path == f"/assets/{trashed[0]}"
    client.post("/trash", data={"act": "trash", "sha": trashed[0]})
    assert total(client, "is:trashed") == 2

    assert (
        client.post("/trash/empty", data={"nonce": "x", "until": "9999-01-01"}).status_code == 428
    )
    asked = client.post("/trash", data={"act": "ask"}).text
    assert "Delete 2 files for good" in asked
    assert total(client, "is:trashed") == 2
    fields = dict(re.findall(r'name="(nonce|until)" value="([^"]+)"', asked))
    emptied = client.post("/trash/empty", data=fields)
    assert "2 files are gone for good" in emptied.text
    assert total(client, "is:trashed") == 0
    again = client.post("/trash", data={"act": "restore", "sha": trashed[0]})
    assert again.status_code == 404
    assert "was deleted by you on" in again.text
