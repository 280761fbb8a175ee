"""The pin "0 cloud calls": what it says is counted by the guard."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from albums.identity.egress_log import Egress


@pytest.fixture
def egress(client: TestClient, tmp_path: Path) -> Egress:
    """A count that stands since 2024; nothing is armed."""
    file = tmp_path / "egress.jsonl"
    file.write_text('{"since": "2024-05-12T12:00:00+00:00"}\n')
    egress = Egress(file)
    assert isinstance(client.app, FastAPI)
    client.app.state.egress = egress
    return egress


def test_the_pin_is_on_every_page_and_says_since_when(client: TestClient, egress: Egress) -> None:
    for address in ("/", "/?q=dog", "/?q=year:x", "/assets/" + "0" * 64):
        page = client.get(address).text
        assert "0 cloud calls" in page, address
        assert "12 May 2024" in page
        assert "alarm" not in page


def test_a_stopped_call_shows_at_once(client: TestClient, egress: Egress) -> None:
    assert client.get("/api/v1/status").json()["cloud_calls"] == {
        "stopped": 0,
        "since": "2024-05-12T12:00:00+00:00",
    }
    egress.count("A test stopped a call to nowhere", "nowhere")
    assert client.get("/api/v1/status").json()["cloud_calls"]["stopped"] == 1
    page = client.get("/").text
    assert "1 cloud call stopped" in page
    assert "1 call was stopped since" in page


def test_without_a_guard_nothing_is_claimed(client: TestClient, egress: Egress) -> None:
    assert isinstance(client.app, FastAPI)
    client.app.state.egress = None
    assert client.get("/api/v1/status").json()["cloud_calls"] is None
    assert "cloud calls" not in client.get("/").text
