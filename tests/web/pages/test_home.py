"""The frame that all pages share, and the front page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.pages.site import Site


def test_an_empty_box_says_how_photos_come_in(page: Page, axe: Callable[..., None]) -> None:
    page.goto("/")
    expect(page.get_by_text("No photos yet")).to_be_visible()
    axe(page)


def test_the_front_page_shows_photos_also_without_scripts(site: Site, plain: Page) -> None:
    site.photos(3, at="2024-05-12 09:41:00")
    site.work()
    plain.goto("/")
    expect(plain.locator(".photos li")).to_have_count(3)
    plain.get_by_role("searchbox").fill("year:2024")
    plain.keyboard.press("Enter")
    expect(plain).to_have_url(f"{site.url}/search/?q=year%3A2024")
    expect(plain.locator(".photos li")).to_have_count(3)


def test_what_was_searched_on_the_front_page_is_found_on_the_search_page(
    site: Site, page: Page
) -> None:
    page.goto("/?q=year:2024")
    expect(page).to_have_url(f"{site.url}/search/?q=year%3A2024")


def test_every_page_is_reached_from_the_menu_on_a_phone(
    site: Site, phone: Page, axe: Callable[..., None]
) -> None:
    phone.goto("/")
    phone.get_by_role("button", name="More").click()
    expect(phone.get_by_role("link", name="Trash")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Trash").click()
    expect(phone).to_have_url(f"{site.url}/trash")
