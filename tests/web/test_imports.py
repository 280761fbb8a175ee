"""Imports inside the box: only for its own shell, over the unix socket."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import MakePhoto
from tests.sources.archives.made import make_zip
from tests.sources.importing.exports import small_export
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


def test_an_export_says_how_far_it_is_and_ends_with_its_receipt(
    shell: httpx.Client, tmp_path: Path
) -> None:
    parts = small_export(tmp_path / "downloads")
    body = {"source": "takeout", "paths": [str(part) for part in parts]}
    job = finished(shell, shell.post("/api/v1/imports", json=body).json())
    assert (job["state"], job["source"], job["ingested"]) == ("done", "takeout", 6)
    assert job["bytes_done"] == job["bytes_total"]
    assert job["receipts"] == [1]


def test_two_exports_at_once_are_refused(shell: httpx.Client, tmp_path: Path) -> None:
    files = {f"Takeout/Drive/{n}.bin": os.urandom(1 << 20) for n in range(64)}
    part = make_zip(tmp_path / "takeout-20240516T230250Z-001.zip", files, zipfile.ZIP_STORED)
    body = {"source": "takeout", "paths": [str(part)]}
    first = shell.post("/api/v1/imports", json=body)
    second = shell.post("/api/v1/imports", json=body)
    assert second.status_code == 409
    assert "An export is being imported" in second.text
    shell.delete(f"/api/v1/imports/{first.json()['id']}")
    stopped = finished(shell, first.json())
    assert (stopped["state"], stopped["receipts"]) == ("stopped", [])
    again = finished(shell, shell.post("/api/v1/imports", json=body).json())
    assert again["receipts"] == [1]
    assert shell.get("/api/v1/assets").json()["total"] == 64
