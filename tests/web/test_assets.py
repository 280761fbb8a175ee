"""One asset over the API: what is known of it, and what a person says."""

from __future__ import annotations

import sqlite3

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.ingest.late import Later, say
from albums.library.assets import asset_by_sha
from albums.library.companions import Taken, keep_taken, replace_companions
from albums.library.facts import Claim
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


def told(albums: Albums, sha: str, **claims: object) -> None:
    """As a Takeout says it."""
    said = tuple(
        Claim(field, value, "takeout", 0.85, f"{field} of IMG.jpg.json")
        for field, value in claims.items()
    )
    say(albums.receiver, [Later(sha, "takeout", said)], "takeout://takeout-20240516T230250Z")


def test_what_an_export_says_is_shown_with_who_says_so(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1))
    told(
        albums,
        sha,
        hidden=True,
        favourite=True,
        people=["Bo", "Ana Sá"],
        description="On the beach",
    )
    asset = client.get(f"/api/v1/assets/{sha}").json()
    assert (asset["hidden"], asset["favourite"], asset["people"]) == (True, True, ["Ana Sá", "Bo"])
    facts = {f["field"]: f for f in asset["facts"] if f["source"] == "takeout"}
    assert facts["people"] == {
        "field": "people",
        "value": ["Bo", "Ana Sá"],
        "source": "takeout",
        "confidence": 0.85,
        "detail": "people of IMG.jpg.json",
        "believed": True,
    }
    assert {"hidden", "favourite", "description"} <= facts.keys()
    page = client.get(f"/assets/{sha}").text
    assert '<a href="/search/?q=person%3A%22Ana+S%C3%A1%22">Ana Sá</a>, <a' in page
    assert "people of IMG.jpg.json" in page


def test_an_edited_copy_and_its_original_lead_to_each_other(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    original, edited = send(make_photo(1), "IMG.jpg"), send(make_photo(2), "IMG-edited.jpg")
    told(albums, edited, variant_of=original)
    copy = client.get(f"/api/v1/assets/{edited}").json()
    assert (copy["original"], copy["versions"]) == ({"sha": original, "name": "IMG.jpg"}, [])
    first = client.get(f"/api/v1/assets/{original}").json()
    assert first["original"] is None
    assert first["versions"] == [{"sha": edited, "name": "IMG-edited.jpg"}]
    assert f'<dt>Edited version of</dt><dd><a href="/assets/{original}">IMG.jpg</a>' in (
        client.get(f"/assets/{edited}").text
    )
    assert f'<dt>Edited versions</dt><dd><a href="/assets/{edited}">IMG-edited.jpg</a>' in (
        client.get(f"/assets/{original}").text
    )


@pytest.mark.parametrize("thrown", ["original", "edited"])
def test_an_edited_copy_and_its_original_go_to_the_trash_each_on_its_own(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto, thrown: str
) -> None:
    shas = {"original": send(make_photo(1)), "edited": send(make_photo(2))}
    told(albums, shas["edited"], variant_of=shas["original"])
    assert client.delete(f"/api/v1/assets/{shas[thrown]}").is_success
    [kept] = {"original", "edited"} - {thrown}
    asset = client.get(f"/api/v1/assets/{shas[kept]}").json()
    assert (asset["trashed_at"], asset["original"], asset["versions"]) == (None, None, [])


def test_the_film_of_a_live_photo_is_on_its_page(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    still, film = send(make_photo(1), "IMG.jpg"), send(b"\0\0\0\x14ftypqt  ", "IMG.mov")
    with albums.library.write() as db:
        ids = [asset_by_sha(db, sha).id for sha in (still, film)]
        photo = Taken(ids[0], "photo", None, None, False, frozenset())
        for taken in (photo, Taken(ids[1], "film", None, None, False, frozenset())):
            keep_taken(db, taken)
        replace_companions(db, photo, [ids[1]])
    page = client.get(f"/assets/{still}").text
    assert f'<a href="/assets/{film}">IMG.mov</a> (moving part)' in page
