"""Copies over the API and the page's forms."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.copies import find_copies
from tests.scenes import jpeg, scene
from tests.web.conftest import Send

API = "/api/v1/duplicates"


@pytest.fixture
def shas(albums: Albums, client: TestClient, send: Send) -> list[str]:
    """Two exact copies of one picture, and two near ones of another; the best of each first."""
    sent = [
        send(jpeg(scene(1), comment="longer"), "a.jpg"),
        send(jpeg(scene(1)), "b.jpg"),
        send(jpeg(scene(2)), "c.jpg"),
        send(jpeg(scene(2).resize((240, 180))), "d.jpg"),
    ]
    find_copies(albums)
    return sent


def groups(client: TestClient, **asked: bool) -> list[list[str]]:
    found = client.get(API, params=asked).json()["groups"]
    return sorted(sorted(copy["name"] for copy in group["assets"]) for group in found)


def test_groups_say_what_differs_and_what_is_exact(client: TestClient, shas: list[str]) -> None:
    answer = client.get(API).json()
    exact, near = sorted(answer["groups"], key=lambda group: not group["exact"])
    assert [copy["sha"] for copy in near["assets"]] == shas[2:]
    assert {"pixels", "size", "name"} <= set(near["differs"])
    assert "pixels" not in exact["differs"]
    assert (exact["exact"], near["exact"]) == (True, False)
    total = answer["total"]
    assert (total["groups"], total["spare_assets"], total["again"]) == (2, 2, 1)
    assert total["spare"] == exact["spare"] + near["spare"]
    assert groups(client, exact=True) == [["a.jpg", "b.jpg"]]


def test_pages_follow_each_other(client: TestClient, shas: list[str]) -> None:
    first = client.get(API, params={"limit": 1}).json()
    second = client.get(API, params={"limit": 1, "after": first["next"]}).json()
    names = {copy["name"] for page in (first, second) for copy in page["groups"][0]["assets"]}
    assert len(names) == 4
    assert client.get(API, params={"after": "x"}).status_code == 422


def test_merged_told_apart_and_undone(client: TestClient, shas: list[str]) -> None:
    merged = client.post(f"{API}/merge", json={"keep": shas[3], "others": [shas[2]]}).json()
    assert (merged["assets"], merged["left"]) == (1, 0)
    assert groups(client) == [["a.jpg", "b.jpg"]]
    assert client.get(f"/api/v1/assets/{shas[2]}").json()["trashed_at"]
    told = client.post(f"{API}/not-duplicates", json={"assets": shas[:2]}).json()
    assert groups(client) == []
    for id in (merged["id"], told["id"]):
        assert client.post(f"/api/v1/acts/{id}/undo").status_code == 200
    assert not client.get(f"/api/v1/assets/{shas[2]}").json()["trashed_at"]


def test_exact_ones_are_counted_and_merged(client: TestClient, shas: list[str]) -> None:
    seen = client.post(f"{API}/merge-exact", json={"dry_run": True}).json()
    assert (seen["id"], seen["assets"], seen["left"]) == (None, 1, 1)
    done = client.post(f"{API}/merge-exact", json={}).json()
    assert (done["assets"], done["left"], done["bytes"]) == (1, 0, seen["bytes"])
    assert groups(client) == [["c.jpg", "d.jpg"]]


def test_nonsense_is_refused(client: TestClient, shas: list[str]) -> None:
    for body, status in (
        ({"keep": shas[0], "others": []}, 422),
        ({"keep": shas[0], "others": [shas[0]]}, 422),
        ({"keep": shas[0], "others": ["0" * 64]}, 404),
        ({"keep": shas[0], "others": shas[1:2], "force": True}, 422),
    ):
        assert client.post(f"{API}/merge", json=body).status_code == status
    assert len(groups(client)) == 2


def test_the_page_works_without_a_script(client: TestClient, shas: list[str]) -> None:
    form = {"act": "merge", "keep": shas[2], "every": shas[2:], "other": shas[2:]}
    answer = client.post("/duplicates/", data=form, follow_redirects=False)
    assert answer.status_code == 303
    shown = client.get(answer.headers["location"])
    assert "Merged 1 copy into c.jpg." in shown.text
    id = answer.headers["location"].split("act=")[1].split("&")[0]
    client.post("/duplicates/", data={"act": "undo", "id": id})
    assert len(groups(client)) == 2
    assert "Merge 1 exact copy (" in client.post("/duplicates/", data={"act": "ask"}).text
    client.post("/duplicates/", data={"act": "exact"})
    assert groups(client) == [["c.jpg", "d.jpg"]]
    refused = client.post("/duplicates/", data={"act": "merge", "keep": shas[2]})
    assert refused.status_code == 422
    assert "Copies are 2 to" in refused.text
