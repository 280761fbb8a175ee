"""The map in a browser. Where it has no WebGL, the drawn map does the same by links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.chromium import program
from tests.web.pages.site import WIDE, Site, visiting

LISBON, PORTO, SUVA = (38.7139, -9.1394), (41.1496, -8.611), (-18.1416, 178.4419)
_SOFTWARE = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")

_NO_WEBGL = """const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    return kind === "webgl2" ? null : getContext.call(this, kind, ...more);
};"""


@pytest.fixture
def travelled(site: Site) -> Site:
    """Two photos in Lisbon, one in Porto, one in Fiji."""
    for place in (LISBON, (LISBON[0] + 0.001, LISBON[1]), PORTO, SUVA):
        site.photo(at="2024-05-12 09:41:00", place=place)
    site.work()
    return site


def test_a_map_without_photos_says_how_they_come_there(
    page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/map")
    expect(page.get_by_role("heading", name="No photo says where it was taken")).to_be_visible()
    axe(page)


def test_without_scripts_clusters_lead_closer_and_to_the_photo(
    travelled: Site, plain: Page
) -> None:
    plain.goto("/map")
    expect(plain.get_by_role("heading", name="4 photos here")).to_be_visible()
    plain.get_by_role("link", name="3 photos").click()
    expect(plain.get_by_role("heading", name="3 photos here")).to_be_visible()
    plain.get_by_role("link", name="2 photos").click()
    expect(plain.get_by_role("heading", name="2 photos here")).to_be_visible()
    plain.go_back()
    plain.get_by_role("link", name="1 photo", exact=True).click()
    expect(plain).to_have_url(re.compile("/assets/"))


def test_a_query_narrows_the_map_and_a_wrong_one_says_why(travelled: Site, plain: Page) -> None:
    plain.goto("/map")
    plain.get_by_role("searchbox", name="Which photos the map shows").fill("place:porto")
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", name="1 photo here")).to_be_visible()
    plain.goto("/map?q=plce:porto")
    expect(plain.get_by_text("There is no filter plce:")).to_be_visible()


def test_the_drawn_map_is_walked_by_keyboard_on_a_phone_without_webgl(
    travelled: Site, phone: Page, axe: Callable[..., None]
) -> None:
    phone.add_init_script(_NO_WEBGL)
    phone.goto("/map")
    cluster = phone.locator(".world a").last
    cluster.focus()
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(re.compile("within="))
    expect(phone.get_by_role("heading", name="3 photos here")).to_be_visible()
    axe(phone)


@pytest.fixture
def moving(chromium: Browser, travelled: Site) -> Iterator[Page]:
    """A browser that has WebGL, if only in software."""
    browser = chromium.browser_type.launch(executable_path=program(), args=list(_SOFTWARE))
    with visiting(browser, travelled, WIDE) as page:
        page.goto("/map")
        if not page.evaluate("!!document.createElement('canvas').getContext('webgl2')"):
            pytest.skip("this machine's Chromium has no WebGL, not even in software")
        yield page
    browser.close()


@pytest.mark.slow
def test_with_webgl_a_cluster_opens_into_its_photos_and_the_address_remembers_where(
    moving: Page,
) -> None:
    page = moving
    page.set_default_timeout(60_000)
    three: Any = page.locator(".spot", has_text="3")
    three.wait_for()
    expect(page.locator(".maplibregl-canvas")).to_be_visible()
    three.focus()
    page.keyboard.press("Enter")
    page.locator(".spot", has_text="2").wait_for()
    expect(page.get_by_role("heading", name="3 photos here")).to_be_visible()
    where = page.url
    assert "#" in where
    page.get_by_role("link", name="1 photo", exact=True).first.click()
    page.wait_for_url("**/assets/**")
    page.go_back()
    expect(page).to_have_url(where)
    expect(page.get_by_role("heading", name="3 photos here")).to_be_visible()
