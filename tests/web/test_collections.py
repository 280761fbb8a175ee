"""Collections over the API, and what a search box is told."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.arrivals import arrival_of


@pytest.fixture
def shas(albums: Albums) -> list[str]:
    return [albums.receiver.receive(arrival_of(str(n).encode(), f"{n}.txt")).sha for n in range(3)]


def made(client: TestClient, name: str, **more: str) -> dict[str, object]:
    answer = client.post("/api/v1/collections", json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def listed(client: TestClient) -> dict[str, dict[str, object]]:
    rows = client.get("/api/v1/collections").json()["collections"]
    return {row["name"]: row for row in rows}


def test_a_collection_is_changed_ordered_and_found_in_its_order(
    client: TestClient, shas: list[str]
) -> None:
    made(client, "A/b")
    client.post("/api/v1/collections/A%2Fb/add", json={"assets": shas})
    moved = client.post(
        "/api/v1/collections/A%2Fb/order", json={"assets": [shas[2]], "before": shas[0]}
    )
    assert moved.json() == {"name": "A/b", "assets": 3}
    found = client.get("/api/v1/search", params={"q": 'collection:"A/b" sort:hand'}).json()
    assert [asset["sha"] for asset in found["assets"]] == [shas[1], shas[2], shas[0]]
    changed = client.patch("/api/v1/collections/A%2Fb", json={"name": "B", "description": "x"})
    assert changed.json() == {"name": "B", "assets": 3}
    row = listed(client)["B"]
    assert (row["description"], row["sort"], row["assets"]) == ("x", "hand", 3)
    assert client.patch("/api/v1/collections/C", json={"name": "D"}).status_code == 404


def test_a_smart_collection_counts_what_its_query_finds_and_can_be_frozen(
    client: TestClient, shas: list[str]
) -> None:
    assert made(client, "Papers", query="type:document")["assets"] == 3
    assert listed(client)["Papers"]["query"] == "type:document"
    refused = client.post("/api/v1/collections/Papers/add", json={"assets": shas[:1]})
    assert refused.status_code == 409
    assert "Freeze" in refused.json()["error"]["hint"] or "freeze" in refused.text
    frozen = client.post("/api/v1/collections/Papers/freeze")
    assert frozen.json() == {"name": "Papers", "assets": 3}
    assert listed(client)["Papers"]["query"] is None


def test_a_query_that_goes_round_is_not_kept(client: TestClient) -> None:
    made(client, "A", query="collection:B")
    for body in ({"name": "B", "query": "-collection:a"}, {"name": "C", "query": "camra:x"}):
        assert client.post("/api/v1/collections", json=body).status_code == 422
    made(client, "B", query="type:video")
    answer = client.patch("/api/v1/collections/B", json={"query": "collection:A"})
    assert answer.status_code == 422
    assert "B → A → B" in answer.json()["error"]["why"]
    assert listed(client)["B"]["query"] == "type:video"


def test_a_collection_whose_query_broke_is_listed_all_the_same(
    client: TestClient, albums: Albums
) -> None:
    made(client, "Old", query="type:video")
    with albums.library.write() as db:
        db.execute("update collections set query = 'gone:filter'")
    assert listed(client)["Old"]["assets"] == 0
    answer = client.get("/api/v1/search", params={"q": "collection:Old"})
    assert "collection 'Old' makes no sense" in answer.json()["error"]["what"]


def test_a_search_box_is_told_what_this_library_has(client: TestClient, shas: list[str]) -> None:
    made(client, "Lisbon 2024")
    told = client.get("/api/v1/suggest", params={"q": "dog lis"}).json()["suggestions"]
    assert told == [
        {
            "text": 'dog collection:"Lisbon 2024"', "key": "collection", "value": "Lisbon 2024",
            "words": "collection: Lisbon 2024", "assets": 0,
        },
    ]  # fmt: skip
    assert (
        client.get("/api/v1/suggest", params={"limit": 3}).json()["suggestions"][0]["value"] == ""
    )
