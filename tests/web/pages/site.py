"""A box on loopback for tests of pages, and a browser that is strict with it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import piexif
from fastapi import FastAPI
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from albums.assembly import Albums
from albums.identity.local import entrance
from tests.arrivals import arrival_of

AXE = Path(__file__).parents[3] / "albums/web/front/node_modules/axe-core/axe.min.js"
WIDE, PHONE = (1440, 900), (390, 844)
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@dataclass(frozen=True)
class Site:
    """A box that serves an open library; nothing works on it unless `work` says so."""

    url: str
    app: FastAPI
    albums: Albums
    _made: list[int] = field(default_factory=list)

    def link(self) -> str:
        """Lets a browser in, once."""
        return entrance(self.url, self.app.state.sessions.link())

    def photo(
        self,
        name: str | None = None,
        *,
        at: str = "",
        camera: str = "",
        lens: str = "",
        place: tuple[float, float] | None = None,
        size: tuple[int, int] = (600, 400),
    ) -> str:
        """Brings a photo unlike all others; its SHA-256. `at`: "2024-05-12 09:41:00"; `place`:
        degrees north and east."""
        number = len(self._made)
        self._made.append(number)
        content = picture(number, size, exif(at, camera, lens, place))
        return self.bring(content, name or f"photo-{number}.jpg")

    def photos(self, count: int, **about: Any) -> list[str]:
        return [self.photo(**about) for _ in range(count)]

    def bring(self, content: bytes, name: str) -> str:
        return self.albums.receiver.receive(arrival_of(content, name)).sha

    def work(self) -> None:
        """The pipeline does all that is open."""
        self.albums.runner.start()
        assert self.albums.runner.wait_until_idle(60)


def picture(number: int, size: tuple[int, int], tags: bytes) -> bytes:
    """A JPEG with a sky, a ground and a sun, other for each number."""
    width, height = size
    colour = (number * 53 % 200, number * 97 % 200, 40 + number * 193 % 200)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste(colour, (0, height // 2, width, height))
    image.paste(
        (250, 220, number * 31 % 256), (number * 37 % width, 20, number * 37 % width + 60, 80)
    )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, exif=tags)
    return out.getvalue()


def exif(at: str, camera: str, lens: str, place: tuple[float, float] | None) -> bytes:
    zeroth: dict[int, Any] = {}
    details: dict[int, Any] = {}
    position: dict[int, Any] = {}
    if camera:
        make, _, model = camera.partition(" ")
        zeroth |= {piexif.ImageIFD.Make: make, piexif.ImageIFD.Model: model or make}
    if at:
        details[piexif.ExifIFD.DateTimeOriginal] = at.replace("-", ":")
    if lens:
        details[piexif.ExifIFD.LensModel] = lens
    if place:
        position = {
            piexif.GPSIFD.GPSLatitudeRef: "N" if place[0] >= 0 else "S",
            piexif.GPSIFD.GPSLatitude: _degrees(place[0]),
            piexif.GPSIFD.GPSLongitudeRef: "E" if place[1] >= 0 else "W",
            piexif.GPSIFD.GPSLongitude: _degrees(place[1]),
        }
    return bytes(piexif.dump({"0th": zeroth, "Exif": details, "GPS": position}))


def _degrees(value: float) -> tuple[tuple[int, int], ...]:
    return ((round(abs(value) * 1_000_000), 1_000_000), (0, 1), (0, 1))


@contextmanager
def visiting(browser: Browser, site: Site, size: tuple[int, int], **options: Any) -> Iterator[Page]:
    """A page of the owner's browser. At the end it must not have complained, nor asked anybody
    but the box; answers 4xx are what a test asked for."""
    width, height = size
    with closing(browser.new_context()) as entering:
        entering.new_page().goto(site.link())
        entered: Any = entering.storage_state()
    context = browser.new_context(
        viewport={"width": width, "height": height},
        base_url=site.url,
        storage_state=entered,
        **options,
    )
    complaints: list[str] = []
    asked: list[str] = []
    page = _watched(context, complaints, asked)
    try:
        yield page
    finally:
        context.close()
    elsewhere = [url for url in asked if not url.startswith((site.url, "data:", "blob:"))]
    assert not elsewhere, elsewhere
    assert not complaints, complaints


def _watched(context: BrowserContext, complaints: list[str], asked: list[str]) -> Page:
    def printed(message: Any) -> None:
        if message.type in ("error", "warning", "assert") and "status of 4" not in message.text:
            complaints.append(message.text)

    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", printed)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    return page


def expect_accessible(page: Page, *, leave_out: Sequence[str] = ()) -> None:
    """axe-core finds nothing serious on this page, in both themes. `leave_out`: selectors."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found = _axe(page, leave_out)
        said = [f"{theme}: {one['id']}: {one['nodes'][0]['target']} {one['help']}" for one in found]
        assert not said, said


def _axe(page: Page, leave_out: Sequence[str]) -> list[dict[str, Any]]:
    page.evaluate(AXE.read_text())  # by the debugger: our policy lets no page do that
    outcome = page.evaluate(
        "([rules, out]) => axe.run({exclude: out}, {runOnly: {type: 'tag', values: rules}})",
        [list(_RULES), [[selector] for selector in leave_out]],
    )
    return [one for one in outcome["violations"] if one["impact"] in ("serious", "critical")]
