"""Stacks through the front door: one asset in every list, and nothing that cannot be reached."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import UTC
from typing import Any

import piexif
import pytest
from PIL import Image, ImageFilter
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.ingest.step import Done, Failed, Step
from albums.ingest.steps import STEPS
from albums.ingest.steps.record import RecordStep
from albums.library.assets import assets_by_id
from albums.library.database import Library
from albums.library.ledger import Result
from albums.upkeep.rebuild import canonical_export, rebuild
from tests.ingest.steps.test_companions import ID, apple_note, film
from tests.web.conftest import Send


def photo(number: int = 0, *, blurred: float = 0, taken: str = "12:00:01", **more: str) -> bytes:
    """A photo of the same scene as all others, from the same camera, and unlike them in its bytes.

    `more`: content_id (Apple's), model.
    """
    image = Image.linear_gradient("L").resize((320, 240)).convert("RGB")
    for place in range(4):
        image.paste((200, 60 * place, 20), (70 * place, 40 * place, 70 * place + 60, 200))
    image = image.filter(ImageFilter.GaussianBlur(blurred))
    exif: dict[int, Any] = {piexif.ExifIFD.DateTimeOriginal: f"2024:07:01 {taken}".encode()}
    exif[piexif.ExifIFD.OffsetTimeOriginal] = b"+00:00"
    if "content_id" in more:
        exif[piexif.ExifIFD.MakerNote] = apple_note(more["content_id"])
    camera = {
        piexif.ImageIFD.Make: b"Apple",
        piexif.ImageIFD.Model: more.get("model", "iPhone 15").encode(),
    }
    out = io.BytesIO()
    tags = piexif.dump({"Exif": exif, "0th": camera})
    image.save(out, "JPEG", quality=90, exif=tags, comment=f"photo {number}".encode())
    return out.getvalue()


Work = Callable[[], None]


@pytest.fixture
def work(albums: Albums) -> Work:
    """Without the steps that take longest and have no part in this."""
    names = ("facts", "companions", "pictures", "fingerprint", "stack", "words")
    steps = [step for step in STEPS if step.name in names]

    def work() -> None:
        while any([batch(albums, step) for step in steps]):
            pass

    return work


def batch(albums: Albums, step: Step) -> bool:
    """What the runner does; whether there was something to do."""
    with albums.library.write() as db:
        assets = assets_by_id(db, albums.ledger.take(db, step.name, step.batch, set()))
    outcomes = step.run(assets, albums.tools)
    with albums.library.write() as db:
        for asset, outcome in zip(assets, outcomes, strict=True):
            if isinstance(outcome, Done | Failed):
                outcome.write(db)
            state: Any = "done" if isinstance(outcome, Done) else "skipped"
            albums.ledger.close(db, step.name, [Result(asset.id, state)])
    return bool(assets)


@pytest.fixture
def burst(send: Send, work: Work) -> list[str]:
    """Three photos within a second; the second is the sharp one."""
    shas = [send(photo(n, blurred=n != 1), f"IMG_000{n}.jpg") for n in range(3)]
    work()
    return shas


@pytest.fixture
def live(send: Send, work: Work) -> tuple[str, str]:
    """A live photo: the SHA-256 of the still and of the film."""
    moving = send(film(ID), "IMG_7.MOV")
    still = send(photo(7, content_id=ID), "IMG_7.JPG")
    work()
    return still, moving


def found(client: TestClient, query: str = "") -> list[str]:
    answer = client.get("/api/v1/search", params={"q": query}).json()
    assert answer["total"] == len(answer["assets"])
    return [asset["sha"] for asset in answer["assets"]]


def stack(client: TestClient, sha: str) -> dict[str, str]:
    """Its members and their roles; the top has a star."""
    told = client.get(f"/api/v1/assets/{sha}").json()["stack"]
    members = told["members"] if told else []
    return {m["sha"]: m["role"] + "*" * m["top"] for m in members}


def test_a_burst_is_one_asset_everywhere(client: TestClient, burst: list[str]) -> None:
    assert found(client) == [burst[1]]
    [row] = client.get("/api/v1/assets").json()["assets"]
    assert row["stack"] == 3
    assert client.get("/api/v1/timeline").json()["total"] == 1
    month = client.get("/api/v1/timeline/2024-07").json()
    assert (month["sha"], month["stack"]) == ([burst[1]], [3])
    cameras = client.get("/api/v1/cameras").json()["cameras"]
    assert [(c["name"], c["assets"]) for c in cameras] == [("iPhone 15", 1)]
    totals = client.get("/api/v1/status").json()["assets"]
    assert (totals["total"], totals["stacked"]) == (3, 2)
    assert "1 assets in 3 files" in client.get("/").text


def test_each_of_a_burst_can_be_reached(client: TestClient, burst: list[str]) -> None:
    assert stack(client, burst[0]) == dict.fromkeys(burst, "burst") | {burst[1]: "burst*"}
    assert set(found(client, "is:stacked")) == {burst[0], burst[2]}
    assert found(client, "has:stack") == [burst[1]]
    page = client.get(f"/assets/{burst[1]}").text
    assert all(f"/assets/{sha}" in page for sha in burst)


def test_what_one_of_a_burst_is_found_by_shows_the_burst(
    client: TestClient, burst: list[str], work: Work
) -> None:
    client.patch(f"/api/v1/assets/{burst[0]}", json={"title": "zebra", "add_tags": ["ours"]})
    client.post("/api/v1/collections", json={"name": "Zoo"})
    client.post("/api/v1/collections/Zoo/add", json={"assets": [burst[2]]})
    work()
    for query in ("zebra", "tag:ours", "collection:Zoo", f"similar:{burst[0]} zebra"):
        assert found(client, query) == ([] if "similar" in query else [burst[1]]), query
    [row] = client.get("/api/v1/search", params={"q": "zebra"}).json()["assets"]
    assert row["why"]["words"] == ["zebra"]


@pytest.mark.parametrize("act", ["trash", "purge", "hide"])
def test_where_the_top_goes_the_next_best_comes_up(
    client: TestClient, burst: list[str], act: str
) -> None:
    if act == "hide":
        client.patch(f"/api/v1/assets/{burst[1]}", json={"hidden": True})
    else:
        client.delete(f"/api/v1/assets/{burst[1]}")
    if act == "purge":
        path = f"/api/v1/assets/{burst[1]}/purge"
        word = client.post("/api/v1/confirmations", json={"act": f"POST {path}"}).json()
        client.post(path, headers={"albums-confirm": word["nonce"]}).raise_for_status()
    [top] = found(client)
    assert top in (burst[0], burst[2])
    assert set(stack(client, top)) == set(burst) - ({burst[1]} if act != "hide" else set())
    if act == "hide":
        assert found(client, "is:hidden") == [burst[1]]
    if act == "trash":
        client.post(f"/api/v1/assets/{burst[1]}/restore").raise_for_status()
        assert found(client) == [burst[1]]


def test_where_the_original_of_the_top_is_missing_the_next_best_comes_up(
    client: TestClient, albums: Albums, burst: list[str]
) -> None:
    original = albums.vault.originals.path(burst[1], ".jpg")
    kept = original.read_bytes()
    for there in (False, True):
        original.write_bytes(kept) if there else original.unlink()
        client.post("/api/v1/verify", json={}).raise_for_status()
        wait_for(client)
        assert (found(client) == [burst[1]]) is there


def wait_for(client: TestClient) -> None:
    """Until the originals are verified."""
    while client.get("/api/v1/verify").json()["running"]:
        time.sleep(0.02)


def test_the_favourite_of_a_burst_is_on_top(client: TestClient, burst: list[str]) -> None:
    client.patch(f"/api/v1/assets/{burst[2]}", json={"favourite": True})
    assert found(client) == found(client, "is:favourite") == [burst[2]]


def test_other_scenes_cameras_and_moments_stay_apart(
    client: TestClient, send: Send, work: Work
) -> None:
    shas = {
        send(photo(1), "a.jpg"),
        send(photo(2, model="iPhone 12"), "b.jpg"),
        send(photo(3, taken="12:00:05"), "c.jpg"),
    }
    work()
    assert set(found(client)) == shas


def test_a_live_photo_is_one_asset(client: TestClient, live: tuple[str, str]) -> None:
    still, moving = live
    assert found(client) == [still]
    assert stack(client, moving) == {still: "still photo*", moving: "moving part"}
    assert found(client, "type:video") == []


def test_a_live_photo_is_thrown_away_and_comes_back_with_its_film(
    client: TestClient, live: tuple[str, str]
) -> None:
    still, moving = live
    client.delete(f"/api/v1/assets/{still}")
    assert set(found(client, "is:trashed")) == set(live)
    assert found(client) == []
    client.post(f"/api/v1/assets/{still}/restore")
    assert (found(client), found(client, "is:trashed")) == ([still], [])
    client.delete(f"/api/v1/assets/{moving}")
    assert (found(client), stack(client, still)) == ([still], {})


def test_a_hidden_live_photo_does_not_leave_its_film_behind(
    client: TestClient, live: tuple[str, str]
) -> None:
    client.patch(f"/api/v1/assets/{live[0]}", json={"hidden": True})
    assert found(client) == []


def test_a_film_that_was_purged_with_its_photo_is_gone(
    client: TestClient, live: tuple[str, str]
) -> None:
    client.delete(f"/api/v1/assets/{live[0]}")
    path = f"/api/v1/assets/{live[0]}/purge"
    word = client.post("/api/v1/confirmations", json={"act": f"POST {path}"}).json()
    gone = client.post(path, headers={"albums-confirm": word["nonce"]}).json()
    assert (gone["assets"], found(client, "is:trashed")) == (2, [])


def test_a_person_takes_one_out_and_it_stays_out(
    client: TestClient, albums: Albums, burst: list[str], send: Send, work: Work
) -> None:
    answer = client.delete(f"/api/v1/stacks/{burst[0]}")
    assert (answer.status_code, answer.json()) == (200, {"sha": burst[0], "stack": None})
    apart = {burst[0], burst[1]}
    assert set(found(client)) == apart
    with albums.library.write() as db:
        albums.ledger.redo(db, "companions")
    send(photo(0, blurred=1), "again.jpg")
    send(photo(9, blurred=9), "IMG_0009.jpg")
    work()
    assert set(found(client)) == apart
    assert len(stack(client, burst[1])) == 3
    assert client.delete(f"/api/v1/stacks/{burst[0]}").status_code == 409


def test_a_person_joins_chooses_the_top_and_takes_all_apart(
    client: TestClient, burst: list[str], send: Send, work: Work
) -> None:
    other = send(photo(5, taken="18:00:00"), "evening.jpg")
    work()
    answer = client.post("/api/v1/stacks", json={"assets": [other[:8], burst[0]]})
    assert (answer.status_code, len(answer.json()["stack"]["members"])) == (200, 4)
    assert stack(client, other)[other] == "joined"
    assert client.put(f"/api/v1/stacks/{burst[2]}/top").json()["stack"]["top"] == burst[2]
    assert found(client) == [burst[2]]
    assert client.put(f"/api/v1/stacks/{other}/top").json()["stack"]["top"] == other
    client.delete(f"/api/v1/stacks/{other}", params={"whole": True}).raise_for_status()
    assert set(found(client)) == {other, *burst}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("POST", "", ["here"], 422),
        ("POST", "", ["here", "here"], 422),
        ("POST", "", ["here", "0" * 64], 404),
        ("POST", "", ["here", "thrown"], 409),
        ("PUT", "/here/top", None, 409),
        ("DELETE", "/here", None, 409),
        ("DELETE", "/here?whole=true", None, 409),
        ("DELETE", "/" + "0" * 64, None, 404),
    ],
)
def test_what_makes_no_stack_is_said(
    client: TestClient, send: Send, method: str, path: str, sent: list[str] | None, status: int
) -> None:
    names = {"here": send(photo(1)), "thrown": send(photo(2))}
    client.delete(f"/api/v1/assets/{names['thrown']}")
    body = {"assets": [names.get(name, name) for name in sent]} if sent else None
    path = path.replace("here", names["here"])
    answer = client.request(method, f"/api/v1/stacks{path}", json=body)
    assert (answer.status_code, bool(answer.json()["error"]["what"])) == (status, True)


def test_the_moving_part_cannot_stand_for_its_photo(
    client: TestClient, live: tuple[str, str]
) -> None:
    assert client.put(f"/api/v1/stacks/{live[1]}/top").status_code == 409
    assert found(client) == [live[0]]


def test_a_live_photo_can_be_taken_apart(client: TestClient, live: tuple[str, str]) -> None:
    client.delete(f"/api/v1/stacks/{live[0]}").raise_for_status()
    assert set(found(client)) == set(live)


def test_the_buttons_of_a_page_do_the_same(client: TestClient, burst: list[str]) -> None:
    for act, sha, lists in (
        ("top", burst[0], {burst[0]}),
        ("split", burst[0], {burst[0], burst[1]}),
        ("join", burst[0], {burst[0]}),
        ("dissolve", burst[1], set(burst)),
    ):
        form = {"act": act, "sha": sha, "other": burst[1]}
        answer = client.post("/stacks", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/assets/{sha}")
        assert set(found(client)) == lists, act
    assert client.post("/stacks", data={"act": "split", "sha": burst[0]}).status_code == 409


def test_a_rebuilt_library_has_the_same_stacks(
    client: TestClient, albums: Albums, burst: list[str], live: tuple[str, str], work: Work
) -> None:
    client.delete(f"/api/v1/stacks/{burst[0]}")
    client.put(f"/api/v1/stacks/{burst[2]}/top")
    client.post("/api/v1/stacks", json={"assets": [burst[0], live[0]]})
    with albums.library.read() as db:
        RecordStep().run(assets_by_id(db, range(9)), albums.tools)
    shown, before = set(found(client)), list(canonical_export(albums.library))
    albums.library.close()
    rebuild(albums.settings.library, UTC)
    object.__setattr__(albums, "library", Library(albums.settings.database))
    object.__setattr__(albums.tools, "library", albums.library)
    with albums.library.write() as db:
        for step in STEPS:
            step.prepare(db)
        albums.ledger.sweep(db)
    assert list(canonical_export(albums.library)) == before
    work()
    assert set(found(client)) == shown
    assert list(canonical_export(albums.library)) == before
