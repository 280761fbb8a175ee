"""Films and moving parts over HTTP: ranges, both parts of a photo, and what is still being made."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.curate import trash
from albums.errors import DiskFull
from albums.ingest.steps import STEPS
from albums.vault.playables import Playables
from albums.web.request import rooms_for
from tests.ingest.steps.test_companions import ID, still
from tests.ingest.steps.test_companions import film as by_boxes
from tests.media import motion_photos as made
from tests.media.films import film
from tests.web.conftest import Send

_NEEDED = ("facts", "companions", "moving", "playable")


@pytest.fixture(scope="module")
def hevc(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("films") / "a.mp4", "libx265").read_bytes()


@pytest.fixture(scope="module")
def h264(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("films") / "a.mp4", "libx264").read_bytes()


def work(albums: Albums, *more: str) -> None:
    """What playing needs, and no more."""
    albums.runner.steps = [step for step in STEPS if step.name in (*_NEEDED, *more)]
    albums.runner.start()
    wait(albums, *more)


def wait(albums: Albums, *more: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with albums.library.read() as db:
            progress = albums.ledger.progress(db)
        if not any({"open", "waiting"} & progress[name].keys() for name in (*_NEEDED, *more)):
            return
        time.sleep(0.02)
    raise AssertionError(f"still at work: {progress}")


def test_a_film_that_browsers_play_is_played_as_it_is(
    client: TestClient, send: Send, albums: Albums, h264: bytes
) -> None:
    sha = send(h264, "a.mov")
    work(albums)
    assert client.get(f"/api/v1/assets/{sha}/playable").json()["state"] == "as it is"
    answer = client.get(f"/api/v1/assets/{sha}/play")
    assert (answer.content, answer.headers["content-type"]) == (h264, "video/mp4")


def test_a_film_that_they_do_not_is_played_as_it_was_made(
    client: TestClient, send: Send, albums: Albums, hevc: bytes
) -> None:
    sha = send(hevc, "a.mov")
    work(albums)
    found = client.get(f"/api/v1/assets/{sha}").json()
    assert found["play"]["state"] == "made"
    assert found["play"]["why"] == "its pictures (hevc)"
    answer = client.get(f"/api/v1/assets/{sha}/play")
    assert b"avc1" in answer.content
    assert len(answer.content) == found["play"]["size"]
    assert client.get(f"/api/v1/assets/{sha}/original").content == hevc


def test_ranges_of_a_film_are_answered_as_players_ask(
    client: TestClient, send: Send, albums: Albums, hevc: bytes
) -> None:
    sha = send(hevc, "a.mov")
    work(albums)
    url = f"/api/v1/assets/{sha}/play"
    whole = client.get(url)
    tag, size = whole.headers["etag"], len(whole.content)
    part = client.get(url, headers={"range": "bytes=10-19", "if-range": tag})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{size}"
    assert client.get(url, headers={"range": "bytes=0-"}).status_code == 206
    changed = client.get(url, headers={"range": "bytes=10-19", "if-range": '"other"'})
    assert (changed.status_code, changed.content) == (200, whole.content)
    assert client.get(url, headers={"range": f"bytes={size}-"}).status_code == 416
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304
    head = client.head(url)
    assert (head.content, head.headers["content-length"]) == (b"", str(size))
    assert "immutable" not in whole.headers["cache-control"], "it may be made anew"


def test_a_film_that_is_not_made_yet_says_when_to_ask_again(
    client: TestClient, send: Send, hevc: bytes
) -> None:
    sha = send(hevc, "a.mov")
    answer = client.get(f"/api/v1/assets/{sha}/play")
    assert answer.status_code == 404
    assert int(answer.headers["retry-after"]) > 0
    assert "being made" in answer.json()["error"]["what"]
    found = client.get(f"/api/v1/assets/{sha}/playable").json()
    assert (found["state"], found["retry_after"] > 0) == ("being made", True)


def test_a_version_that_was_deleted_is_made_again_when_it_is_asked_for(
    client: TestClient, send: Send, albums: Albums, hevc: bytes
) -> None:
    sha = send(hevc, "a.mov")
    work(albums)
    albums.vault.playables.path(sha).unlink()
    assert client.get(f"/api/v1/assets/{sha}/play").status_code == 404
    wait(albums)
    assert client.get(f"/api/v1/assets/{sha}/play").status_code == 200


def test_a_film_that_is_broken_says_why_it_does_not_play(
    client: TestClient, send: Send, albums: Albums, hevc: bytes
) -> None:
    sha = send(hevc[:300], "a.mov")
    work(albums)
    answer = client.get(f"/api/v1/assets/{sha}/play")
    assert (answer.status_code, "retry-after" in answer.headers) == (404, False)
    assert "cut off" in answer.json()["error"]["why"]
    page = client.get(f"/assets/{sha}").text
    assert "does not play in browsers" in page
    assert f"/api/v1/assets/{sha}/original" in page


def test_both_parts_of_a_motion_photo_come_back_out_equal(
    client: TestClient, send: Send, albums: Albums, h264: bytes
) -> None:
    photo = made.motion_photo(h264)
    sha = send(photo, "PXL.MP.jpg")
    work(albums)
    url = f"/api/v1/assets/{sha}"
    assert client.get(url).json()["moving"]["kind"] == "motion"
    moving, still_part = client.get(f"{url}/moving"), client.get(f"{url}/still")
    assert (moving.content, moving.headers["content-type"]) == (h264, "video/mp4")
    assert still_part.content == photo.removesuffix(h264)
    assert client.get(f"{url}/original").content == photo == still_part.content + moving.content
    assert client.get(f"{url}/play").content == h264
    part = client.get(f"{url}/moving", headers={"range": "bytes=-7"})
    assert (part.status_code, part.content) == (206, h264[-7:])
    assert part.headers["content-range"].endswith(f"/{len(h264)}")
    assert client.get(f"{url}/moving", headers={"range": "bytes=4-7,0-3"}).status_code == 206
    beyond = client.get(f"{url}/still", headers={"range": f"bytes={len(photo) - 5}-"})
    assert beyond.status_code == 416, "the film is no part of the still"


def test_the_film_of_a_live_photo_is_its_moving_part(
    client: TestClient, send: Send, albums: Albums
) -> None:
    photo = still(ID)
    clip = by_boxes(ID)
    sha, clip_sha = send(photo, "IMG_1.jpg"), send(clip, "IMG_1.mov")
    work(albums)
    url = f"/api/v1/assets/{sha}"
    assert client.get(url).json()["moving"]["kind"] == "live"
    assert client.get(f"{url}/moving").content == clip
    assert client.get(f"{url}/still").content == photo
    assert client.get(f"/api/v1/assets/{clip_sha}/moving").status_code == 404


def test_a_photo_that_does_not_move_has_nothing_to_play(
    client: TestClient, send: Send, albums: Albums
) -> None:
    sha = send(made.still(), "a.jpg")
    work(albums)
    found = client.get(f"/api/v1/assets/{sha}").json()
    assert (found["moving"], found["play"]) == (None, None)
    for what in ("play", "moving", "playable"):
        assert client.get(f"/api/v1/assets/{sha}/{what}").status_code == 404
    assert client.get(f"/api/v1/assets/{sha}/still").content == made.still()


def test_an_erased_film_takes_its_version_with_it(
    client: TestClient, send: Send, albums: Albums, hevc: bytes
) -> None:
    sha = send(hevc, "a.mov")
    work(albums)
    version: Path = albums.vault.playables.path(sha)
    assert version.is_file()
    rooms = rooms_for(albums, "test")
    trash.trash(rooms, [sha])
    trash.purge(rooms, [sha], confirmed=True)
    assert not version.exists()


def test_a_disk_without_room_is_said_and_the_film_is_made_when_there_is_some(
    client: TestClient,
    send: Send,
    albums: Albums,
    hevc: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(self: Playables, size: int) -> None:
        raise DiskFull("There is no room to keep a playable version of this film")

    sha = send(hevc, "a.mov")
    with monkeypatch.context() as full:
        full.setattr(Playables, "expect_room", none)
        albums.runner.steps = [step for step in STEPS if step.name in ("moving", "playable")]
        albums.runner.start()
        deadline = time.monotonic() + 30
        found = client.get(f"/api/v1/assets/{sha}/playable").json()
        while "no room" not in found["why"]:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
            found = client.get(f"/api/v1/assets/{sha}/playable").json()
        assert found["state"] == "being made"
        assert "no room" in client.get(f"/assets/{sha}").text
    with albums.library.write() as db:
        db.execute("update work set due = 0")
    albums.runner.nudge()
    deadline = time.monotonic() + 30
    while client.get(f"/api/v1/assets/{sha}/play").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
