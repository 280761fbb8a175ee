"""The rest of the API: lists, search, timeline, collections, status, audit."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.library.facts import Claim, add_claims, settle
from tests.rows import insert_asset
from tests.web.conftest import Box, Send


def insert_many(albums: Albums, count: int, day: str = "2024-05-12") -> None:
    with albums.library.write() as db:
        for number in range(count):
            asset_id = insert_asset(db, number)
            moment = f"{day}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
            add_claims(db, asset_id, [Claim("captured_at", moment, "exif", 0.9)])
            settle(db, asset_id, albums.tools.home)


def test_assets_come_page_by_page_each_once(client: TestClient, albums: Albums) -> None:
    insert_many(albums, 25)
    shown: list[str] = []
    page = client.get("/api/v1/assets?limit=10").json()
    while page["next"]:
        shown += [asset["name"] for asset in page["assets"]]
        page = client.get(f"/api/v1/assets?limit=10&after={page['next']}").json()
    shown += [asset["name"] for asset in page["assets"]]
    assert shown == [f"{number}.jpg" for number in reversed(range(25))]
    assert page["total"] == 25


def test_oldest_first_is_the_other_way_round(client: TestClient, albums: Albums) -> None:
    insert_many(albums, 3)
    page = client.get("/api/v1/assets?sort=oldest").json()
    assert [asset["name"] for asset in page["assets"]] == ["0.jpg", "1.jpg", "2.jpg"]


def test_search_says_what_it_understood_and_why_each_result_is_there(
    client: TestClient, albums: Albums
) -> None:
    insert_many(albums, 3)
    with albums.library.write() as db:
        db.execute("insert into words (rowid, caption) values (2, 'A dog on a beach')")
    answer = client.get("/api/v1/search", params={"q": "dogs year:2024"}).json()
    assert answer["query"] == "dogs year:2024"
    assert answer["total"] == 1
    (found,) = answer["assets"]
    assert found["name"] == "1.jpg"
    assert found["why"]["words"] == ["dogs"]
    assert found["why"]["filters"]
    assert found["score"] > 0
    assert [part["key"] for part in answer["understood"] if part["applied"]] == ["year"]


def test_the_timeline_counts_first_and_then_comes_in_columns(
    client: TestClient, albums: Albums
) -> None:
    insert_many(albums, 5)
    months = client.get("/api/v1/timeline").json()
    assert months == {"total": 5, "buckets": [{"key": "2024-05", "count": 5}]}
    day = client.get("/api/v1/timeline/2024-05-12?limit=2").json()
    assert day["next"] == 2
    assert day["local"] == ["2024-05-12T00:00:04", "2024-05-12T00:00:03"]
    assert {len(column) for column in day.values() if isinstance(column, list)} == {2}


def test_a_day_with_70000_photos_is_answered_piece_by_piece_and_quickly(
    client: TestClient, albums: Albums
) -> None:
    with albums.library.write(durable=False) as db:
        db.executemany(
            """insert into assets (sha, name, folder, extension, mime, kind, size, source, origin,
                   received_at, captured_at, captured_utc, day, width, height)
               values (?, 'a.jpg', '', '.jpg', 'image/jpeg', 'photo', 1, 'test', 'test://',
                       '2024-01-01', '2024-05-12T10:00:00+01:00', ?, '2024-05-12', 4, 3)""",
            [(f"{number:064x}", number) for number in range(70_000)],
        )
    began = time.monotonic()
    first = client.get("/api/v1/timeline/2024-05-12").json()
    first_took = time.monotonic() - began
    shas, offset = list(first["sha"]), first["next"]
    while offset:
        piece = client.get(f"/api/v1/timeline/2024-05-12?offset={offset}&limit=10000").json()
        shas, offset = shas + piece["sha"], piece["next"]
    assert len(set(shas)) == len(shas) == 70_000
    assert first_took < 2


def test_have_answers_for_each_hash(client: TestClient, albums: Albums, send: Send) -> None:
    kept, unknown = send(b"kept"), hashlib.sha256(b"unknown").hexdigest()
    deleted = hashlib.sha256(b"deleted").hexdigest()
    with albums.library.write() as db:
        db.execute(
            "insert into tombstones (sha, name, size, deleted_at) values (?, 'a', 1, '2024-01-01')",
            (deleted,),
        )
    hashes = [kept, deleted, unknown]
    answers = client.post("/api/v1/have", json={"hashes": hashes}).json()["answers"]
    assert answers == {kept: "kept", deleted: "deleted", unknown: "unknown"}


@pytest.mark.parametrize("hashes", [["0" * 63], ["G" * 64], ["0" * 64] * 10_001, "0" * 64])
def test_have_refuses_what_is_no_list_of_hashes(client: TestClient, hashes: Any) -> None:
    answer = client.post("/api/v1/have", json={"hashes": hashes})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "bad-input"


def test_collections_are_made_filled_emptied_and_forgotten(
    client: TestClient, albums: Albums, send: Send
) -> None:
    one, two = send(b"one"), send(b"two")
    made = client.post("/api/v1/collections", json={"name": "Lisbon / 2024"})
    assert (made.status_code, made.json()) == (201, {"name": "Lisbon / 2024", "assets": 0})
    assert client.post("/api/v1/collections", json={"name": "Lisbon / 2024"}).status_code == 409
    path = "/api/v1/collections/Lisbon%20%2F%202024"
    added = client.post(f"{path}/add", json={"assets": [two, one[:12]]})
    assert added.json() == {"name": "Lisbon / 2024", "assets": 2}
    found = client.get("/api/v1/assets", params={"query": 'collection:"Lisbon / 2024"'}).json()
    assert {asset["sha"] for asset in found["assets"]} == {one, two}
    left = client.post(f"{path}/remove", json={"assets": [one]})
    assert left.json()["assets"] == 1
    assert client.get("/api/v1/collections").json()["collections"][0]["assets"] == 1
    assert client.delete(path).status_code == 200
    assert client.get("/api/v1/collections").json() == {"collections": []}
    assert client.get("/api/v1/assets").json()["total"] == 2


def test_tags_cameras_and_places_are_counted(client: TestClient, albums: Albums) -> None:
    insert_many(albums, 3)
    with albums.library.write() as db:
        db.execute("update assets set camera = 'Nikon D850' where id > 1")
        db.execute("insert into tags values (1, 'dog', 'labels', 1), (1, 'dog', 'person', 1)")
        db.execute("insert into places values (1, 'Lisbon', '', 'Portugal', 'PT', 1.0)")
        db.execute("update assets set trashed_at = '2024-01-01' where id = 3")
    (tag,) = client.get("/api/v1/tags").json()["tags"]
    assert (tag["name"], tag["assets"]) == ("dog", 1)
    (camera,) = client.get("/api/v1/cameras").json()["cameras"]
    assert (camera["name"], camera["assets"]) == ("Nikon D850", 1)
    (place,) = client.get("/api/v1/places").json()["places"]
    assert (place["city"], place["country"], place["assets"]) == ("Lisbon", "Portugal", 1)


def test_status_says_what_is_there_and_what_is_to_be_done(
    client: TestClient, albums: Albums, send: Send
) -> None:
    send(b"one"), send(b"two")
    client.post("/api/v1/work/pause")
    with albums.library.write() as db:
        db.execute("update work set state = 'failed' where step = 'facts' and asset_id = 1")
    status = client.get("/api/v1/status").json()
    assert status["assets"]["total"] == 2
    assert status["assets"]["bytes"] == 6
    assert (status["paused"], status["idle"]) == (True, False)
    work = {step["step"]: step for step in status["work"]}
    assert list(work) == list(albums.ledger.plans)
    assert work["facts"]["states"] == {"failed": 1, "open": 1}
    assert work["facts"]["seconds_left"] is None
    assert "albums models pull" in status["engines"]["note"]
    assert client.post("/api/v1/work/resume").json() == {"paused": False}


def test_the_audit_log_is_paged_and_checked(client: TestClient, albums: Albums, send: Send) -> None:
    for number in range(5):
        send(str(number).encode())
    first = client.get("/api/v1/audit?limit=3").json()
    second = client.get("/api/v1/audit", params={"limit": 3, "before": first["next"]}).json()
    assert [entry["id"] for entry in first["entries"] + second["entries"]] == [5, 4, 3, 2, 1]
    assert second["next"] is None
    assert client.get("/api/v1/audit/check").json() == {"whole": True, "findings": []}
    with albums.library.write() as db:
        db.execute("update audit set actor = 'nobody' where id = 3")
    check = client.get("/api/v1/audit/check").json()
    assert not check["whole"]
    assert {finding["id"] for finding in check["findings"]} == {3}


def test_answers_do_not_wait_for_the_clients_delayed_acknowledgement(server: Box) -> None:
    took = []
    with server.client() as client:
        for _ in range(15):
            began = time.monotonic()
            client.get("/api/v1/audit?limit=1")
            took.append(time.monotonic() - began)
    assert statistics.median(took) < 0.03


def test_openapi_describes_every_operation_with_examples_and_errors(client: TestClient) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    operations = [
        (f"{method} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) > 25
    for name, operation in operations:
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        answers = operation["responses"]
        good = next(answers[status] for status in answers if status.startswith("2"))
        assert good["description"], name
        for media_type, content in good["content"].items():
            if media_type == "application/json":
                assert "example" in json.dumps(_expanded(content["schema"], schema)), name
        for status in ("422", "500"):
            shape = answers[status]["content"]["application/json"]["schema"]
            assert shape == {"$ref": "#/components/schemas/ErrorAnswer"}, name
        for parameter in operation.get("parameters", []):
            known = parameter.get("description") or parameter["name"] in ("limit", "offset")
            assert known, f"{name}: {parameter['name']}"
    ids = [operation["operationId"] for _, operation in operations]
    assert len(set(ids)) == len(ids)


def _expanded(part: Any, schema: dict[str, Any], depth: int = 6) -> Any:
    """The part with its references followed."""
    if isinstance(part, list):
        return [_expanded(item, schema, depth) for item in part]
    if not isinstance(part, dict) or depth == 0:
        return part
    if "$ref" in part:
        return _expanded(
            schema["components"]["schemas"][part["$ref"].split("/")[-1]], schema, depth - 1
        )
    return {key: _expanded(value, schema, depth) for key, value in part.items()}
