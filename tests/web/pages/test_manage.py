"""The manager: narrowed by facets, changed after a preview, taken back; with scripts or without."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.pages.site import Site


def tagged(site: Site) -> int:
    with site.albums.library.read() as db:
        return int(db.execute("select count(*) from tags where tag = 'kept'").fetchone()[0])


def some(site: Site) -> None:
    site.photos(2, at="2024-05-12 09:41:00", camera="Canon EOS R5")
    site.photos(2, at="2022-05-12 09:41:00", camera="Nikon D850")
    site.work()


def test_a_query_is_narrowed_by_a_facet_changed_after_a_preview_and_taken_back(
    site: Site, page: Page, axe: Callable[..., None]
) -> None:
    some(site)
    page.goto("/manage/")
    expect(page.locator(".photos li")).to_have_count(4)
    axe(page)
    page.locator(".facets summary", has_text="Camera").click()
    page.get_by_role("link", name="Canon EOS R5 2").click()
    expect(page.locator(".photos li")).to_have_count(2)
    expect(page.get_by_role("link", name="Without camera")).to_be_visible()
    page.get_by_role("button", name="Select all 2").click()
    page.get_by_label("Add").fill("kept")
    page.get_by_role("button", name="Change tags").click()
    expect(page.get_by_role("heading", name="2 photos would be tagged kept")).to_be_visible()
    assert tagged(site) == 0
    axe(page)
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("status").filter(has_text="2 photos tagged kept.")).to_be_visible()
    assert tagged(site) == 2
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="2 photos are as before")).to_be_visible()
    assert tagged(site) == 0
    page.go_back()
    expect(page.locator(".photos li")).to_have_count(2)


def test_a_range_is_checked_and_changed_at_once(site: Site, page: Page) -> None:
    some(site)
    page.goto("/manage/")
    tiles = page.locator(".photos li label")
    tiles.nth(0).click()
    tiles.nth(2).click(modifiers=["Shift"])
    expect(page.locator(".change .count")).to_have_text("3 selected")
    page.keyboard.press("Control+a")
    tiles.nth(3).click()
    page.get_by_label("Show first what would change").uncheck()
    page.get_by_label("Add").fill("kept")
    page.get_by_role("button", name="Change tags").click()
    expect(page.get_by_role("status").filter(has_text="3 photos tagged kept.")).to_be_visible()
    assert tagged(site) == 3


def test_it_works_without_scripts(site: Site, plain: Page) -> None:
    some(site)
    plain.goto("/manage/?q=year:2024&facet=camera")
    expect(plain.get_by_role("link", name="Canon EOS R5 2")).to_be_visible()
    plain.locator(".photos input.pick").nth(1).check()
    plain.get_by_label("Add").fill("kept")
    plain.get_by_role("button", name="Change tags").click()
    plain.get_by_role("button", name="Do it").click()
    expect(plain.get_by_text("1 photo tagged kept.")).to_be_visible()
    assert tagged(site) == 1
    plain.get_by_role("button", name="Undo: tagged kept").click()
    assert tagged(site) == 0


def test_an_error_is_said_and_leads_back(site: Site, page: Page, axe: Callable[..., None]) -> None:
    some(site)
    page.goto("/manage/?q=fly:high")
    expect(page.get_by_role("alert")).to_contain_text("There is no filter fly:")
    page.goto("/manage/")
    page.get_by_role("button", name="Change tags").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is chosen")
    axe(page)
    page.get_by_role("link", name="Back to the photos").click()
    expect(page.locator(".photos li")).to_have_count(4)


def test_on_a_phone_the_form_opens_when_it_is_wanted(
    site: Site, phone: Page, axe: Callable[..., None]
) -> None:
    some(site)
    phone.goto("/manage/")
    expect(phone.get_by_role("button", name="Change tags")).to_be_hidden()
    phone.locator(".photos li label").nth(0).tap()
    phone.locator(".change summary").tap()
    expect(phone.get_by_role("button", name="Change tags")).to_be_visible()
    axe(phone)


def test_an_empty_box_says_so(page: Page) -> None:
    page.goto("/manage/")
    expect(page.get_by_text("Nothing is found here yet")).to_be_visible()
