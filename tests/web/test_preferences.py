"""What the timeline leaves out is a preference: it takes effect at once, and is undone exactly."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.ingest.step import Done, Step
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.look import LookStep
from albums.ingest.steps.pictures import PicturesStep
from albums.ingest.steps.record import RecordStep
from albums.ingest.steps.words import WordsStep
from albums.library.assets import assets_by_id
from albums.library.database import Library
from albums.upkeep.rebuild import canonical_export, rebuild
from tests.conftest import MakePhoto
from tests.web.conftest import Send

KEY = "kept_out_of_timeline"
STEPS: tuple[Step, ...] = (FactsStep(), PicturesStep(), LookStep(), WordsStep(), RecordStep())


def png(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (90, 200), (shade, 200, 90)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def sent(albums: Albums, send: Send, make_photo: MakePhoto) -> list[str]:
    """Two screenshots and a photo, and the box has looked at them."""
    shas = [
        send(png(1), "Screenshot_20240101-101010_Chrome.png"),
        send(png(2), "Bildschirmfoto 2024-01-01 um 10.10.10.png"),
        send(make_photo(3), "IMG_0003.jpg"),
    ]
    look(albums)
    return shas


def look(albums: Albums) -> None:
    with albums.library.read() as db:
        ids = [row["id"] for row in db.execute("select id from assets")]
        assets = assets_by_id(db, ids)
    for step in STEPS:
        outcomes = step.run(assets, albums.tools)
        with albums.library.write() as db:
            for outcome in outcomes:
                if isinstance(outcome, Done):
                    outcome.write(db)


def shown(client: TestClient, query: str = "") -> set[str]:
    answer = client.get("/api/v1/search", params={"q": query}).json()
    return {asset["sha"] for asset in answer["assets"]}


def keep_out(client: TestClient, *looks: str) -> None:
    answer = client.put("/api/v1/preferences", json={KEY: list(looks)})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {KEY: sorted(looks)}


def exported(albums: Albums) -> list[dict[str, Any]]:
    """Without the audit log, which tells of every change."""
    lines = map(json.loads, canonical_export(albums.library))
    return [line for line in lines if line["type"] != "audit"]


def test_screenshots_leave_the_timeline_and_are_found_all_the_same(
    client: TestClient, sent: list[str]
) -> None:
    assert shown(client) == set(sent)
    keep_out(client, "screenshot")
    assert shown(client) == {sent[2]}
    months = client.get("/api/v1/timeline").json()
    assert sum(month["count"] for month in months["buckets"]) == 1
    assert shown(client, "is:screenshot") == set(sent[:2])
    assert shown(client, "screenshot") == set(sent[:2])
    assert shown(client, "-is:screenshot type:photo") == {sent[2]}
    assert client.get("/api/v1/looks").json()["looks"][0] == {
        "look": "screenshot",
        "assets": 2,
        "kept_out": True,
    }


def test_a_preference_is_undone_exactly(
    client: TestClient, albums: Albums, sent: list[str]
) -> None:
    client.patch(f"/api/v1/assets/{sent[1]}", json={"hidden": True})
    before = exported(albums)
    keep_out(client, "screenshot", "meme")
    assert exported(albums) != before
    keep_out(client, "meme")
    keep_out(client)
    assert exported(albums) == before
    [changed, *_] = client.get("/api/v1/audit").json()["entries"]
    assert changed["action"] == "changed-preferences"


def test_what_a_person_says_of_one_asset_wins(client: TestClient, sent: list[str]) -> None:
    keep_out(client, "screenshot")
    client.patch(f"/api/v1/assets/{sent[0]}", json={"hidden": False})
    assert shown(client) == {sent[0], sent[2]}
    keep_out(client)
    keep_out(client, "screenshot")
    assert shown(client) == {sent[0], sent[2]}
    client.patch(f"/api/v1/assets/{sent[0]}", json={"hidden": None})
    assert shown(client) == {sent[2]}


def test_what_is_no_screenshot_stays_none(
    client: TestClient, albums: Albums, sent: list[str]
) -> None:
    keep_out(client, "screenshot", "receipt")
    client.post(f"/assets/{sent[0]}/look", data={"look": "screenshot", "act": "not"})
    client.post(f"/assets/{sent[2]}/look", data={"look": "receipt", "act": "is"})
    for _ in range(2):
        assert shown(client) == {sent[0]}
        assert shown(client, "is:screenshot") == {sent[1]}
        assert shown(client, "is:receipt") == {sent[2]}
        look(albums)
    [receipt] = client.get(f"/api/v1/assets/{sent[2]}").json()["looks"]
    assert (receipt["by"], receipt["look"]) == ("person", "receipt")


def test_a_further_name_of_a_file_has_it_looked_at_again(
    client: TestClient, albums: Albums, sent: list[str], send: Send, make_photo: MakePhoto
) -> None:
    with albums.library.write() as db:
        db.execute("update work set state = 'done' where step = 'look'")
    assert send(make_photo(3), "Screenshot (3).jpg") == sent[2]
    with albums.library.read() as db:
        again = db.execute("select asset_id from work where step = 'look' and state != 'done'")
        assert len(again.fetchall()) == 1
    look(albums)
    assert shown(client, "is:screenshot") == set(sent)


def test_what_is_not_known_is_not_kept_out(client: TestClient, sent: list[str]) -> None:
    answer = client.put("/api/v1/preferences", json={KEY: ["selfie"]})
    assert answer.status_code == 422
    assert client.get("/api/v1/preferences").json() == {KEY: []}


def test_the_page_shows_and_changes_them(client: TestClient, sent: list[str]) -> None:
    page = client.get("/preferences").text
    assert page.count("checked") == 4
    assert "2 found" in page
    client.post("/preferences", data={"shown": ["receipt", "document", "meme"]})
    assert shown(client) == {sent[2]}
    assert client.get("/preferences").text.count("checked") == 3
    assert 'href="/preferences"' in client.get("/settings/").text
    client.post("/preferences", data={})
    assert client.get("/api/v1/preferences").json()[KEY] == [
        "document", "meme", "receipt", "screenshot",
    ]  # fmt: skip


def test_the_asset_says_what_it_looks_like_and_why(client: TestClient, sent: list[str]) -> None:
    [found] = client.get(f"/api/v1/assets/{sent[0]}").json()["looks"]
    assert (found["look"], found["by"]) == ("screenshot", "look")
    assert "its name says so" in found["why"]
    assert "Not a screenshot" in client.get(f"/assets/{sent[0]}").text
    assert "ordinary photo" in client.get(f"/assets/{sent[2]}").text


@pytest.mark.parametrize("kept_out", [(), ("screenshot",)])
def test_a_rebuild_gives_the_same_library(
    client: TestClient, albums: Albums, sent: list[str], tmp_path: Path, kept_out: tuple[str, ...]
) -> None:
    keep_out(client, "meme", "receipt")  # sidecars are not written again for a preference
    keep_out(client, *kept_out)
    client.patch(f"/api/v1/assets/{sent[1]}", json={"hidden": False})
    before = list(canonical_export(albums.library))
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns("albums.db*", "*.lock")
    shutil.copytree(albums.settings.library, copy, ignore=ignored)
    rebuild(copy, UTC)
    with closing(Library(copy / "albums.db")) as library:
        assert list(canonical_export(library)) == before
