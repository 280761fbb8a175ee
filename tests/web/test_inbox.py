"""The inbox over HTTP, in a box whose inbox runs."""

from __future__ import annotations

import time
from typing import Any

from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.sources.inbox import Inbox
from tests.sources.conftest import QUICK


def read(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/v1/inbox")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_it_says_what_waits_what_was_taken_and_what_is_left(
    client: TestClient, albums: Albums
) -> None:
    folder = albums.settings.library / "inbox"
    inbox = Inbox(folder, albums.receiver, QUICK)
    object.__setattr__(albums, "inbox", inbox)
    assert not read(client)["running"]
    inbox.start()
    while not read(client)["notified"]:
        time.sleep(0.01)
    (folder / "a.jpg").write_bytes(b"a photo")
    (folder / "b.jpg").symlink_to("a.jpg")
    with (folder / "c.jpg").open("wb") as writing:
        writing.write(b"not yet")
        writing.flush()
        end = time.monotonic() + 10
        while (state := read(client))["taken"] < 1 or not state["left"]:
            assert time.monotonic() < end, state
            time.sleep(0.01)
    assert state["folder"] == str(folder)
    assert (state["waiting"], state["waiting_files"]) == (1, ["c.jpg"])
    assert [left["name"] for left in state["left_files"]] == ["b.jpg"]
    assert state["new"] == 1
    notices = client.get("/api/v1/health").json()["notices"]
    assert "1 file stays in the inbox" in [notice["found"] for notice in notices]
    [found] = client.get("/api/v1/search").json()["assets"]
    asset = client.get(f"/api/v1/assets/{found['sha']}").json()
    assert (asset["name"], asset["_origin"]) == ("a.jpg", "inbox://")
