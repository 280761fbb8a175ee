"""The timeline in a browser: rows, headings, the way to any year, keys, back, and no scripts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.pages.site import Site

_PICTURES = "[...document.querySelectorAll('.photos li img')].every(i => i.naturalWidth > 0)"
_LISBON, _PORTO = (38.7223, -9.1393), (41.1496, -8.611)


def fill(site: Site, count: int, years: range = range(2010, 2024)) -> None:
    """`count` assets without files, a few a day, spread over the years."""
    days = [f"{year}-{month:02}-{day:02}" for year in years for month in (2, 7) for day in (3, 4)]
    with site.albums.library.write() as db:
        db.executemany(
            """insert into assets (sha, name, folder, extension, mime, kind, size, source, origin,
                   received_at, captured_at, captured_utc, day, width, height)
               values (printf('%064x', ?1), ?1 || '.jpg', '', '.jpg', 'image/jpeg', 'photo', 1,
                   'test', '', '2026-01-01', ?2 || 'T10:00:00+00:00',
                   strftime('%s', ?2) + 36000 - ?1, ?2, 4 + ?1 % 3, 3)""",
            [(number + 1, days[number % len(days)]) for number in range(count)],
        )


def until(page: Page, true: str) -> None:
    """Playwright's own way of waiting evaluates text in the page, which its policy forbids."""
    ends = time.monotonic() + 10
    while not page.evaluate(true):
        assert time.monotonic() < ends, true
        page.wait_for_timeout(30)


def shas(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        ".photos li", "all => all.map(li => li.dataset.sha)"
    )
    return found


def month(page: Page) -> str:
    return str(page.locator(".scrubber").get_attribute("aria-valuetext"))


def test_photos_stand_in_full_rows_in_their_proportions_under_days_and_places(
    site: Site, page: Page, axe: Callable[..., None]
) -> None:
    for size in ((600, 400), (300, 400), (400, 400), (800, 400), (600, 400), (300, 400)):
        site.photo(at="2024-05-12 09:41:00", size=size, place=_LISBON)
    for _ in range(4):
        site.photo(at="2024-05-11 08:00:00", place=_PORTO)
    site.work()
    page.goto("/")
    until(page, _PICTURES)
    expect(page.get_by_role("heading", name="May 2024")).to_be_visible()
    expect(page.locator("h3").first).to_have_text(re.compile("Sun 12 May.*Lisbon"))
    expect(page.locator("h3").nth(1)).to_have_text(re.compile("Sat 11 May.*Porto"))
    boxes: list[dict[str, Any]] = page.eval_on_selector_all(
        ".photos li a",
        """all => all.map(a => {
            const box = a.getBoundingClientRect(), image = a.querySelector("img");
            return {top: Math.round(box.top), left: box.left, right: box.right,
                    shown: box.width / box.height, real: image.naturalWidth / image.naturalHeight};
        })""",
    )
    assert all(abs(box["shown"] / box["real"] - 1) < 0.02 for box in boxes)
    first = [box for box in boxes if box["top"] == boxes[0]["top"]]
    width = page.locator(".photos").bounding_box()
    assert width
    assert first[-1]["right"] - first[0]["left"] == pytest.approx(width["width"], abs=2)
    axe(page)


def test_the_first_screen_asks_for_its_pictures_at_once_and_does_not_move(
    site: Site, page: Page
) -> None:
    for number in range(12):
        site.photo(at=f"2024-05-12 09:{number:02}:00", size=(600, 300 + 40 * (number % 4)))
    site.work()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        """window.moved = 0; new PerformanceObserver(list => {
            for (const shift of list.getEntries()) window.moved += shift.value;
        }).observe({type: "layout-shift", buffered: true});"""
    )
    page.goto("/")
    until(page, _PICTURES)
    page.wait_for_selector(".photos.whole")
    page.wait_for_timeout(200)
    assert len([url for url in asked if "/api/v1/strip" in url]) == 1
    assert not [url for url in asked if "/pictures/300" in url]
    assert page.evaluate("moved") < 0.02


def test_any_year_is_a_link_a_press_or_a_key_away(site: Site, page: Page) -> None:
    fill(site, 3_000)
    page.goto("/#2015-07")
    expect(page.locator("h2", has_text="July 2015")).to_be_in_viewport()
    slider = page.get_by_role("slider", name="Date")
    expect(slider).to_have_attribute("aria-valuetext", "July 2015")
    slider.focus()
    for key, words in (
        ("ArrowDown", "February 2015"), ("PageDown", "July 2014"), ("PageUp", "July 2015"),
        ("Home", "July 2023"), ("End", "February 2010"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", words)
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] - 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("2016|2017"))
    expect(page.locator(".photos li").first).to_be_visible()
    page.goto("/?at=2012-02")
    expect(page.locator("h2", has_text="February 2012")).to_be_in_viewport()


