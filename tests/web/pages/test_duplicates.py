"""Copies side by side, merged with a key and undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.copies import find_copies
from tests.scenes import jpeg, scene
from tests.web.pages.site import Site

Axe = Callable[..., None]


@pytest.fixture
def copies(site: Site) -> list[str]:
    """Two near copies of one picture and two exact ones of another; most bytes first."""
    shas = [
        site.bring(jpeg(scene(2), 97), "beach.jpg"),
        site.bring(jpeg(scene(2), 92), "beach (1).jpg"),
        site.bring(jpeg(scene(1).resize((240, 180)), comment="longer"), "hill.jpg"),
        site.bring(jpeg(scene(1).resize((240, 180))), "hill (1).jpg"),
    ]
    find_copies(site.albums)
    return shas


def test_a_row_of_enters_deals_with_one_group_after_the_other(
    page: Page, copies: list[str], axe: Axe
) -> None:
    page.goto("/duplicates/")
    groups = page.locator(".group")
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("Nearly the same picture")
    expect(groups.first.locator("dt")).to_contain_text(["Size", "Name"])
    axe(page)
    page.keyboard.press("j")
    expect(page.get_by_role("radio", name="Keep beach.jpg")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Keep beach (1).jpg")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Merged 1 copy into beach (1).jpg")
    expect(page.get_by_role("radio", name="Keep hill.jpg")).to_be_focused()
    page.keyboard.press("n")
    expect(page.get_by_role("status").last).to_contain_text("Said that 2 are no duplicates")
    expect(groups).to_have_count(0)
    page.get_by_role("button", name="Undo").first.click()
    expect(groups).to_have_count(1)
    expect(groups.first).to_contain_text("beach (1).jpg")


def test_copies_are_compared_in_one_place(page: Page, copies: list[str], axe: Axe) -> None:
    page.goto("/duplicates/")
    page.locator(".look").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 of 2: beach.jpg")
    page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("2 of 2: beach (1).jpg")
    dialog.locator(".stage").click(position={"x": 300, "y": 200})
    expect(dialog.locator(".near")).to_have_count(1)
    axe(page)
    dialog.get_by_role("button", name="Keep this one").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("radio", name="Keep beach (1).jpg")).to_be_checked()


def test_exact_ones_are_merged_at_once_on_a_phone(
    phone: Page, copies: list[str], site: Site, axe: Axe
) -> None:
    phone.goto("/duplicates/")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("button", name="Merge all 1 exact copy").click()
    expect(phone.get_by_role("alertdialog")).to_contain_text("Merge 1 exact copy (")
    phone.get_by_role("button", name="Merge 1 copy").click()
    expect(phone.get_by_role("status").first).to_contain_text("Merged 1 copy into hill.jpg")
    expect(phone.locator(".group")).to_have_count(1)
    phone.go_back()
    expect(phone.get_by_role("heading", name="Duplicates")).to_be_visible()
    with site.albums.library.read() as db:
        [thrown] = db.execute("select sha from assets where trashed_at is not null").fetchall()
    assert thrown["sha"] == copies[3]


def test_what_went_away_meanwhile_is_said(page: Page, copies: list[str], site: Site) -> None:
    page.goto("/duplicates/")
    with site.albums.library.write() as db:
        db.execute("update assets set trashed_at = '2026-01-01' where sha = ?", (copies[1],))
    page.locator(".group").first.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("alert")).to_contain_text("beach (1).jpg is in the trash")


def test_where_there_are_none_it_says_so(phone: Page, axe: Axe) -> None:
    phone.goto("/duplicates/")
    expect(phone.get_by_text("No duplicates.")).to_be_visible()
    axe(phone)
