"""The pages in a real browser: Chromium, driven by Playwright."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from albums.assembly import Albums
from albums.identity.access import Door
from albums.identity.doors import Doors, listen_tcp
from albums.web.app import create_app
from tests.web.chromium import PROGRAMS, program
from tests.web.conftest import serve
from tests.web.pages.site import AXE, PHONE, WIDE, Site, expect_accessible, visiting

expect.set_options(timeout=20_000)  # ms; a machine that has other things to do is no failure
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-proxy-server")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """No longer than a module: while Playwright runs, asyncio.run() cannot be used in its thread,
    and tests of other folders do."""
    found = program()
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(PROGRAMS)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def site(albums: Albums) -> Iterator[Site]:
    doors = Doors()
    with doors.add(Door.LOCAL, listen_tcp("127.0.0.1", 0)) as door:
        app = create_app(albums, doors)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        with serve(config, door):
            yield Site(f"http://127.0.0.1:{door.getsockname()[1]}", app, albums)


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A wide window, entered."""
    with visiting(chromium, site, WIDE) as page:
        yield page


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Page]:
    """A phone, entered."""
    with visiting(chromium, site, PHONE, has_touch=True, is_mobile=True) as page:
        yield page


@pytest.fixture
def plain(chromium: Browser, site: Site) -> Iterator[Page]:
    """A browser without JavaScript, entered."""
    with visiting(chromium, site, WIDE, java_script_enabled=False) as page:
        yield page


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)`: nothing serious, in both themes."""
    assert AXE.exists(), "axe-core is missing: scripts/front dev"
    return expect_accessible
