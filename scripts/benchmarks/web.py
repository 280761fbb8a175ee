"""The pages in a browser over 200,000 assets, one day of them with 70,000: what is painted when,
what the page's thread does meanwhile, how much is asked for, how long the box takes to answer."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from albums.identity.local import COOKIE
from scripts.benchmarks.box import Box, serving
from scripts.benchmarks.table import Row, spread
from scripts.benchmarks.web_library import HEAVY_DAY, web_library

COUNT = 200_000
STATIC = Path(__file__).parents[2] / "albums/web/static"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-proxy-server")
_PROGRAMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
_ROUNDS = 5
_ASKED = 40  # requests for each address
_YEARS = range(2008, 2026, 2)
_PAGES = (
    "/", "/?at=2016-05", "/search/?q=year:2020", "/search/?q=type:video", "/search/?q=dog",
    "/search/?q=dog+on+a+beach", "/collections/", "/cameras/", "/cameras/Nikon%20D850", "/lenses/",
    "/tags/", "/tags/dog", "/cities/", "/years/", "/years/2019", "/people/", "/memories", "/random",
    "/map", "/manage/", "/duplicates/", "/rules/", "/imports/", "/dashboard/", "/trash/", "/audit/",
    "/settings/", "/devices/", "/models/",
)  # fmt: skip
_API = (
    "/api/v1/timeline/days",
    "/api/v1/timeline/2016-01-01..2016-01-08",
    f"/api/v1/timeline/{HEAVY_DAY}?offset=60000&limit=240",
)
# In the page: the photos in view, when they are all painted, and its longest task.
_WATCH = """
    const longest = (window.longest = { ms: 0 });
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest.ms = Math.max(longest.ms, duration);
    }).observe({ type: "longtask", buffered: true });
    window.inView = () => [...document.querySelectorAll(".photos.laid li[data-sha]")].filter(
        (li) => {
            const { top, bottom } = li.getBoundingClientRect();
            return bottom > 70 && top < innerHeight;
        });
    window.painted = () => {
        const shown = inView().map((li) => li.querySelector("img"));
        return shown.length > 3 && shown.every((image) => image?.complete && image.naturalWidth);
    };
    window.untilPainted = (right = () => true) => new Promise((done) => {
        const look = () => right() && painted()
            ? requestAnimationFrame(() => done(performance.now()))
            : requestAnimationFrame(look);
        look();
    });
    window.firstPainted = new Promise((done) =>
        addEventListener("DOMContentLoaded", () => untilPainted().then(done)));
"""
_JUMP = """async (key) => {
    const began = performance.now();
    location.hash = key;
    const heading = () => document.querySelector(`.photos time[datetime^="${key}"]`);
    return (await untilPainted(heading)) - began;
}"""
_DRAWN = "[...document.querySelectorAll('.photos li')].map((li) => li.dataset.sha)"
_ROWS = """() => inView().map((li) => Math.round(li.getBoundingClientRect().top + scrollY))"""


def run(scratch: Path, count: int = COUNT) -> list[Row]:
    """Rows for README."""
    folder = web_library(scratch, count)
    with serving(folder, ALBUMS_EMBEDDER="basic", ALBUMS_CAPTIONER="basic") as box:
        box.ask(
            "POST", "/api/v1/work/pause"
        ).raise_for_status()  # there are no originals to work on
        rows = _served(box)
        with _browser() as browser:
            tab = _Tab(browser, box)
            rows += [*_first(tab), *_jumps(tab), *_heavy_day(tab), *_asked_for(tab), *_memory(tab)]
    return rows


@dataclass
class _Tab:
    browser: Browser
    box: Box

    @contextmanager
    def open(self) -> Iterator[tuple[BrowserContext, Page]]:
        """A new window with nothing in its cache."""
        context = self.browser.new_context(
            viewport={"width": 1440, "height": 900}, base_url=self.box.url
        )
        session = self.box.session["authorization"].removeprefix("Bearer ")
        context.add_cookies([{"name": COOKIE, "value": session, "url": self.box.url}])
        context.add_init_script(_WATCH)
        try:
            yield context, context.new_page()
        finally:
            context.close()


@contextmanager
def _browser() -> Iterator[Browser]:
    program = next(one for one in _PROGRAMS if Path(one).exists())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


def _first(tab: _Tab) -> list[Row]:
    cold, warm, deep = [], [], []
    for _ in range(_ROUNDS):
        with tab.open() as (_, page):
            cold.append(_painted(page, "/"))
            warm.append(_painted(page, "/"))
        with tab.open() as (_, page):
            deep.append(_painted(page, "/#2016-05"))
    return [
        Row("all photos in view painted, empty cache", spread(cold), "aim: 1,000 ms"),
        Row("the same, visited before", spread(warm), "aim: 300 ms"),
        Row("opened at May 2016, empty cache", spread(deep)),
    ]


def _painted(page: Page, path: str) -> float:
    page.goto("about:blank")
    page.goto(path)
    right = "() => !location.hash || document.querySelector('.photos time[datetime^=\"2016-05\"]')"
    if "#" in path:
        return float(page.evaluate(f"untilPainted({right})"))
    return float(page.evaluate("firstPainted"))


def _jumps(tab: _Tab) -> list[Row]:
    with tab.open() as (_, page):
        page.goto("/")
        page.wait_for_selector(".scrubber")
        times = [page.evaluate(_JUMP, str(year)) for year in _YEARS]
    return [Row("jump to a year until all in view is painted", _worst(times), "aim: 500 ms")]


def _heavy_day(tab: _Tab) -> list[Row]:
    """The longest task of the page's thread: on the clock, and without what others took of it."""
    with tab.open() as (_, page):
        page.goto(f"/#{HEAVY_DAY}")
        page.wait_for_selector(".scrubber")
        page.wait_for_timeout(1500)
        rows = []
        for how, far, step in (("at reading pace", 24_000, 240), ("all of it", 3_000_000, 9_000)):
            page.evaluate("longest.ms = 0")
            tab.browser.start_tracing(page=page, categories=["toplevel"])
            passed = _scroll(page, far, step, pause=16)
            own = _longest_ms(json.loads(tab.browser.stop_tracing()))
            rows.append(
                Row(
                    f"longest task in {HEAVY_DAY}, {how} ({passed:,} px)",
                    _task(page.evaluate("longest.ms")),
                    f"aim: 100 ms; {own:.0f} ms of the processor",
                )
            )
    return rows


