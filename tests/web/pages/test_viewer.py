"""The viewer: one photo, what comes before and after it, and what a person says of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from albums.curate.assets import edit
from albums.library.assets import asset_by_sha
from albums.library.detail import detail
from albums.web.request import rooms_for
from tests.web.pages.site import Site

Axe = Callable[..., None]


@pytest.fixture
def three(site: Site) -> list[str]:
    """Oldest first."""
    shas = [
        site.photo(
            f"IMG_{number}.jpg",
            at=f"2024-05-1{number} 09:41:00",
            camera="Nikon D850",
            place=(38.72, -9.14),
            size=(1200, 800),
        )
        for number in (1, 2, 3)
    ]
    looked_at(site)
    return shas


def looked_at(site: Site) -> None:
    """What the viewer shows is found out; what takes long is not."""
    runner = site.albums.runner
    for name in ("facts", "place", "pictures"):
        [step] = [step for step in runner.steps if step.name == name]
        while runner._do_batch(step, False):
            pass


def known(site: Site, sha: str) -> dict[str, object]:
    with site.albums.library.read() as db:
        return detail(db, site.albums.ledger, asset_by_sha(db, sha), site.albums.shelf.space())


def shown(page: Page, sha: str) -> None:
    """The picture of this asset is on the stage, loaded."""
    expect(page.locator(f'.viewer[data-sha="{sha}"] .frame img')).to_have_js_property(
        "complete", True
    )
    assert page.locator(".frame img").evaluate("image => image.naturalWidth") > 0


def test_arrows_go_through_the_list_and_back_returns_to_it(
    site: Site, page: Page, three: list[str], axe: Axe
) -> None:
    oldest, middle, newest = three
    page.goto("/")
    page.locator(f'a[href*="{newest}"]').first.click()
    shown(page, newest)
    axe(page)
    page.keyboard.press("ArrowRight")
    shown(page, middle)
    assert page.url == f"{site.url}/assets/{middle}"
    page.keyboard.press("j")
    shown(page, oldest)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#shown")).to_have_text("This is the last.")
    page.keyboard.press("ArrowLeft")
    shown(page, middle)
    page.go_back()
    expect(page).to_have_url(f"{site.url}/")


def test_a_query_is_the_list_that_is_walked(site: Site, page: Page, three: list[str]) -> None:
    oldest, middle, _ = three
    page.goto(f"/assets/{oldest}?q=sort:oldest")
    page.get_by_role("link", name="Next").click()
    shown(page, middle)
    assert page.url.endswith(f"/assets/{middle}?q=sort%3Aoldest")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/search/\?q=sort%3Aoldest"))


def test_keys_like_rate_inform_and_help(site: Site, page: Page, three: list[str]) -> None:
    page.goto(f"/assets/{three[0]}")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("4")
    expect(page.get_by_role("button", name="No stars")).to_have_attribute("aria-pressed", "true")
    assert known(site, three[0])["favourite"] is True
    assert known(site, three[0])["rating"] == 4
    page.keyboard.press("i")
    expect(page.locator("#info")).to_be_in_viewport()
    page.reload()
    expect(page.locator("#info")).to_be_in_viewport()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    page.keyboard.press("/")
    expect(page.locator(".seek input")).to_be_focused()
    page.keyboard.press("i")  # a letter now
    expect(page.locator("#info")).to_be_in_viewport()


def test_what_is_said_is_saved_in_place(site: Site, page: Page, three: list[str]) -> None:
    page.goto(f"/assets/{three[0]}?q=camera:nikon")
    info = page.locator("#info")
    info.get_by_text("title and caption").click()
    info.get_by_label("Title").fill("The old bridge")
    info.get_by_role("button", name="Save").first.click()
    expect(info.get_by_role("heading", level=1)).to_have_text("The old bridge")
    expect(info).to_contain_text("Your words")
    info.get_by_label("Add tags").fill("bridge, river")
    info.get_by_label("Add tags").press("Enter")
    expect(info.get_by_role("link", name="river")).to_be_visible()
    expect(info.get_by_label("Add tags")).to_be_focused()
    info.get_by_role("button", name="Take off bridge").click()
    expect(info.get_by_role("link", name="bridge")).to_have_count(0)
    info.get_by_text("where it was").click()
    info.get_by_label("A city, or degrees").fill("Porto")
    info.locator(".where").get_by_role("button", name="Save").click()
    expect(info).to_contain_text("41.149")
    assert page.url.endswith(f"/assets/{three[0]}?q=camera:nikon")


def test_a_place_that_is_none_is_said_so_and_nothing_changes(
    site: Site, page: Page, three: list[str]
) -> None:
    before = known(site, three[0])["location"]
    page.goto(f"/assets/{three[0]}")
    page.get_by_text("where it was").click()
    page.get_by_label("A city, or degrees").fill("Nowhere at all")
    page.locator(".where").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("No city is called 'Nowhere at all'")
    assert known(site, three[0])["location"] == before


def test_zooming_brings_the_original_and_goes_back(site: Site, page: Page) -> None:
    big = site.photo("big.jpg", at="2024-06-01 10:00:00", size=(4000, 3000))
    looked_at(site)
    page.goto(f"/assets/{big}")
    shown(page, big)
    wide = "document.querySelector('.frame img').getBoundingClientRect().width"
    small = page.evaluate(wide)
    page.keyboard.press("z")
    expect(page.locator(".frame img")).to_have_attribute("src", re.compile(r"/original$"))
    page.wait_for_function(f"small => {wide} > 1.9 * small", arg=small)
    page.keyboard.press("Escape")
    page.wait_for_function(f"small => {wide} == small", arg=small)
    assert page.url == f"{site.url}/assets/{big}"


def test_a_phone_swipes_and_has_room_for_thumbs(
    site: Site, phone: Page, three: list[str], axe: Axe
) -> None:
    phone.goto(f"/assets/{three[2]}")
    shown(phone, three[2])
    box = phone.locator(".frame img").bounding_box()
    assert box
    assert box["width"] == 390
    swipe(phone, 330, 60)
    shown(phone, three[1])
    swipe(phone, 60, 330)
    shown(phone, three[2])
    for target in phone.locator(".bar a:visible, .bar button:visible").all():
        size = target.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 44
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    axe(phone)


def swipe(page: Page, start: int, end: int) -> None:
    """One finger across the middle of the picture."""
    session = page.context.new_cdp_session(page)
    for part in range(6):
        kind = "touchMove" if part else "touchStart"
        point = {"x": start + (end - start) * part // 5, "y": 380}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_without_scripts_it_shows_leads_on_and_edits(
    site: Site, plain: Page, three: list[str]
) -> None:
    plain.goto(f"/assets/{three[2]}")
    plain.get_by_role("link", name="Next").click()
    assert plain.url.endswith(three[1])
    plain.get_by_role("button", name="Favourite").click()
    assert plain.url.endswith(f"/assets/{three[1]}#info")
    assert known(site, three[1])["favourite"] is True
    expect(plain.locator("#info")).to_contain_text("Nikon D850")


def test_what_is_thrown_away_gives_way_to_the_next(
    site: Site, page: Page, three: list[str]
) -> None:
    page.goto(f"/assets/{three[2]}")
    shown(page, three[2])
    page.keyboard.press("Delete")
    shown(page, three[1])
    assert known(site, three[2])["trashed_at"]
    page.goto(f"/assets/{three[2]}")
    expect(page.get_by_role("status").first).to_contain_text("In the trash since")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("button", name="Put into the trash")).to_be_visible()
    assert known(site, three[2])["trashed_at"] is None


def test_an_unknown_asset_is_a_page_that_says_so(page: Page) -> None:
    answer = page.goto(f"/assets/{'0' * 64}")
    assert answer
    assert answer.status == 404
    expect(page.get_by_text("There is no asset")).to_be_visible()


def test_the_words_of_a_search_say_why_it_is_here(site: Site, page: Page, three: list[str]) -> None:
    rooms = rooms_for(site.albums, "local://test")
    edit(rooms, three[1], {"description": "A heron by the river"})
    site.work()
    page.goto(f"/assets/{three[1]}?q=heron")
    expect(page.locator(".why-here")).to_contain_text("Found by “heron”: heron")
    expect(page.locator(".why-here")).to_contain_text("Came in")
