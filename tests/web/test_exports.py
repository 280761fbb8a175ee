"""Exports inside the box: only for its own shell."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from albums.assembly import Albums
from tests.conftest import MakePhoto
from tests.web.conftest import Box
from tests.web.test_imports import finished_at


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_over_the_network_nobody_may_export(server: Box, tmp_path: Path, method: str) -> None:
    with server.client() as browser:
        answer = browser.request(method, "/api/v1/exports", json={"path": str(tmp_path / "out")})
    assert answer.status_code == 403
    assert not (tmp_path / "out").exists()


def test_the_shell_exports_and_gets_a_receipt(
    shell: httpx.Client, albums: Albums, tmp_path: Path, make_photo: MakePhoto
) -> None:
    photos = [make_photo(number) for number in range(3)]
    for number, photo in enumerate(photos):
        shell.post("/ingest", files={"file": (f"{number}.jpg", photo)})
    started = shell.post("/api/v1/exports", json={"path": str(tmp_path / "out")})
    assert started.status_code == 202
    receipt = finished_at(shell, "exports", started.json())
    assert (receipt["state"], receipt["complete"], receipt["error"]) == ("done", True, None)
    assert (receipt["assets"], receipt["checked"], receipt["missing"]) == (3, 3, 0)
    assert receipt["bytes_checked"] == sum(map(len, photos))
    assert [e["id"] for e in shell.get("/api/v1/exports").json()["exports"]] == [receipt["id"]]
    assert albums.audit.entries()[0].action == "exported"


@pytest.mark.parametrize("path", ["out", "", "~/out"])
def test_a_folder_must_be_an_absolute_path(shell: httpx.Client, path: str) -> None:
    assert shell.post("/api/v1/exports", json={"path": path}).status_code == 422


def test_why_an_export_ended_early_is_said(shell: httpx.Client, albums: Albums) -> None:
    started = shell.post("/api/v1/exports", json={"path": str(albums.settings.library)}).json()
    receipt = finished_at(shell, "exports", started)
    assert "library itself" in receipt["error"]
    assert (receipt["error_code"], receipt["complete"]) == ("bad-input", False)


def test_there_is_one_export_at_a_time_and_it_can_be_cancelled(
    shell: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out/manifest.csv")  # it waits here until somebody writes
    first = shell.post("/api/v1/exports", json={"path": str(tmp_path / "out")}).json()
    second = shell.post("/api/v1/exports", json={"path": str(tmp_path / "other")})
    assert second.status_code == 409
    assert "Another export" in second.json()["error"]["what"]
    assert shell.delete(f"/api/v1/exports/{first['id']}").json()["running"]
    with (tmp_path / "out/manifest.csv").open("w"):
        pass
    assert finished_at(shell, "exports", first)["state"] == "stopped"


def test_an_unknown_export_is_not_found(shell: httpx.Client) -> None:
    answer = shell.get("/api/v1/exports/none")
    assert answer.status_code == 404
    assert "no export" in answer.json()["error"]["what"]
