"""Searching in a browser: chips that suggest themselves, what was understood, mistakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from albums.curate import assets as curate
from tests.curate.conftest import rooms_of
from tests.web.pages.site import Site


@pytest.fixture
def shelf(site: Site) -> Site:
    """Four photos: two in Lisbon, a dog, two cameras, three years."""
    lisbon = (38.72, -9.14)
    site.photo(at="2019-05-12 09:41:00", place=lisbon, camera="Canon EOS R")
    site.photo(at="2020-05-12 09:41:00", place=lisbon, camera="Canon EOS R5")
    dog = site.photo(at="2020-06-12 09:41:00", camera="Canon EOS R5")
    site.photo(at="2021-06-12 09:41:00")
    curate.edit(rooms_of(site.albums), dog, {"description": "A dog on a beach"}, add=["dog"])
    site.work()
    return site


def test_filters_suggest_themselves_and_the_keyboard_takes_them(shelf: Site, page: Page) -> None:
    page.goto("/")
    box = page.get_by_role("combobox")
    box.click()
    expect(page.get_by_role("option").first).to_contain_text("place:")
    page.keyboard.type("lis")
    option = page.get_by_role("option", name="place:Lisbon")
    expect(option).to_contain_text("2")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    chosen = box.get_attribute("aria-activedescendant")
    assert option.get_attribute("id") == chosen
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("lis")
    page.keyboard.press("ArrowDown")
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{shelf.url}/search/?q=place%3ALisbon+")
    expect(page.locator(".photos li")).to_have_count(2)
    page.go_back()
    expect(page).to_have_url(f"{shelf.url}/")


def test_a_filter_is_taken_and_goes_on(shelf: Site, phone: Page, axe: Callable[..., None]) -> None:
    phone.goto("/search/")
    box = phone.get_by_role("combobox")
    box.click()
    box.press_sequentially("dog bef")
    phone.locator('[role=listbox][data-of="dog bef"]').wait_for()
    phone.get_by_role("option", name="before:").tap()
    expect(box).to_have_value("dog before:")
    phone.locator('[role=listbox][data-of="dog before:"]').wait_for()
    expect(phone.get_by_role("option", name="before:2021")).to_be_visible()
    axe(phone)
    phone.get_by_role("option", name="before:2021").tap()
    expect(phone.locator(".photos li")).to_have_count(1)


def test_what_was_understood_is_taken_away_part_by_part(shelf: Site, page: Page) -> None:
    page.goto("/search/?q=place:lisbon+year:2019")
    expect(page.locator(".photos li")).to_have_count(1)
    page.get_by_role("link", name="Without 2019").click()
    expect(page.locator(".photos li")).to_have_count(2)
    page.get_by_role("link", name="Oldest").click()
    expect(page).to_have_url(f"{shelf.url}/search/?q=place%3Alisbon+sort%3Aoldest")


def test_a_search_tells_why_and_where_good_matches_end(
    shelf: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/search/?q=dog")
    expect(page.get_by_text("No more good matches")).to_be_visible()
    expect(page.get_by_role("link", name="Only tag: dog")).to_be_visible()
    expect(page.locator(".why")).to_have_count(0)
    page.get_by_role("link", name="Why these").click()
    expect(page.locator(".why").first).to_contain_text("dog")
    axe(page)
    page.get_by_role("link", name="Show weaker matches").click()
    expect(page.get_by_text("weak matches too")).to_be_visible()


def test_mistakes_and_empty_answers_are_mended_by_a_click(
    shelf: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/search/?q=camra:r5")
    expect(page.get_by_role("alert")).to_contain_text("There is no filter camra:")
    axe(page)
    page.get_by_role("link", name="camera:r5", exact=True).click()
    expect(page.locator(".photos li")).to_have_count(2)
    # Where nothing is found, it says what to leave out.
    page.goto("/search/?q=year:1999+camera:r5")
    page.get_by_role("link", name="Without 1999 2").click()
    expect(page.locator(".photos li")).to_have_count(2)


def test_from_an_empty_box_to_a_collection(
    shelf: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/search/")
    axe(page)
    page.get_by_role("link", name="Lisbon").click()
    expect(page.locator(".photos li")).to_have_count(2)
    page.get_by_text("Save", exact=True).click()
    page.get_by_placeholder("Its name").fill("In Lisbon")
    page.get_by_role("button", name="Save as collection").click()
    expect(page).to_have_url(f"{shelf.url}/collections/In%20Lisbon")
    expect(page.locator(".photos li")).to_have_count(2)


def test_without_scripts_searching_works(shelf: Site, plain: Page) -> None:
    plain.goto("/search/")
    plain.get_by_role("searchbox").fill("camera:r5 2020")
    plain.keyboard.press("Enter")
    plain.get_by_role("link", name="Only 2020").click()
    expect(plain.locator(".photos li")).to_have_count(2)
