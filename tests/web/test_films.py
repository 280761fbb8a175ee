"""A film in the grid and in the API: what stands for it, and that it moves when one looks at it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.arrivals import arrival_of
from tests.media.films import film, noise
from tests.web.chromium import PROGRAMS, Chromium, program
from tests.web.conftest import Local, Send

A_MINUTE_AND_A_HALF = 95


def worked(albums: Albums, client: TestClient, sha: str) -> None:
    """Until the steps that a film's page needs are closed."""
    albums.runner.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        rows = client.get(f"/api/v1/assets/{sha}").json()["work"]
        work = {row["step"]: row["state"] for row in rows}
        if {work["facts"], work["pictures"]} <= {"done", "skipped", "failed"}:
            return
        time.sleep(0.1)
    raise AssertionError(work)


def test_a_film_says_how_it_is_coded_and_moves(
    client: TestClient, albums: Albums, send: Send, tmp_path: Path
) -> None:
    path = film(tmp_path / "x.mp4", frames=A_MINUTE_AND_A_HALF, rate=1, paint=noise)
    sha = send(path.read_bytes(), "VID_1.mp4")
    preview = f"/api/v1/assets/{sha}/pictures/frames"
    assert "retry-after" in client.get(preview).headers
    worked(albums, client, sha)
    asset = client.get(f"/api/v1/assets/{sha}").json()
    assert asset["duration"] == asset["film"]["duration"] == A_MINUTE_AND_A_HALF
    assert asset["film"]["video_codec"] == "h264"
    moving = client.get(preview)
    assert moving.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(moving.content)).n_frames == 10  # type: ignore[attr-defined]
    grid = client.get("/").text
    assert f'data-sha="{sha}" data-kind="video"' in grid
    assert "1:35" in grid


def test_a_photo_does_not_move_and_says_so(
    client: TestClient, albums: Albums, send: Send, make_photo: Callable[..., bytes]
) -> None:
    sha = send(make_photo(1))
    worked(albums, client, sha)
    answer = client.get(f"/api/v1/assets/{sha}/pictures/frames")
    assert answer.status_code == 404
    assert "does not move" in answer.text
    assert client.get(f"/api/v1/assets/{sha}").json()["film"] is None
    assert "data-preview" not in client.get("/").text


_SHOWN = "document.querySelector('[data-preview]').currentSrc"


def _over(what: str) -> str:
    event = "new PointerEvent('pointerover', {bubbles: true, pointerType: 'mouse'})"
    return f"document.querySelector('{what}').dispatchEvent({event})"


@pytest.mark.skipif(program() is None, reason=f"none of {', '.join(PROGRAMS)} is installed")
def test_a_film_moves_while_the_pointer_or_the_focus_is_on_it(
    local: Local, browser: Chromium, tmp_path: Path
) -> None:
    content = film(tmp_path / "x.mp4", frames=30, paint=noise).read_bytes()
    local.albums.receiver.receive(arrival_of(content, "x.mp4"))
    local.albums.runner.start()
    assert local.albums.runner.wait_until_idle(60)
    browser.open(local.link())
    still = browser.run(_SHOWN)
    assert still.startswith("blob:")  # out of one answer with its neighbours
    for begin, end in (
        (_over("[data-preview]"), _over("body")),
        ("document.querySelector('main li a').focus()", "document.activeElement.blur()"),
    ):
        browser.run(begin)
        assert _becomes(browser, lambda shown: shown.endswith("/pictures/frames"))
        browser.run(end)
        assert _becomes(browser, lambda shown: shown == still)


def _becomes(browser: Chromium, expected: Callable[[str], bool]) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if expected(browser.run(_SHOWN)):
            return True
        time.sleep(0.05)
    return False


def test_the_page_of_a_film_says_how_it_is_coded(
    client: TestClient, albums: Albums, send: Send, tmp_path: Path
) -> None:
    path = film(tmp_path / "x.mp4", frames=A_MINUTE_AND_A_HALF, rate=1, sound=True)
    sha = send(path.read_bytes(), "VID_1.mp4")
    worked(albums, client, sha)
    page = client.get(f"/assets/{sha}").text
    assert "1:35, 1 frames a second, H264, sound in AAC, 0.0 Mbit/s" in page
