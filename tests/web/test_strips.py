"""The pictures of many assets in one answer."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums

RED, BLUE, NONE = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture(autouse=True)
def pictures(albums: Albums) -> None:
    albums.vault.pictures.put(RED, 300, b"red")
    albums.vault.pictures.put(BLUE, 300, b"a longer blue")


def parts(content: bytes) -> list[bytes]:
    found = []
    while content:
        end = 4 + int.from_bytes(content[:4], "big")
        found.append(content[4:end])
        content = content[end:]
    return found


def test_each_picture_follows_its_length_in_the_order_asked_for(client: TestClient) -> None:
    answer = client.get(f"/api/v1/strip?of={BLUE},{RED}")
    assert parts(answer.content) == [b"a longer blue", b"red"]
    assert "immutable" in answer.headers["cache-control"]
    tag = {"if-none-match": answer.headers["etag"]}
    assert client.get(f"/api/v1/strip?of={BLUE},{RED}", headers=tag).status_code == 304
    assert client.get(f"/api/v1/strip?of={RED},{BLUE}", headers=tag).status_code == 200


def test_a_picture_that_is_missing_is_empty_and_nobody_keeps_the_answer(
    client: TestClient,
) -> None:
    answer = client.get(f"/api/v1/strip?of={RED},{NONE}")
    assert parts(answer.content) == [b"red", b""]
    assert answer.headers["cache-control"] == "private, no-store"
    assert parts(client.get(f"/api/v1/strip?of={RED}&size=800").content) == [b""]


@pytest.mark.parametrize("of", ["", "x", "A" * 64, "../" * 21 + "x", ",".join([RED] * 65)])
def test_what_is_not_a_hash_is_refused(client: TestClient, of: str) -> None:
    assert client.get("/api/v1/strip", params={"of": of}).status_code == 422
