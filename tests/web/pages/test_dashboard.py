"""What the box says of itself: dashboard, audit log, models and settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.pages.site import Site

Axe = Callable[..., None]


def test_the_dashboard_counts_what_there_is_and_what_waits(
    site: Site, page: Page, axe: Axe
) -> None:
    site.photos(3, at="2024-05-12 09:41:00", camera="Nikon D850")
    page.goto("/dashboard/")
    expect(page.locator(".numbers li").first).to_have_text("3 photos")
    facts = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="facts"))
    expect(facts.locator("td").nth(2)).to_have_text("3")
    expect(
        page.get_by_text("0 cloud calls").or_(page.get_by_text("The box is at work"))
    ).not_to_have_count(0)
    site.work()
    expect(facts.locator("td").nth(0)).to_have_text("3")  # it looks again by itself
    axe(page)
    page.reload()
    expect(page.get_by_role("link", name="Nikon D850")).to_be_visible()
    expect(page.get_by_role("img", name="Photos and videos by the hour of the day")).to_be_visible()


def test_the_dashboard_of_an_empty_box_says_so(phone: Page, axe: Axe) -> None:
    phone.goto("/dashboard/")
    expect(phone.get_by_text("There is no backup yet")).to_be_visible()
    expect(phone.get_by_text("No times are known yet.")).to_be_visible()
    axe(phone)


def test_the_audit_log_tells_of_each_photo_and_is_checked(site: Site, page: Page, axe: Axe) -> None:
    first, _ = site.photo("beach.jpg"), site.photo("hill.jpg")
    page.goto("/audit")
    expect(page.get_by_role("row")).to_have_count(3)
    page.goto(f"/audit/?sha={first}")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("link", name="beach.jpg")).to_be_visible()
    page.get_by_role("button", name="Check all of it").click()
    expect(page.get_by_role("status")).to_contain_text("the log is whole")
    axe(page)


def test_a_log_that_was_altered_is_not_called_whole(site: Site, page: Page) -> None:
    site.photo("beach.jpg")
    with site.albums.library.write() as db:
        db.execute("update audit set actor = 'nobody' where id = 1")
    page.goto("/audit/?check=true")
    expect(page.get_by_role("status")).to_contain_text("Entry 1 was altered")


def test_a_model_is_chosen_and_the_re_index_is_followed(site: Site, page: Page, axe: Axe) -> None:
    site.photos(2)
    site.work()
    page.goto("/models/")
    expect(page.locator("#progress")).to_contain_text("has looked at all 2")
    axe(page)
    assert site.albums.shelf.space().startswith("basic")  # the only one that needs no download
    chosen = page.request.post("/models/use", form={"model": "basic"}, headers={"origin": site.url})
    assert "basic is used from now on" in chosen.text()


def test_a_model_that_is_not_here_cannot_be_chosen(site: Site, page: Page) -> None:
    page.goto("/models/")
    absent = page.locator(".model").filter(has_text="Not here").first
    expect(absent.get_by_role("button")).to_have_count(0)
    answer = page.request.post(
        "/models/use", form={"model": "no-such-model"}, headers={"origin": site.url}
    )
    assert answer.status == 422
    assert "no-such-model" in answer.text()


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_a_theme_is_kept_by_the_browser(page: Page, theme: str, axe: Axe) -> None:
    page.goto("/settings/")
    page.get_by_role("button", name=theme).click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme.lower())
    axe(page)
    page.goto("/dashboard/")
    expect(page.locator("html")).to_have_attribute("data-theme", theme.lower())


def test_settings_say_what_was_changed_and_where(site: Site, page: Page) -> None:
    page.goto("/settings/")
    expect(page.get_by_text("albums.toml")).to_be_visible()
    zone = page.locator("dt", has_text="time_zone")
    expect(zone.locator("+ dd")).to_contain_text("Europe/Lisbon changed")


def test_what_failed_is_found_from_the_dashboard(site: Site, page: Page) -> None:
    site.bring(b"\xff\xd8\xff\xe0 no picture", "broken.jpg")
    site.work()
    page.goto("/dashboard/")
    page.locator("#work a").first.click()
    expect(page.locator(".photos li")).to_have_count(1)
