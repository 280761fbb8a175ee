"""In a real browser: text lies over its picture, whatever size the picture is shown in."""

from __future__ import annotations

import pytest

from albums.ingest.steps.pictures import PicturesStep
from albums.library.assets import assets_by_id
from albums.library.texts import Line, Page, replace_pages
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.web.chromium import Chromium
from tests.web.conftest import Local

LINES = (
    Line("the boarding pass", (0.1, 0.2, 0.6, 0.26)),
    Line("upwards", (0.8, 0.3, 0.85, 0.7), turn=3),
    Line("downwards", (0.9, 0.3, 0.95, 0.7), turn=1),
    Line("on its head", (0.1, 0.8, 0.6, 0.86), turn=2),
)
# Of each line its box as fractions of the picture.
_PLACES = """(() => { const of = document.querySelector('figure img').getBoundingClientRect();
  return [...document.querySelectorAll('.lines p')].map((line) => {
    const box = line.getBoundingClientRect();
    return [(box.left - of.left) / of.width, (box.top - of.top) / of.height,
            (box.right - of.left) / of.width, (box.bottom - of.top) / of.height] }) })()"""
_COPIED = """(() => { const range = document.createRange();
  range.selectNodeContents(document.querySelector('.lines'));
  getSelection().removeAllRanges(); getSelection().addRange(range);
  return getSelection().toString().split('\\n').map((line) => line.trim()).filter(Boolean) })()"""


@pytest.fixture
def written(local: Local, make_photo: MakePhoto) -> str:
    albums = local.albums
    receipt = albums.receiver.receive(arrival_of(make_photo(1, (1200, 900)), "sign.jpg"))
    assert receipt.asset_id is not None
    with albums.library.read() as db:
        [asset] = assets_by_id(db, [receipt.asset_id])
    [outcome] = PicturesStep().run([asset], albums.tools)
    with albums.library.write() as db:
        outcome.write(db)  # type: ignore[union-attr]
        replace_pages(db, asset.id, "ocr", [Page(1, LINES)])
    return receipt.sha


def test_text_lies_where_it_is_written_and_follows_the_picture(
    local: Local, browser: Chromium, written: str
) -> None:
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{written}?q=boarding")
    for width in (1280, 700, 360):
        browser.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=800, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        browser.settle()
        browser.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        for line, place in zip(LINES, browser.run(_PLACES), strict=True):
            assert place == pytest.approx(line.box, abs=0.02), (width, line.text)
    assert browser.run("[...document.querySelectorAll('.lines mark')].map(m => m.textContent)") == [
        "boarding"
    ]
    assert browser.run(_COPIED) == [line.text for line in LINES]
