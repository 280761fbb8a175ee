"""A panorama is turned in a real browser: what stands in its middle changes."""

from __future__ import annotations

import base64
import io
import time

import pytest
from PIL import Image

from albums.assembly import Albums
from tests.arrivals import arrival_of
from tests.media.pictures import encoded, nearest
from tests.web.chromium import PROGRAMS, Chromium, program
from tests.web.conftest import Local
from tests.web.test_stills import SPHERE

pytestmark = pytest.mark.skipif(
    program() is None, reason=f"no browser: none of {', '.join(PROGRAMS)} is installed"
)

LEFT, AHEAD, RIGHT = 1, 2, 3  # quarters of the sphere, each of one of CORNERS' colours


def sphere() -> bytes:
    """Looked at from inside: blue ahead, green to the left, yellow to the right, red behind."""
    image = Image.new("RGB", (800, 400), (220, 30, 30))
    for left, colour in ((100, (30, 180, 40)), (300, (30, 40, 220)), (500, (230, 220, 40))):
        image.paste(colour, (left, 0, left + 200, 400))
    return encoded(image, "JPEG", quality=95, xmp=SPHERE)


def test_a_panorama_turns_by_keys_by_the_mouse_and_by_fingers(
    albums: Albums, local: Local, browser: Chromium
) -> None:
    sha = albums.receiver.receive(arrival_of(sphere(), "sphere.jpg")).sha
    steps = [step for step in albums.runner.steps if step.name in ("facts", "pictures")]
    while any([albums.runner._do_batch(step, False) for step in steps]):
        pass
    browser.open(local.link())
    browser.open(f"{local.url}/assets/{sha}")
    until(
        browser, "document.querySelector('.panorama canvas')?.dataset.shown?.endsWith('original')"
    )
    assert seen(browser) == AHEAD
    browser.run("document.querySelector('canvas').focus()")
    for _ in range(12):
        browser.tell("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight")
    assert seen(browser) == RIGHT
    browser.tell("Input.dispatchKeyEvent", type="keyDown", key="Home")
    assert seen(browser) == AHEAD
    wide = browser.run("document.querySelector('canvas').clientWidth")
    drag(browser, 100, 100 + round(wide * 0.9))
    assert seen(browser) == LEFT
    touch(browser, (30 + round(wide * 0.9), 300), (30, 300))
    assert seen(browser) == AHEAD
    before = shot(browser)
    pinch(browser)
    assert shot(browser) != before
    browser.run("document.querySelector('.turning button:last-child').click()")
    assert browser.run("document.querySelector('canvas').hidden")


def until(browser: Chromium, script: str) -> None:
    deadline = time.monotonic() + 20
    while not browser.run(script):
        assert time.monotonic() < deadline, script
        time.sleep(0.1)


def seen(browser: Chromium) -> int:
    """Which quarter stands in the middle of the canvas."""
    time.sleep(0.3)  # a frame of a busy machine
    picture = Image.open(io.BytesIO(shot(browser))).convert("RGB")
    x, y = browser.run(
        """(() => { const r = document.querySelector('canvas').getBoundingClientRect();
        return [r.x + r.width / 2, r.y + r.height / 3]; })()""",
    )
    return nearest(picture.getpixel((round(x), round(y))))


def shot(browser: Chromium) -> bytes:
    time.sleep(0.3)
    return base64.b64decode(browser.tell("Page.captureScreenshot", format="png")["data"])


def touch(browser: Chromium, start: tuple[int, int], end: tuple[int, int]) -> None:
    """One finger from start to end."""
    fingers(browser, "touchStart", start)
    for part in range(1, 11):
        x, y = (a + (b - a) * part // 10 for a, b in zip(start, end, strict=True))
        fingers(browser, "touchMove", (x, y))
    fingers(browser, "touchEnd")


def pinch(browser: Chromium) -> None:
    """Two fingers together: more of it is seen."""
    for kind, apart in (("touchStart", 160), ("touchMove", 60), ("touchMove", 20)):
        fingers(browser, kind, (300 - apart, 300), (300 + apart, 300))
    fingers(browser, "touchEnd")


def fingers(browser: Chromium, kind: str, *places: tuple[int, int]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    browser.tell("Input.dispatchTouchEvent", type=kind, touchPoints=points)


def drag(browser: Chromium, start: int, end: int) -> None:
    def mouse(kind: str, x: int) -> None:
        browser.tell("Input.dispatchMouseEvent", type=kind, x=x, y=300, button="left", clickCount=1)

    mouse("mousePressed", start)
    for x in range(start, end, 40):
        mouse("mouseMoved", x)
    mouse("mouseReleased", end)
