"""What cannot be undone asks for a second word."""

from __future__ import annotations

from typing import Any

import pytest
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
