"""Acts on many assets over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.conftest import MakePhoto
from tests.web.conftest import Send

PATH = "/api/v1/acts"


@pytest.fixture
def shas(send: Send, make_photo: MakePhoto) -> list[str]:
    return [send(make_photo(n), f"IMG_{n}.jpg") for n in range(3)]


def of(client: TestClient, sha: str) -> Any:
    return client.get(f"/api/v1/assets/{sha}").json()


def test_named_assets_are_tagged_after_a_dry_run_and_it_is_taken_back(
    client: TestClient, shas: list[str]
) -> None:
    asked = {"assets": shas[:2], "act": {"kind": "tags", "add": ["Beach"]}}
    told = client.post(PATH, json=asked | {"dry_run": True}).json()
    assert (told["id"], told["changed"], told["words"]) == (None, 2, "tagged beach")
    assert {sample["sha"] for sample in told["samples"]} == set(shas[:2])
    assert of(client, shas[0])["tags"] == []
    done = client.post(PATH, json=asked | {"expected": 2}).json()
    assert [tag["tag"] for tag in of(client, shas[0])["tags"]] == ["beach"]
    (listed,) = client.get(PATH).json()["acts"]
    assert (listed["id"], listed["words"], listed["assets"], listed["undone_at"]) == (
        done["id"], "tagged beach", 2, None,
    )  # fmt: skip
    undone = client.post(f"{PATH}/{done['id']}/undo").json()
    assert (undone["assets"], undone["left"]) == (2, 0)
    assert of(client, shas[0])["tags"] == []
    assert client.post(f"{PATH}/{done['id']}/undo").status_code == 409


def test_all_of_the_timeline_but_some_is_meant_by_its_query(
    client: TestClient, shas: list[str]
) -> None:
    act = {"kind": "favourite", "value": True}
    done = client.post(PATH, json={"query": "", "without": shas[:1], "act": act}).json()
    assert done["changed"] == 2
    assert [of(client, sha)["favourite"] for sha in shas] == [False, True, True]
    done = client.post(PATH, json={"query": "is:favourite", "act": {"kind": "trash"}}).json()
    assert done["changed"] == 2


def test_private_photos_are_out_of_the_timeline_and_found_by_that_name(
    client: TestClient, shas: list[str]
) -> None:
    act = {"kind": "private", "value": True}
    client.post(PATH, json={"assets": shas[:1], "act": act})
    assert client.get("/api/v1/search").json()["total"] == 2
    found = client.get("/api/v1/search", params={"q": "is:private"}).json()
    assert [asset["sha"] for asset in found["assets"]] == shas[:1]


def test_times_are_corrected_through_the_same_door(client: TestClient, shas: list[str]) -> None:
    act = {"kind": "times", "act": "set", "to": "2024-05-01T10:00:00"}
    done = client.post(PATH, json={"assets": shas[:1], "act": act}).json()
    assert (done["kind"], done["changed"]) == ("times", 1)
    assert of(client, shas[0])["captured_at"] == "2024-05-01T10:00:00"
    assert client.post(f"{PATH}/{done['id']}/undo").json()["assets"] == 1


def test_a_place_may_be_a_city_that_is_known_here(
    client: TestClient, albums: Albums, shas: list[str]
) -> None:
    asked = {"assets": shas[:1], "act": {"kind": "place", "value": "38.72, -9.14"}}
    assert client.post(PATH, json=asked).json()["changed"] == 1
    with albums.library.write() as db:
        db.execute(
            """insert into places (asset_id, city, region, country, country_code)
               select id, 'Lisbon', '', 'Portugal', 'PT' from assets where sha = ?""",
            (shas[0],),
        )
    for name in ("lisbon", "Lisbon, Portugal"):
        asked = {"assets": shas[1:2], "act": {"kind": "place", "value": name}}
        client.post(PATH, json=asked)
        location = of(client, shas[1])["location"]
        assert (location["latitude"], location["longitude"]) == (38.72, -9.14)
    asked = {"assets": shas[1:2], "act": {"kind": "place", "value": "Lisbon, Ohio"}}
    assert client.post(PATH, json=asked).status_code == 422


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"act": {"kind": "trash"}}, 422),
        ({"query": "a", "assets": ["9c" * 32], "act": {"kind": "trash"}}, 422),
        ({"assets": ["9c" * 32], "act": {"kind": "trash"}}, 404),
        ({"query": "", "act": {"kind": "tags"}}, 422),
        ({"query": "", "act": {"kind": "burn"}}, 422),
        ({"query": "", "act": {"kind": "trash"}, "expected": 7}, 409),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_sentence(
    client: TestClient, shas: list[str], asked: dict[str, Any], status: int
) -> None:
    answer = client.post(PATH, json=asked)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["what"]


def test_an_act_that_is_unknown_cannot_be_undone(client: TestClient) -> None:
    assert client.post(f"{PATH}/abcdef/undo").status_code == 404
