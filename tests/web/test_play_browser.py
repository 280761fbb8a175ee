"""In a real browser: films play in the page, and so does what moves in a photo."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ingest.steps.test_companions import ID, still
from tests.ingest.steps.test_companions import film as by_boxes
from tests.media import motion_photos as made
from tests.media.films import film
from tests.media.sounds import sounding
from tests.web.chromium import Chromium
from tests.web.conftest import Local, new_session
from tests.web.test_browser import complaints
from tests.web.test_play import work

pytestmark = pytest.mark.slow
_PLAYING = """(() => { const film = document.querySelector('video');
  return film && [film.currentTime, film.videoWidth, film.videoHeight, film.error?.message ?? '',
                  film.muted] })()"""


def send(local: Local, path: Path, name: str = "") -> str:
    headers = {"authorization": f"Bearer {new_session(local.app)}"}
    with httpx.Client(base_url=local.url, headers=headers, timeout=60) as client:
        files = {"file": (name or path.name, io.BytesIO(path.read_bytes()))}
        return str(client.post("/ingest", files=files).json()["sha"])


def click(browser: Chromium, selector: str) -> None:
    """As a hand does it: a browser lets only that start sound."""
    place = f"""(() => {{ const it = document.querySelector({selector!r});
        it.scrollIntoView({{block: 'center'}}); const box = it.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2] }})()"""
    x, y = browser.run(place)
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        browser.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def playing(browser: Chromium) -> list[Any]:
    """Time, width, height, trouble and silence of the film on the page, once it has moved on."""
    deadline = time.monotonic() + 20
    found = None
    while time.monotonic() < deadline:
        found = browser.run(_PLAYING)
        if found and (found[0] > 0.2 or found[3]):
            return list(found)
        time.sleep(0.1)
    raise AssertionError(f"the film does not move: {found}")


def play(browser: Chromium) -> list[Any]:
    browser.run("(() => { const f = document.querySelector('video'); f.muted = true; f.play() })()")
    return playing(browser)


FILMS: dict[str, Callable[[Path], Path]] = {
    "h264.mp4": lambda path: film(path, "libx264", sound=True),
    "h264.mov": lambda path: sounding(path, "aac"),
    "hevc.mp4": lambda path: film(path, "libx265", sound=True),
    "turned.mp4": lambda path: film(path, "libx265", turn=(90, False, False)),
    "old.avi": lambda path: sounding(path, "libmp3lame", pictures="mpeg4"),
    "film.mkv": lambda path: sounding(path, "ac3", rate=48_000, layout="stereo"),
    "pcm.mov": lambda path: sounding(path, "pcm_s16le"),
}


def test_films_of_all_kinds_play_in_the_page(
    local: Local, browser: Chromium, tmp_path: Path
) -> None:
    shas = {name: send(local, make(tmp_path / name)) for name, make in FILMS.items()}
    work(local.albums)
    browser.open(local.link())
    for name, sha in shas.items():
        browser.open(f"{local.url}/assets/{sha}")
        _, width, height, trouble, _ = play(browser)
        size = (64, 96) if name == "turned.mp4" else (96, 64)
        assert (width, height, trouble) == (*size, ""), name
        assert browser.run("document.querySelector('video').src").endswith("/play")
    assert complaints(browser.seen) == []


def test_a_film_that_is_being_made_starts_by_itself_when_it_is_there(
    local: Local, browser: Chromium, tmp_path: Path
) -> None:
    sha = send(local, film(tmp_path / "a.mov", "libx265"))
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{sha}")
    assert "is being made" in browser.run("document.querySelector('.player').innerText")
    assert browser.run("document.querySelector('video').checkVisibility()") is False
    work(local.albums)
    deadline = time.monotonic() + 20
    while not browser.run("document.querySelector('video').checkVisibility()"):
        assert time.monotonic() < deadline, browser.run("document.body.innerText")
        time.sleep(0.2)
    assert play(browser)[1] == 96
    assert "being made" not in browser.run("document.querySelector('.player').innerText")


def test_the_moving_part_plays_over_the_photo_and_goes_again(
    local: Local, browser: Chromium, tmp_path: Path
) -> None:
    clip = film(tmp_path / "a.mp4", "libx265", frames=30, sound=True).read_bytes()
    photo = tmp_path / "PXL.MP.jpg"
    photo.write_bytes(made.motion_photo(clip))
    sha = send(local, photo)
    work(local.albums, "pictures")
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{sha}")
    assert browser.run("document.querySelector('.moving button').innerText").strip() == "Motion"
    click(browser, ".moving button")
    _, width, _, trouble, muted = playing(browser)
    assert (width, trouble, muted) == (96, "", False)
    pressed = "document.querySelector('.moving button').getAttribute('aria-pressed')"
    assert browser.run(pressed) == "true"
    deadline = time.monotonic() + 15
    while browser.run("document.querySelector('video') !== null"):
        assert time.monotonic() < deadline, "it plays on after its end"
        time.sleep(0.1)
    assert browser.run(pressed) == "false"
    assert complaints(browser.seen) == []


def with_identifier(film: bytes, content_id: str) -> bytes:
    """As a phone writes it at the end of the film's head, which here is the end of the file."""
    written = by_boxes(content_id)
    meta = written[written.rindex(b"meta") - 4 :]
    head = film.rindex(b"moov") - 4
    size = int.from_bytes(film[head : head + 4], "big") + len(meta)
    return film[:head] + size.to_bytes(4, "big") + film[head + 4 :] + meta


def test_a_live_photo_plays_its_film_in_the_page_and_both_come_back_equal(
    local: Local, browser: Chromium, tmp_path: Path
) -> None:
    clip = film(tmp_path / "IMG_1.MOV", "libx265", frames=30, container="mov")
    clip.write_bytes(with_identifier(clip.read_bytes(), ID))
    photo = tmp_path / "IMG_1.JPG"
    photo.write_bytes(still(ID))
    shas = [send(local, path) for path in (photo, clip)]
    work(local.albums, "pictures")
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{shas[0]}")
    assert browser.run("document.querySelector('.moving button').innerText").strip() == "Live"
    click(browser, ".moving button")
    _, width, height, trouble, _ = playing(browser)
    assert (width, height, trouble) == (96, 64, "")
    headers = {"authorization": f"Bearer {new_session(local.app)}"}
    with httpx.Client(base_url=f"{local.url}/api/v1/assets/{shas[0]}", headers=headers) as client:
        assert client.get("/moving").content == clip.read_bytes()
        assert client.get("/still").content == photo.read_bytes()


def test_a_film_that_no_browser_will_play_says_so_and_can_be_saved(
    local: Local, browser: Chromium, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4", "libx265")
    path.write_bytes(path.read_bytes()[:400])
    sha = send(local, path)
    work(local.albums)
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{sha}")
    assert "does not play in browsers" in browser.run("document.querySelector('.player').innerText")
    assert browser.run("document.querySelector('.player a[download]').href").endswith("/original")
