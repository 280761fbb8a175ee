"""Collections in a browser: made, put in order by hand, filled by queries, also without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from albums.curate import collections as curate
from albums.search.find import Page as Part
from tests.curate.conftest import rooms_of
from tests.web.pages.site import Site


@pytest.fixture
def shas(site: Site) -> list[str]:
    """Five photos that nothing has looked at yet, in this order in the collection `Walk`."""
    shas = site.photos(5)
    curate.create(rooms_of(site.albums), "Walk")
    curate.add(rooms_of(site.albums), "Walk", shas)
    return shas


def order(page: Page) -> list[str]:
    tiles = page.locator(".arrange > li").all()
    return [tile.get_attribute("data-sha") or "" for tile in tiles]


def kept(site: Site, name: str) -> list[str]:
    results = site.app.state.ask.find(f'collection:"{name}" sort:hand', Part())
    return [asset["sha"] for asset in results.assets]


def test_a_collection_is_made_named_anew_and_deleted(
    site: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/collections/")
    axe(page)
    page.get_by_text("New collection").click()
    page.get_by_label("Name").fill("Rome")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("Nothing in it yet")).to_be_visible()
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Name").fill("Rome & Naples/2024?")
    page.get_by_label("Description").fill("With <b>Ana</b>")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Rome & Naples/2024?")).to_be_visible()
    expect(page.locator(".described")).to_have_text("With <b>Ana</b>")
    page.goto("/collections/Rome")  # a link to the old name
    expect(page).to_have_url(f"{site.url}/collections/Rome%20%26%20Naples%2F2024%3F")
    page.get_by_text("Edit", exact=True).click()
    page.get_by_role("button", name="Delete the collection").click()
    expect(page.get_by_text("No collections yet")).to_be_visible()


def test_a_photo_is_dragged_to_its_place(site: Site, page: Page, shas: list[str]) -> None:
    page.goto("/collections/Walk?arrange=1")
    assert order(page) == shas[::-1]  # newest first, as it is shown
    boxes = [tile.bounding_box() for tile in page.locator(".tile").all()]
    first, third = boxes[0], boxes[2]
    assert first
    assert third
    page.mouse.move(first["x"] + 40, first["y"] + 40)
    page.mouse.down()
    page.mouse.move(first["x"] + 60, first["y"] + 45, steps=2)
    page.mouse.move(third["x"] + 60, third["y"] + 40, steps=5)
    with page.expect_response("**/order"):
        page.mouse.up()
    wanted = [shas[3], shas[2], shas[4], shas[1], shas[0]]
    assert order(page) == wanted
    expect(page.get_by_role("status").first).to_have_text("Place 3 of 5")
    assert kept(site, "Walk") == wanted
    page.get_by_role("link", name="Done").click()
    expect(page.locator(".photos li").first).to_have_attribute("data-sha", wanted[0])


def test_a_photo_is_moved_with_the_keyboard(
    site: Site, page: Page, shas: list[str], axe: Callable[..., None]
) -> None:
    page.goto("/collections/Walk?arrange=1")
    axe(page)
    page.locator(".tile").first.focus()
    page.keyboard.press("ArrowRight")
    with page.expect_response("**/order"):
        page.keyboard.press("Alt+End")
    expect(page.get_by_role("status").first).to_have_text("Place 5 of 5")
    assert kept(site, "Walk") == [shas[4], shas[2], shas[1], shas[0], shas[3]]
    assert page.evaluate("document.activeElement.closest('li').dataset.sha") == shas[3]


def test_a_move_that_is_refused_says_so(site: Site, page: Page, shas: list[str]) -> None:
    page.goto("/collections/Walk?arrange=1")
    curate.delete(rooms_of(site.albums), "Walk")
    page.locator(".tile").first.focus()
    with page.expect_response("**/order"):
        page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_text("Not saved: There is no collection")).to_be_visible()


def test_without_scripts_buttons_move_take_out_and_choose_the_cover(
    site: Site, plain: Page, shas: list[str]
) -> None:
    site.work()  # a cover is a picture
    plain.goto("/collections/Walk?arrange=1")
    last = plain.locator(".arrange > li").last
    last.get_by_role("button", name="First").click()
    assert kept(site, "Walk") == [shas[0], *shas[:0:-1]]
    plain.locator(".arrange > li").first.get_by_role("button", name="Later").click()
    plain.locator(".arrange > li").nth(2).get_by_role("button", name="Make the cover").click()
    expect(plain.locator(".arrange > li").nth(2).get_by_text("Cover")).to_be_visible()
    plain.locator(".arrange > li").nth(3).get_by_role("button", name="Take out").click()
    assert kept(site, "Walk") == [shas[4], shas[0], shas[3], shas[1]]
    plain.goto("/collections/")
    expect(plain.locator(".cards img")).to_have_attribute(
        "src", f"/api/v1/assets/{shas[3]}/pictures/300"
    )


def test_a_smart_collection_is_edited_and_frozen(
    site: Site, phone: Page, shas: list[str], axe: Callable[..., None]
) -> None:
    curate.create(rooms_of(site.albums), "All", query="type:video")
    phone.goto("/collections/All")
    expect(phone.get_by_text("Nothing in it yet")).to_be_visible()
    phone.get_by_text("Edit", exact=True).click()
    phone.get_by_label("Its query").fill("type:photo")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator(".photos li")).to_have_count(5)
    axe(phone)
    phone.get_by_text("Edit", exact=True).click()
    phone.get_by_label("Its query").fill("collection:all")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("alert")).to_contain_text("All → All")
    phone.get_by_text("Edit", exact=True).click()
    phone.get_by_role("button", name="Freeze it").click()
    expect(phone.get_by_role("link", name="Arrange")).to_be_visible()
    assert set(kept(site, "All")) == set(shas)


def test_photos_that_are_dropped_on_a_card_are_put_into_it(
    site: Site, page: Page, shas: list[str]
) -> None:
    curate.create(rooms_of(site.albums), "New")
    page.goto("/collections/")
    page.evaluate(
        """sha => {
            const carried = new DataTransfer();
            carried.setData("application/x-albums-shas", JSON.stringify([sha]));
            const card = document.querySelector('[data-drop-collection="New"]');
            const about = {bubbles: true, cancelable: true, dataTransfer: carried};
            for (const type of ["dragover", "drop"]) card.dispatchEvent(new DragEvent(type, about));
        }""",
        shas[0],
    )
    expect(page.locator(".cards li", has_text="New").get_by_text("1 photo")).to_be_visible()


def test_a_collection_that_is_not_there_says_so(page: Page, axe: Callable[..., None]) -> None:
    page.goto("/collections/None")
    expect(page.get_by_text("There is no collection called 'None'")).to_be_visible()
    axe(page)
