"""Memories: days of other years and trips, each of which opens as a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.web.pages.known import Place, known
from tests.web.pages.site import Site

DAY = date(2026, 5, 12)


HOME: Place = ("Hamburg", "Hamburg", "Germany", "DE", 53.55, 9.99)
LISBON: Place = ("Lisbon", "Lisbon", "Portugal", "PT", 38.71, -9.14)


@pytest.fixture
def remembered(site: Site) -> Site:
    """Two photos on one day and a screenshot, one in its week, many at home, a trip."""
    for day in ("2019-05-12", "2019-05-12", "2021-05-14"):
        known(site, day)
    known(site, "2019-05-12", tags=["screenshot"])
    for number in range(9, 16):
        known(site, f"2024-05-{number:02}", place=HOME)
    for number in (1, 1, 2, 2, 3, 3):
        known(site, f"2024-07-0{number}", place=LISBON)
    return site


def test_a_day_of_another_year_opens_with_what_is_worth_it(
    remembered: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto(f"/memories?on={DAY}")
    expect(page.get_by_role("heading", level=1)).to_have_text("12 May")
    axe(page)
    page.get_by_role("link", name="7 years ago 12 May 2019 · 2 photos").click()
    expect(page).to_have_url(f"{remembered.url}/memories/2019-05-12")
    expect(page.locator(".photos li[data-sha]")).to_have_count(2)
    axe(page)
    page.locator(".photos li[data-sha] a").first.click()
    expect(page).to_have_url(re.compile("q=on%3A2019-05-12"))  # the viewer goes on in it


def test_this_week_and_other_days_are_a_step_away(remembered: Site, phone: Page) -> None:
    phone.goto(f"/memories?on={DAY}")
    phone.get_by_role("link", name="All of these weeks").click()
    expect(phone.locator(".photos li[data-sha]")).to_have_count(3 + 7)
    phone.goto(f"/memories?on={DAY}")
    phone.get_by_role("link", name="13 May").click()
    expect(phone).to_have_url(f"{remembered.url}/memories?on={DAY + timedelta(days=1)}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("13 May")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_trip_is_named_and_opens_as_a_list(remembered: Site, page: Page) -> None:
    page.goto("/memories")
    page.get_by_role("link", name="Lisbon 1–3 July 2024 · 6 photos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lisbon")
    expect(page.locator(".photos li[data-sha]")).to_have_count(6)


def test_without_photos_the_page_says_what_will_be_there(
    page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/memories")
    expect(page.get_by_text("Trips appear here when photos know where")).to_be_visible()
    axe(page)
