"""The map over HTTP: clusters, cities, and files of streets."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.web.conftest import Send


@pytest.fixture
def somewhere(albums: Albums, client: TestClient, send: Send, make_photo: object) -> list[str]:
    """Three photos, two of them in Lisbon."""
    assert callable(make_photo)
    shas = [send(make_photo(n)) for n in range(3)]
    places = [(38.71, -9.13), (38.72, -9.14), (-18.1, 178.4)]
    with albums.library.write() as db:
        for sha, (latitude, longitude) in zip(shas, places, strict=True):
            db.execute(
                "update assets set latitude = ?, longitude = ? where sha = ?",
                (latitude, longitude, sha),
            )
    return shas


def test_a_map_of_the_world_groups_what_is_near(client: TestClient, somewhere: list[str]) -> None:
    seen = client.get("/api/v1/map", params={"zoom": 2}).json()
    assert seen["total"] == 3
    assert [cluster["count"] for cluster in seen["clusters"]] == [2, 1]
    assert seen["clusters"][1]["cover"] == somewhere[2]


def test_a_part_of_the_map_shows_its_own_and_a_query_narrows_it(
    client: TestClient, somewhere: list[str]
) -> None:
    pacific = {"south": -30, "west": 170, "north": 0, "east": -170, "zoom": 4}
    assert [c["count"] for c in client.get("/api/v1/map", params=pacific).json()["clusters"]] == [1]
    none = client.get("/api/v1/map", params={"query": "camera:leica"}).json()
    assert none == {"total": 0, "clusters": []}
    assert client.get("/api/v1/map", params={"query": "camra:x"}).status_code == 422
    assert client.get("/api/v1/map", params={"west": 181}).status_code == 422


def test_the_largest_cities_come_first(client: TestClient) -> None:
    around = {"south": 36, "west": -10, "north": 43, "east": -6, "limit": 2}
    names = [c["name"] for c in client.get("/api/v1/map/cities", params=around).json()["cities"]]
    assert names == ["Lisbon", "Vigo"]  # Porto itself has fewer people within its borders


def test_the_page_shows_the_photos_of_a_part_of_the_map(
    client: TestClient, somewhere: list[str]
) -> None:
    page = client.get("/map", params={"within": "38,-10,39,-9"}).text
    assert "2 photos here" in page
    assert f"/assets/{somewhere[0]}?" in page
    assert f"/assets/{somewhere[2]}?" not in page
    assert client.get("/map", params={"within": "x"}).status_code == 422


def test_streets_that_the_owner_put_there_are_read_by_ranges(
    client: TestClient, albums: Albums, somewhere: list[str]
) -> None:
    assert somewhere
    folder = albums.settings.library / "maps"
    folder.mkdir()
    (folder / "lisbon.pmtiles").write_bytes(b"PMTiles\x03" + b"x" * 100)
    part = client.get("/maps/lisbon.pmtiles", headers={"range": "bytes=0-6"})
    assert (part.status_code, part.content) == (206, b"PMTiles")
    known = client.get("/maps/lisbon.pmtiles", headers={"if-none-match": part.headers["etag"]})
    assert known.status_code == 304
    assert '["lisbon.pmtiles"]' in client.get("/map").text.replace("&#34;", '"')


@pytest.mark.parametrize("name", ["none.pmtiles", "..%2Falbums.db", "%2Fetc%2Fpasswd", "a.txt"])
def test_nothing_but_streets_lies_there(client: TestClient, albums: Albums, name: str) -> None:
    folder: Path = albums.settings.library / "maps"
    folder.mkdir()
    (folder / "a.txt").write_text("words")
    assert client.get(f"/maps/{name}").status_code == 404


def test_a_small_map_marks_a_place(client: TestClient) -> None:
    drawn = client.get("/map/around", params={"latitude": 38.72, "longitude": -9.14}).text
    assert "Lisbon" in drawn
    assert 'class="here" cx="240.0" cy="150.0"' in drawn
    assert 'href="/map#38.72000,-9.14000,12"' in drawn
    assert client.get("/map/around", params={"latitude": 91, "longitude": 0}).status_code == 422
