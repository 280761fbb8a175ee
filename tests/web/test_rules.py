"""Cleanup rules, and work that is done again, over HTTP."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.conftest import MakePhoto
from tests.web.conftest import Send

PATH = "/api/v1/rules"
PRIVATE = {"query": "year:2024", "action": "private"}


def made(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=asked)
    assert answer.status_code == 200, answer.text
    rule: dict[str, Any] = answer.json()["rule"]
    return rule


def test_a_dry_run_makes_no_rule_and_another_number_than_seen_is_refused(
    client: TestClient,
) -> None:
    told = client.post(PATH, json=PRIVATE | {"dry_run": True}).json()
    assert (told["rule"], told["preview"]["sentence"]) == (
        None, "year:2024: private, off the timeline",
    )  # fmt: skip
    assert client.post(PATH, json=PRIVATE | {"expected": 1}).status_code == 409
    assert client.get(PATH).json()["rules"] == []
    assert client.post(PATH, json=PRIVATE | {"expected": 0}).json()["rule"]["enabled"] is True


def test_rules_are_changed_ordered_switched_and_removed(client: TestClient) -> None:
    first = made(client, **PRIVATE)
    second = made(client, query="camera:canon", action="shift-date", by="-0:05")
    assert second["details"] == {"seconds": -300}
    listed = client.patch(f"{PATH}/{second['id']}", json={"move": "up", "enabled": False}).json()
    assert [(r["id"], r["enabled"]) for r in listed["rules"]] == [
        (second["id"], False), (first["id"], True),
    ]  # fmt: skip
    other = {"query": "year:2025", "action": "private", "name": "Mine"}
    changed = client.put(f"{PATH}/{first['id']}", json=other).json()["rule"]
    assert (changed["id"], changed["name"], changed["query"]) == (first["id"], "Mine", "year:2025")
    assert client.get(f"{PATH}/{first['id']}/preview").json()["found"] == 0
    left = client.delete(f"{PATH}/{second['id']}").json()["rules"]
    assert [rule["id"] for rule in left] == [first["id"]]
    assert client.delete(f"{PATH}/{second['id']}").status_code == 404


def test_a_country_and_its_cities_are_understood_as_people_write_them(client: TestClient) -> None:
    asked = {"action": "correct-place", "country": "india", "only": ["mysore"], "to": "Rome, Italy"}
    details = made(client, **asked)["details"]
    assert (details["country"], details["country_name"]) == ("IN", "India")
    assert (details["only"], details["to_name"][:4]) == (["Mysore"], "Rome")
    wrong = client.post(PATH, json={**asked, "only": ["Bangalor"]})
    assert wrong.status_code == 422
    assert "Did you mean" in wrong.json()["error"]["hint"]


def test_rules_are_run_again_and_steps_done_again(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    send(make_photo(1), "IMG_20240701_120000.jpg")
    made(client, **PRIVATE)
    assert client.post(f"{PATH}/run").json()["assets"] in (0, 1)
    again = "/api/v1/work/again"
    assert client.post(again, json={"steps": ["place", "words"]}).json() == {"pieces": 2}
    none = {"steps": ["place"], "query": "year:1950"}
    assert client.post(again, json=none).json() == {"pieces": 0}
    assert client.post(again, json={"steps": ["fly"]}).status_code == 404
    assert client.post(again, json={"steps": []}).status_code == 422
    since = {"since": "2000-01-01T00:00:00+00:00"}
    assert client.get("/api/v1/work/captions", params=since).json() == {"captions": []}
