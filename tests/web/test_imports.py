"""Imports inside the box: only for its own shell, over the unix socket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from albums.assembly import Albums
from albums.identity.access import Door
from albums.identity.doors import Doors, listen_unix
from albums.web.app import create_app
from tests.conftest import MakePhoto
from tests.web.conftest import Box, serve


@pytest.fixture
def shell(albums: Albums, tmp_path: Path) -> Iterator[httpx.Client]:
    """The box, asked over its unix socket."""
    doors = Doors()
    with doors.add(Door.SHELL, listen_unix(tmp_path / "s")) as door:
        config = uvicorn.Config(create_app(albums, doors), log_level="error")
        with serve(config, door):
            transport = httpx.HTTPTransport(uds=str(tmp_path / "s"))
            with httpx.Client(
                transport=transport, base_url="http://localhost", timeout=60
            ) as client:
                yield client


def finished(shell: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    return finished_at(shell, "imports", job)


def finished_at(shell: httpx.Client, kind: str, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while job["running"] and time.monotonic() < deadline:
        time.sleep(0.02)
        job = shell.get(f"/api/v1/{kind}/{job['id']}").json()
    return job


def test_the_shell_imports_a_folder(
    shell: httpx.Client, tmp_path: Path, make_photo: MakePhoto
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(make_photo(number))
    started = shell.post("/api/v1/imports", json={"path": str(folder)})
    assert started.status_code == 202
    job = finished(shell, started.json())
    assert (job["state"], job["ingested"], job["failed"]) == ("done", 3, 0)
    assert job["error"] is None
    assert shell.get("/api/v1/assets").json()["total"] == 3
    assert [job["id"] for job in shell.get("/api/v1/imports").json()["imports"]] == [job["id"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"path": "photos"}, 422),
        ({"path": "/", "source": "dropbox"}, 422),
        ({}, 422),
    ],
)
def test_an_import_that_makes_no_sense_is_refused(
    shell: httpx.Client, body: dict[str, str], status: int
) -> None:
    assert shell.post("/api/v1/imports", json=body).status_code == status


def test_an_import_that_ends_early_says_why(shell: httpx.Client, tmp_path: Path) -> None:
    started = shell.post("/api/v1/imports", json={"path": str(tmp_path / "nothing")}).json()
    job = finished(shell, started)
    assert "is not a folder" in job["error"]
    assert job["state"] == "stopped"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/imports"), ("POST", "/api/v1/imports"), ("GET", "/api/v1/imports/x"),
     ("DELETE", "/api/v1/imports/x")],
)  # fmt: skip
def test_over_the_network_nobody_may_import(
    server: Box, tmp_path: Path, method: str, path: str
) -> None:
    with server.client() as browser:
        answer = browser.request(method, path, json={"path": str(tmp_path)})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "refused"
