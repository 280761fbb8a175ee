"""Photos are selected wherever they are listed, changed together, and it is undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from albums.library.collections import members
from albums.library.tags import tags_of
from tests.web.pages.site import Site


@pytest.fixture
def shas(site: Site) -> list[str]:
    """Newest first, as they are shown."""
    found = [site.photo(at=f"2024-05-12 09:4{n}:00") for n in range(6)]
    site.work()
    return found[::-1]


def opened(page: Page, path: str = "/") -> Any:
    page.goto(path)
    expect(page.locator(".photos.laid li .pick")).to_have_count(6)
    return page.locator(".photos li[data-sha]")


def says(page: Page, many: int) -> None:
    bar = page.locator(".selection")
    if many:
        expect(bar.locator(".count")).to_have_text(f"{many} selected")
    else:
        expect(bar).to_be_hidden()


def rows(site: Site, column: str) -> dict[str, Any]:
    with site.albums.library.read() as db:
        return dict(db.execute(f"select sha, {column} from assets").fetchall())


def test_a_range_is_thrown_away_and_comes_back_by_undo(
    site: Site, page: Page, shas: list[str], axe: Callable[..., None]
) -> None:
    tiles = opened(page)
    tiles.nth(0).hover()
    tiles.nth(0).locator(".pick").click()
    tiles.nth(2).click(modifiers=["Shift"])
    says(page, 3)
    expect(tiles.nth(1).locator(".pick")).to_have_attribute("aria-pressed", "true")
    tiles.nth(1).click()
    says(page, 2)
    axe(page)
    page.get_by_role("button", name="Trash", exact=True).click()
    expect(
        page.get_by_role("status").filter(has_text="2 photos put into the trash")
    ).to_be_visible()
    expect(page.locator(".photos li[data-sha]")).to_have_count(4)
    assert {sha for sha, at in rows(site, "trashed_at").items() if at} == {shas[0], shas[2]}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".photos li[data-sha]")).to_have_count(6)
    assert not any(rows(site, "trashed_at").values())


def test_keys_select_one_all_and_none(page: Page, shas: list[str]) -> None:
    tiles = opened(page)
    tiles.nth(1).locator("a").focus()
    page.keyboard.press("x")
    says(page, 1)
    page.keyboard.press("x")
    says(page, 0)
    page.keyboard.press("Control+a")
    says(page, 6)
    tiles.nth(3).click()
    says(page, 5)
    page.keyboard.press("Escape")
    says(page, 0)
    tiles.nth(1).click()
    expect(page).to_have_url(f"{page.url.split('/assets')[0]}/assets/{shas[1]}")


def test_all_of_a_query_but_one_are_tagged_by_the_query(
    site: Site, page: Page, shas: list[str]
) -> None:
    tiles = opened(page, "/search/?q=year:2024")
    tiles.nth(0).hover()
    tiles.nth(0).locator(".pick").click()
    page.get_by_role("button", name="Select all 6").click()
    tiles.nth(5).click()
    says(page, 5)
    page.get_by_role("button", name="Tags").click()
    page.get_by_role("textbox", name="Add").fill("Beach, holiday")
    page.get_by_role("button", name="Change tags").click()
    expect(page.locator(".toast")).to_contain_text("5 photos tagged beach, holiday")
    with site.albums.library.read() as db:
        row = db.execute("select asset_id, count(*) from tags where tag = 'beach'").fetchone()
        (left,) = db.execute("select id from assets where sha = ?", (shas[5],)).fetchall()
        assert row[1] == 5
        assert "beach" not in [tag["tag"] for tag in tags_of(db, left["id"])]


def test_a_rectangle_selects_what_it_touches(page: Page, shas: list[str]) -> None:
    tiles = opened(page)
    first, third = (tiles.nth(n).bounding_box() for n in (0, 2))
    page.mouse.move(first["x"] + first["width"] - 30, first["y"] + 60)
    page.mouse.down()
    page.mouse.move(third["x"] + 10, third["y"] + 90, steps=5)
    expect(page.locator(".lasso")).to_be_visible()
    page.mouse.up()
    says(page, 3)
    expect(page.locator(".lasso")).to_have_count(0)
    assert "/assets/" not in page.url


def test_selected_photos_are_dropped_onto_a_collection(
    site: Site, page: Page, shas: list[str]
) -> None:
    with site.albums.library.write() as db:
        db.execute("insert into collections (name, created_at) values ('Lisbon', '2024-01-01')")
    tiles = opened(page)
    tiles.nth(0).hover()
    tiles.nth(0).locator(".pick").click()
    tiles.nth(1).click()
    page.get_by_role("button", name="Collection", exact=True).click()
    expect(page.get_by_role("button", name="Lisbon")).to_be_visible()
    page.keyboard.press("Escape")
    box = tiles.nth(1).bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 120, steps=4)
    target = page.get_by_role("button", name="Lisbon").bounding_box()
    assert target
    page.mouse.move(target["x"] + 20, target["y"] + 10, steps=4)
    page.mouse.up()
    expect(page.locator(".toast")).to_contain_text("2 photos added to “Lisbon”")
    with site.albums.library.read() as db:
        assert members(db, "Lisbon") == [shas[1], shas[0]]


def test_a_long_press_selects_on_a_phone(
    phone: Page, shas: list[str], axe: Callable[..., None]
) -> None:
    opened(phone)
    phone.evaluate(
        """() => {
            const li = document.querySelector(".photos li[data-sha]");
            const about = {bubbles: true, cancelable: true, pointerType: "touch", button: 0};
            li.querySelector("a").dispatchEvent(new PointerEvent("pointerdown", about));
        }"""
    )
    says(phone, 1)
    phone.evaluate("document.querySelector('.photos li a').click()")  # as the finger is lifted
    says(phone, 1)
    phone.locator(".photos li[data-sha]").nth(1).tap()
    says(phone, 2)
    axe(phone)
    phone.get_by_role("button", name="Select none").tap()
    says(phone, 0)


def test_what_goes_wrong_is_said_and_the_selection_stays(page: Page, shas: list[str]) -> None:
    tiles = opened(page)
    tiles.nth(0).hover()
    tiles.nth(0).locator(".pick").click()
    page.locator(".selection").get_by_role("button", name="More").click()
    page.get_by_role("textbox", name="Place").fill("Atlantis")
    page.get_by_role("button", name="Set").click()
    expect(page.locator(".toast.bad")).to_contain_text("No photo of yours is from 'Atlantis'")
    says(page, 1)
