"""Imports inside the box: only for its own shell, over the unix socket."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import MakePhoto
from tests.web.conftest import Box


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