def test_what_is_above_comes_in_without_moving_what_is_in_view(site: Site, page: Page) -> None:
    fill(site, 3_000)
    page.goto("/#2014-07")
    heading = page.locator("h2", has_text="July 2014")
    expect(heading).to_be_in_viewport()
    page.wait_for_timeout(400)
    page.mouse.move(600, 500)
    for _ in range(6):
        first = page.evaluate(
            """() => { window.held = document.elementFromPoint(600, 600).closest('li');
                       return held && [held.dataset.sha, held.getBoundingClientRect().top]; }"""
        )
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(150)
        if first:
            top = page.evaluate(
                """sha => document.querySelector(`[data-sha="${sha}"]`)
                       ?.getBoundingClientRect().top ?? null""",
                first[0],
            )
            assert top is not None
            assert top - first[1] == pytest.approx(300, abs=3)


def test_the_back_button_leads_to_where_one_was(site: Site, page: Page) -> None:
    fill(site, 3_000)
    page.goto("/")
    page.wait_for_selector(".scrubber")
    page.evaluate("scrollTo(0, 9000)")
    page.wait_for_timeout(500)
    tile = page.evaluate_handle("document.elementFromPoint(500, 400).closest('li')").as_element()
    assert tile
    sha, top = tile.get_attribute("data-sha"), tile.bounding_box()
    assert top
    tile.query_selector("a").click()  # type: ignore[union-attr]
    expect(page).to_have_url(f"{site.url}/assets/{sha}")
    page.go_back()
    again = page.locator(f'.photos li[data-sha="{sha}"]')
    expect(again).to_be_in_viewport()
    box = again.bounding_box()
    assert box
    assert box["y"] == pytest.approx(top["y"], abs=3)


def test_arrow_keys_go_from_photo_to_photo(site: Site, page: Page) -> None:
    fill(site, 600)
    page.goto("/")
    page.wait_for_selector(".scrubber")
    order = shas(page)
    page.locator(".photos li a").first.focus()
    page.keyboard.press("ArrowRight")
    focused = "document.activeElement.closest('li')?.dataset.sha"
    assert page.evaluate(focused) == order[1]
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert below > page.evaluate("document.querySelector('.photos li').getBoundingClientRect().top")
    page.keyboard.press("End")
    until(page, f"{focused} !== '{order[1]}' && scrollY > 1000")
    last = page.evaluate(focused)
    page.keyboard.press("ArrowLeft")
    until(page, f"{focused} !== '{last}'")
    page.keyboard.press("Home")
    until(page, f"{focused} === '{order[0]}'")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/assets/{order[0]}")


def test_a_heavy_day_has_few_elements_and_all_its_photos(site: Site, page: Page) -> None:
    fill(site, 4_000, range(2020, 2021))
    with site.albums.library.write() as db:
        db.execute("update assets set day = '2020-07-03'")
    page.goto("/")
    page.wait_for_selector(".scrubber, .photos.whole")
    expect(page.locator("h3")).to_have_count(1)
    assert len(shas(page)) < 200
    first = shas(page)[0]
    page.locator(".photos li a").first.focus()
    page.keyboard.press("End")
    until(page, "document.activeElement.closest('li')?.ariaPosInSet === '160'")
    last = page.evaluate("document.activeElement.closest('li').dataset.sha")
    between = page.evaluate(
        "([a, b]) => document.querySelector('.photos').between(b, a)", [first, last]
    )
    assert len(set(between)) == 4_000
    assert between[0] == first
    assert between[-1] == last


def test_results_in_their_own_order_go_on_as_one_scrolls(site: Site, page: Page) -> None:
    fill(site, 300, range(2020, 2021))
    page.goto("/search/?q=type:photo+sort:oldest")
    page.wait_for_selector(".photos.laid")
    with site.albums.library.read() as db:
        expected = [
            row[0] for row in db.execute("select sha from assets order by captured_utc, id")
        ]
    seen = list(dict.fromkeys(shas(page)))
    page.mouse.move(600, 500)
    for _ in range(60):
        page.mouse.wheel(0, 500)
        page.wait_for_timeout(60)
        seen = list(dict.fromkeys([*seen, *shas(page)]))
        if len(seen) == 300:
            break
    assert seen == expected


def test_the_timeline_on_a_phone(site: Site, phone: Page, axe: Callable[..., None]) -> None:
    fill(site, 3_000)
    phone.goto("/")
    phone.wait_for_selector(".scrubber")
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    phone.evaluate("scrollBy(0, 6000)")
    thumb = phone.locator(".scrubber .thumb")
    expect(thumb).to_be_visible()
    expect(phone.locator(".scrubber .bubble")).to_be_visible()
    axe(phone)


def test_without_scripts_a_page_of_photos_leads_to_older_ones(site: Site, plain: Page) -> None:
    for day in range(1, 4):
        site.photo(at=f"2024-05-0{day} 09:41:00")
    site.work()
    fill(site, 200)
    plain.goto("/")
    expect(plain.get_by_role("heading", name="May 2024")).to_be_visible()
    picture = plain.locator(".photos li img").first
    expect(picture).to_have_attribute("src", re.compile("/pictures/300"))
    assert picture.evaluate("i => i.naturalWidth") > 0
    plain.get_by_role("link", name="Older").click()
    expect(plain.locator(".photos li").first).to_be_visible()
    expect(plain.get_by_role("heading", name="May 2024")).to_have_count(0)
    plain.goto("/?at=2012-07")
    expect(plain.locator(".photos h2").first).to_have_text("July 2012")
