"""Verifying over HTTP and on its page; what may be lost worries on every page."""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.cli.serving import Serving
from albums.identity.doors import shell_socket
from albums.library.database import Library
from albums.settings import Settings
from tests.conftest import MakePhoto
from tests.upkeep.verify.shelves import flip
from tests.web.conftest import Send


def finished(client: TestClient | httpx.Client) -> dict[str, Any]:
    """What is known once the run has ended."""
    deadline = time.monotonic() + 20
    while (known := {**client.get("/api/v1/verify").json()})["running"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return known


def notice(client: TestClient) -> dict[str, Any]:
    found = client.get("/api/v1/health").json()["notices"]
    return next(dict(notice) for notice in found if notice["name"] == "originals")


def original(albums: Albums, sha: str) -> Path:
    return albums.vault.originals.path(sha, ".jpg")


def test_a_run_is_started_followed_and_says_what_is_wrong(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    shas = [send(make_photo(number)) for number in range(3)]
    before = client.get("/api/v1/verify").json()
    assert (before["run"], before["last_run_at"], before["never_read"]) == (None, None, 3)
    flip(original(albums, shas[1]))
    assert client.post("/api/v1/verify", json={}).status_code == 202
    known = finished(client)
    assert (known["run"]["state"], known["run"]["read"], known["never_read"]) == ("done", 3, 0)
    assert (known["found"], known["may_be_lost"]) == ({"changed": 1}, 1)
    listed = client.get("/api/v1/verify/findings").json()
    assert listed["total"] == 1
    [finding] = listed["findings"]
    assert (finding["sha"], finding["may_be_lost"]) == (shas[1], True)
    assert finding["path"] == f"originals/{shas[1][:2]}/{shas[1]}.jpg"


def test_a_second_run_meanwhile_is_refused_and_the_first_can_be_stopped(
    client: TestClient, send: Send, make_photo: MakePhoto
) -> None:
    send(make_photo(1))
    client.post("/api/v1/verify", json={"rate": 1})
    again = client.post("/api/v1/verify", json={})
    assert again.status_code == 409
    assert "already" in again.json()["error"]["what"]
    client.delete("/api/v1/verify")
    assert finished(client)["run"]["state"] == "stopped"


@pytest.mark.parametrize(
    "wrong", [{"seconds": -1}, {"rate": 0}, {"rate": "fast"}, {"faster": True}, []]
)
def test_wrong_wishes_are_refused(client: TestClient, wrong: object) -> None:
    assert client.post("/api/v1/verify", json=wrong).status_code == 422


def test_only_the_shell_names_folders_of_this_machine(client: TestClient, tmp_path: Path) -> None:
    answer = client.post("/api/v1/verify/repair", json={"folder": str(tmp_path)})
    assert answer.status_code == 403


def test_what_may_be_lost_worries_until_it_is_put_right(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha, content = send(make_photo(1)), make_photo(1)
    assert "not verified yet" in notice(client)["found"]
    flip(original(albums, sha))
    client.post("/api/v1/verify", json={})
    finished(client)
    worry = notice(client)
    assert (worry["state"], worry["found"]) == ("broken", "1 file is missing or damaged")
    assert "1 file is missing or damaged" in client.get("/devices").text
    page = client.get("/verify").text
    assert "other bytes than those that were kept" in page
    assert f'href="/assets/{sha}"' in page

    def asked() -> str:
        answers = client.post("/api/v1/have", json={"hashes": [sha]}).json()["answers"]
        return str(answers[sha])

    assert asked() == "unknown"  # so whoever has it sends it again, which heals it
    send(content)
    assert asked() == "kept"
    assert original(albums, sha).read_bytes() == content
    assert notice(client)["state"] == "good"
    client.post("/api/v1/verify", json={})
    assert finished(client)["found"] == {}
    assert notice(client)["state"] == "good"
    assert "may be lost" not in client.get("/verify").text


def test_the_page_starts_and_stops_a_run(
    client: TestClient, send: Send, make_photo: MakePhoto
) -> None:
    send(make_photo(1))
    assert 'href="/verify"' in client.get("/").text
    assert "Not verified yet" in client.get("/verify").text
    client.post("/api/v1/verify", json={"rate": 1})
    running = client.get("/verify").text
    assert "http-equiv" in running
    refused = client.post("/verify", data={"act": "start"})
    assert refused.status_code == 409
    assert "being verified already" in refused.text
    stopped = client.post("/verify", data={"act": "stop"}, follow_redirects=False)
    assert (stopped.status_code, stopped.headers["location"]) == (303, "/verify")
    finished(client)
    client.post("/verify", data={"act": "start"})
    finished(client)
    assert "Nothing is lost" in client.get("/verify").text


def test_names_of_strange_files_are_shown_harmlessly(client: TestClient, albums: Albums) -> None:
    root = albums.vault.originals.root
    (root / "<script>alert(1)<").write_bytes(b"x")
    (root / os.fsdecode(b"bad\xff")).write_bytes(b"x")
    client.post("/api/v1/verify", json={})
    assert finished(client)["found"] == {"unknown": 2}
    page = client.get("/verify").text
    assert "&lt;script&gt;alert" in page
    assert "bad\\xff" in page


def test_a_bug_in_a_run_ends_it_with_a_word(
    client: TestClient, send: Send, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(make_photo(1))

    def break_off(*arguments: object, **named: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("albums.upkeep.verify.run.examine", break_off)
    monkeypatch.setattr("threading.excepthook", lambda arguments: None)
    client.post("/api/v1/verify", json={})
    known = finished(client)
    assert known["run"]["state"] == "stopped"
    assert "broke off" in known["error"]


def test_each_night_the_box_reads_a_while_by_itself(tmp_path: Path) -> None:
    now = datetime.now().astimezone()
    soon = f"{now - timedelta(minutes=1):%H:%M}"
    settings = Settings(library=tmp_path / "library", workers=1, verify_at=soon)
    settings.library.mkdir()
    with closing(Library(settings.database)) as library, library.write() as db:
        yesterday = (now - timedelta(days=1)).isoformat()  # the box was on
        db.execute("insert into notes values ('daily-verify', ?)", (yesterday,))
    with closing(Serving(settings, working=True)):
        transport = httpx.HTTPTransport(uds=str(shell_socket(settings.library)))
        with httpx.Client(transport=transport, base_url="http://localhost", timeout=60) as client:
            deadline = time.monotonic() + 20
            while client.get("/api/v1/verify").json()["last_run_at"] is None:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert finished(client)["run"]["state"] == "done"