def _longest_ms(trace: dict[str, Any]) -> float:
    """Processor time of the longest task of a page's thread."""
    events = trace["traceEvents"]
    pages = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks = [one["tdur"] for one in events if "tdur" in one and (one["pid"], one["tid"]) in pages]
    return max(tasks, default=0) / 1000


def _scroll(page: Page, far: int, step: int, pause: int) -> int:
    """By wheel; how far it went, in pixels."""
    page.mouse.move(600, 500)
    before = page.evaluate("scrollY")
    for _ in range(far // step):
        page.mouse.wheel(0, step)
        page.wait_for_timeout(pause)
    page.wait_for_timeout(500)
    return int(page.evaluate("scrollY") - before)


def _asked_for(tab: _Tab) -> list[Row]:
    with tab.open() as (_, page):
        asked: list[str] = []
        # What the page made itself out of an answer is no request.
        page.on(
            "request", lambda one: asked.append(one.url) if one.url.startswith("http") else None
        )
        page.goto("/")
        page.evaluate("firstPainted")
        whole = len(asked)
        rows = set(page.evaluate(_ROWS))
        for _ in range(60):
            page.mouse.move(600, 500)
            page.mouse.wheel(0, 450)
            page.wait_for_timeout(250)
            rows |= set(page.evaluate(_ROWS))
        photos = [url for url in asked if "/api/v1/" in url]
        script = _own_script(page)
    share = len(asked) / len(rows)
    note = f"aim: 1.5; {len(asked)} for {len(rows)} rows, {whole} of them the page itself; "
    return [Row("requests a visible row, pictures included", f"{share:.2f}",
                note + f"{len(photos)} for photos"), script]  # fmt: skip


def _memory(tab: _Tab) -> list[Row]:
    with tab.open() as (context, page):
        page.goto("/")
        page.evaluate("firstPainted")
        seen: set[str] = set()
        while len(seen) < 20_000:
            page.mouse.move(600, 500)
            page.mouse.wheel(0, 1600)
            page.wait_for_timeout(30)
            seen |= set(page.evaluate(_DRAWN))
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        resident, own = _renderer_mb(tab.browser)
    note = (
        f"aim: 300 MB; {own:.0f} MB of it the tab's own, {metrics['JSHeapUsedSize'] / 1e6:.0f} MB "
        f"script, {metrics['Nodes']:.0f} nodes"
    )
    return [Row(f"memory of the tab after {len(seen):,} photos", f"{resident:.0f} MB", note)]


def _renderer_mb(browser: Browser) -> tuple[float, float]:
    """Resident memory of the largest renderer, and what of it is not shared with others."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    found = [_resident(one["id"]) for one in processes if one["type"] == "renderer"]
    return max(found)


def _resident(pid: int) -> tuple[float, float]:
    status = Path(f"/proc/{pid}/status").read_text()
    both = [re.search(rf"{name}:\s+(\d+)", status) for name in ("VmRSS", "RssAnon")]
    whole, own = (int(found.group(1)) / 1000 if found else 0.0 for found in both)
    return whole, own


def _served(box: Box) -> list[Row]:
    """What is not there (yet) is left out."""
    with box.client() as client:
        there = [path for path in (*_PAGES, *_API) if _answer(client, path) is not None]
        return [
            Row(f"server: {path}", spread(_times(client, path)), "aim: p95 50 ms") for path in there
        ]


def _answer(client: httpx.Client, path: str) -> float | None:
    """Milliseconds; None where there is nothing."""
    began = time.perf_counter()
    answer = client.get(path, follow_redirects=True)
    return (time.perf_counter() - began) * 1000 if answer.status_code == 200 else None


def _times(client: httpx.Client, path: str) -> list[float]:
    return [_answer(client, path) or 0.0 for _ in range(_ASKED)]


def _worst(times: list[float]) -> str:
    return f"{spread(times)}, worst {max(times):.0f} ms"


def _task(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds else "none above 50 ms"


def _own_script(page: Page) -> Row:
    """What one page loads, and all there is."""
    files = {path.name: path.read_bytes() for path in sorted(STATIC.glob("*.js"))}
    asked: list[str] = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)"
    )
    own = {name: files[name] for name in files if f"/static/{name}" in asked}
    return Row(
        "our own JavaScript that the timeline loads",
        _bytes(own),
        f"aim: 60 KB; all: {_bytes(files)}",
    )


def _bytes(files: dict[str, bytes]) -> str:
    plain = sum(map(len, files.values()))
    packed = sum(len(gzip.compress(content)) for content in files.values())
    return f"{plain / 1000:.1f} KB, {packed / 1000:.1f} KB as sent, in {len(files)} files"
