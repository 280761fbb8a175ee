"""One asset over the API: what is known of it, and what a person says."""

from __future__ import annotations

import sqlite3

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.library.assets import asset_by_sha
from albums.library.tags import replace_tags
from tests.conftest import MakePhoto
from tests.web.conftest import Send


def work_through(albums: Albums, sha: str) -> int:
    """Rows as the steps leave them; returns the asset's id."""
    with albums.library.write() as db:
        asset_id = asset_by_sha(db, sha).id
        _put_rows(db, asset_id)
        return asset_id


def _put_rows(db: sqlite3.Connection, asset_id: int) -> None:
    db.execute(
        "insert into exif (asset_id, tags) values (?, ?)",
        (asset_id, '{"exif": {"Make": "samsung", "GPSLatitude": 45.7}, "xmp": {"dc:title": "x"}}'),
    )
    db.execute(
        """insert into places values (?, 'Vancouver', 'Washington', 'United States', 'US', 2.5)""",
        (asset_id,),
    )
    db.execute(
        "insert into embeddings (asset_id, space, vector) values (?, 'clip', ?)",
        (asset_id, bytes(1024)),
    )
    db.execute(
        """insert into captions values (?, 'model', 'A beach', 'A wet beach.', 'florence', 'onnx',
                                        '1', '2026-01-01T00:00:00+00:00')""",
        (asset_id,),
    )
    db.execute("insert into words_size (asset_id, terms) values (?, 23)", (asset_id,))
    db.execute(
        "update work set state = 'done', at = '2026-04-27T01:42:14+00:00' where step = 'words'"
    )
    replace_tags(db, asset_id, "labels", [("beach", 0.9), ("sea", 0.4)])
    replace_tags(db, asset_id, "caption", [("beach", 1.0)])


def test_an_asset_holds_the_row_of_the_design(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1), "beach.jpg", captured_at="2026-04-26T18:42:11-07:00")
    work_through(albums, sha)
    asset = client.get(f"/api/v1/assets/{sha}").json()
    assert asset["sha"] == sha
    assert asset["captured_at"] == "2026-04-26T18:42:11-07:00"
    assert asset["exif"] == {"Make": "samsung", "GPSLatitude": 45.7}
    assert asset["caption"] == "A wet beach."
    assert asset["clip_dims"] == 512
    assert asset["bm25_terms"] == 23
    assert asset["indexed_at"] == "2026-04-27T01:42:14+00:00"
    assert asset["_origin"] == "local://testclient"
    assert asset["place"] == "Vancouver, United States"
    assert asset["metadata"]["xmp"] == {"dc:title": "x"}
    assert asset["caption_details"]["model"] == "florence"
    assert asset["tags"][0] == {"tag": "beach", "score": 1.0, "sources": ["caption", "labels"]}
    assert {row["step"] for row in asset["work"]} == set(albums.ledger.plans)


def test_a_new_asset_is_whole_before_anything_was_found_out(
    client: TestClient, send: Send, make_photo: MakePhoto
) -> None:
    asset = client.get(f"/api/v1/assets/{send(make_photo(1))}").json()
    assert (asset["caption"], asset["clip_dims"], asset["bm25_terms"]) == (None, 0, 0)
    assert asset["exif"] == {}
    assert asset["facts"][0]["believed"]


def test_an_asset_is_found_by_how_its_hash_begins(client: TestClient, send: Send) -> None:
    sha = send(b"content")
    assert client.get(f"/api/v1/assets/{sha[:10]}").json()["sha"] == sha


def test_what_a_person_says_wins_and_is_answered(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1), captured_at="2026-04-26T18:42:11-07:00")
    work_through(albums, sha)
    edit = {
        "title": "First swim",
        "captured_at": "2020-01-02T03:04:05",
        "location": {"latitude": 38.7, "longitude": -9.1},
        "favourite": True,
        "rating": 4,
        "add_tags": ["Ana"],
        "remove_tags": ["beach"],
    }
    asset = client.patch(f"/api/v1/assets/{sha}", json=edit).json()
    assert asset["captured_at"] == "2020-01-02T03:04:05"
    assert asset["location"] == edit["location"]
    assert (asset["favourite"], asset["rating"]) == (True, 4)
    assert {tag["tag"] for tag in asset["tags"]} == {"ana", "sea"}
    assert asset["caption_details"]["author"] == "person"
    assert asset["caption_details"]["title"] == "First swim"
    assert asset["caption"] == "A wet beach."
    sources = [f["source"] for f in asset["facts"] if f["field"] == "captured_at"]
    assert sources == ["person", "sidecar", "arrival"]


def test_null_takes_back_what_a_person_said(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1), captured_at="2026-04-26T18:42:11-07:00")
    work_through(albums, sha)
    said = {"captured_at": "2020-01-01T00:00:00", "title": "Mine", "rating": 5}
    client.patch(f"/api/v1/assets/{sha}", json=said)
    asset = client.patch(f"/api/v1/assets/{sha}", json=dict.fromkeys(said)).json()
    assert asset["captured_at"] == "2026-04-26T18:42:11-07:00"
    assert asset["rating"] is None
    assert asset["caption_details"]["author"] == "model"


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        ({"rating": 6}, "rating"),
        ({"captured_at": "noon"}, "captured_at"),
        ({"location": {"latitude": 91, "longitude": 0}}, "not on Earth"),
        ({"titel": "x"}, "titel"),
        ({"favourite": "perhaps"}, "favourite"),
        ({"description": "x" * 20_000}, "description"),
    ],
)
def test_a_wrong_edit_is_refused_and_changes_nothing(
    client: TestClient, send: Send, edit: dict[str, object], what: str
) -> None:
    sha = send(b"content")
    before = client.get(f"/api/v1/assets/{sha}").json()
    answer = client.patch(f"/api/v1/assets/{sha}", json=edit)
    assert answer.status_code == 422
    assert what in answer.json()["error"]["what"]
    assert client.get(f"/api/v1/assets/{sha}").json() == before


def test_trash_takes_an_asset_out_of_the_list_and_restore_brings_it_back(
    client: TestClient, send: Send
) -> None:
    sha = send(b"content")
    total = "/api/v1/assets"
    assert client.get(total).json()["total"] == 1
    assert client.delete(f"/api/v1/assets/{sha}").json() == {"sha": sha}
    assert client.get(total).json()["total"] == 0
    assert client.get(f"/api/v1/assets/{sha}").json()["trashed_at"]
    assert client.post(f"/api/v1/assets/{sha}/restore").json() == {"sha": sha}
    assert client.get(total).json()["total"] == 1


def test_failed_work_is_opened_again(client: TestClient, albums: Albums, send: Send) -> None:
    sha, other = send(b"one"), send(b"two")
    with albums.library.write() as db:
        db.execute("update work set state = 'failed' where step in ('pictures', 'facts')")
    assert client.post(f"/api/v1/assets/{sha}/retry").json() == {"pieces": 2}
    assert client.post("/api/v1/work/retry?step=facts").json() == {"pieces": 1}
    states = {w["step"]: w["state"] for w in client.get(f"/api/v1/assets/{other}").json()["work"]}
    assert (states["facts"], states["pictures"]) == ("open", "failed")
