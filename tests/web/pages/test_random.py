"""The shuffle: another order each time, the same one for the same address."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.pages.known import known
from tests.web.pages.site import Site


def shown(page: Page) -> list[str]:
    tiles = page.locator(".photos li[data-sha]")
    return [tile.get_attribute("data-sha") or "" for tile in tiles.all()]


def test_a_shuffle_stays_as_it_is_until_it_is_shuffled_again(
    site: Site, page: Page, axe: Callable[..., None]
) -> None:
    shas = [known(site, "2024-05-12") for _ in range(12)]
    page.goto("/random")
    first, order = page.url, shown(page)
    assert "seed=" in first
    assert sorted(order) == sorted(shas)
    assert order not in (shas, shas[::-1])
    axe(page)
    page.reload()
    assert shown(page) == order
    page.get_by_role("link", name="Shuffle again").first.click()
    expect(page).not_to_have_url(first)
    assert shown(page) != order
    page.go_back()
    expect(page).to_have_url(first)
    assert shown(page) == order


def test_the_viewer_goes_on_in_the_order_of_the_shuffle(site: Site, page: Page) -> None:
    for _ in range(5):
        known(site, "2024-05-12")
    page.goto("/random?seed=5")
    order = shown(page)
    page.locator(".photos li[data-sha] a").first.click()
    expect(page).to_have_url(re.compile(order[0]))
    page.locator("a[rel=next]").first.click()
    expect(page).to_have_url(re.compile(order[1]))


def test_without_scripts_there_are_photos_too_and_without_photos_a_word(
    site: Site, plain: Page
) -> None:
    plain.goto("/random")
    expect(plain.get_by_text("Nothing to shuffle yet")).to_be_visible()
    for _ in range(3):
        known(site, "2024-05-12")
    plain.goto("/random?seed=9")
    assert len(shown(plain)) == 3
