"""The site as an app: what may be kept on the device, and what never is."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.web.pages.site import Site

_REGISTER = """async () => {
    await navigator.serviceWorker.register("/service-worker.js");
    await navigator.serviceWorker.ready;
}"""
_KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const request of await (await caches.open(name)).keys()) found.push(request.url);
    return found;
}"""


def test_it_can_be_installed(site: Site, page: Page) -> None:
    page.goto("/")
    link = page.locator("link[rel=manifest]").get_attribute("href")
    assert link
    said = json.loads(page.request.get(f"{site.url}{link}").text())
    for icon in said["icons"]:
        assert page.request.get(f"{site.url}/static/{icon['src']}").ok
    assert page.request.get(f"{site.url}{said['start_url']}").ok
    touch = page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    assert page.request.get(f"{site.url}{touch}").ok


def test_over_plain_http_no_service_worker_is_there(site: Site, page: Page) -> None:
    page.goto("/")
    assert (
        page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    )


def test_a_device_keeps_static_files_and_no_photo_and_says_when_the_box_is_away(
    site: Site, page: Page
) -> None:
    sha = site.photo(at="2024-05-12 09:41:00")
    site.work()
    page.goto("/")
    page.evaluate(_REGISTER)
    page.goto(f"/assets/{sha}")
    page.goto("/")
    expect(page.locator(".photos li")).to_have_count(1)
    kept = page.evaluate(_KEPT)
    assert f"{site.url}/static/offline.html" in kept
    assert f"{site.url}/static/app.css" in kept
    assert [url for url in kept if not url.startswith(f"{site.url}/static/")] == []
    page.context.set_offline(True)
    page.goto("/map")
    expect(page.get_by_role("heading", name="Your box does not answer")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.locator(".photos li")).to_have_count(1)
