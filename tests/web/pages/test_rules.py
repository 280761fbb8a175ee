"""Cleanup rules in the browser: seen beforehand, made, and gone again."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.pages.site import Site


def make(page: Page, query: str, act: str) -> None:
    page.goto("/rules/")
    page.get_by_label("Of all that this finds").fill(query)
    page.get_by_role("heading", name="Rules", exact=True).click()  # what is suggested goes
    page.get_by_role("radio", name=act).check()


def test_a_rule_is_seen_then_made_and_gone_again(
    site: Site, page: Page, axe: Callable[..., None]
) -> None:
    shas = site.photos(2, at="2024-05-12 09:41:00", camera="Canon X")
    site.photo(at="2024-05-13 09:41:00")
    site.work()
    make(page, "camera:canon", "Move the date")
    page.get_by_label("By", exact=True).fill("+1:00")
    page.keyboard.press("Enter")
    seen = page.get_by_role("region", name="It would touch 2 photos")
    expect(seen).to_contain_text("12 May 2024, 10:41:00")
    expect(seen.locator(".samples img")).to_have_count(2)
    axe(page)
    page.get_by_role("button", name="Make this rule for 2 photos").click()
    expect(page.get_by_role("status").first).to_contain_text("takes effect now")
    assert site.albums.runner.wait_until_idle(60)
    page.goto(f"/assets/{shas[0]}")
    expect(page.get_by_text("10:41").first).to_be_visible()
    page.goto("/rules/")
    expect(page.get_by_text("Touches 2 photos")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Remove: camera:canon").click()
    assert site.albums.runner.wait_until_idle(60)
    page.goto(f"/assets/{shas[0]}")
    expect(page.get_by_text("9:41").first).to_be_visible()


def test_what_a_rule_threw_away_is_taken_out_again_without_scripts(site: Site, plain: Page) -> None:
    site.photos(2, camera="Fax Machine")
    site.work()
    make(plain, "camera:fax", "Put into the trash")
    plain.get_by_role("button", name="Show what it would touch").click()
    plain.get_by_role("button", name="Make this rule for 2 photos").click()
    assert site.albums.runner.wait_until_idle(60)
    plain.goto("/rules/")
    plain.get_by_role("button", name="Take all out again").click()
    expect(plain.get_by_role("status").first).to_contain_text("out of the trash")
    plain.goto("/search/?q=camera:fax")
    expect(plain.locator(".photos li")).to_have_count(2)


def test_rules_are_ordered_switched_off_and_changed_on_a_phone(
    site: Site, phone: Page, axe: Callable[..., None]
) -> None:
    for query in ("year:2024", "year:2025"):
        make(phone, query, "Make private")
        phone.get_by_role("button", name="Show what it would touch").click()
        phone.get_by_role("button", name="Make this rule").click()
    phone.get_by_role("button", name="Earlier: year:2025").click()
    rows = phone.locator(".list li")
    expect(rows.first).to_contain_text("year:2025")
    rows.first.get_by_role("button", name="Turn off").click()
    expect(rows.first).to_contain_text("Off")
    rows.first.get_by_role("link").click()
    expect(phone.get_by_label("Of all that this finds")).to_have_value("year:2025")
    phone.get_by_label("Of all that this finds").fill("year:2023")
    phone.get_by_role("heading", name="Rules", exact=True).click()
    phone.get_by_role("button", name="Show what it would touch").click()
    phone.get_by_role("button", name="Change this rule").click()
    expect(phone.locator(".list li").first).to_contain_text("year:2023")
    expect(phone.locator(".list li").first).to_contain_text("Off")
    axe(phone)


def test_what_is_not_understood_is_said_and_nothing_typed_is_lost(
    page: Page, axe: Callable[..., None]
) -> None:
    make(page, "dog on a beach", "Put into the trash")
    page.get_by_role("button", name="Show what it would touch").click()
    expect(page.get_by_role("alert")).to_contain_text("does not guess")
    expect(page.get_by_label("Of all that this finds")).to_have_value("dog on a beach")
    expect(page.get_by_role("radio", name="Put into the trash")).to_be_checked()
    axe(page)
    page.go_back()
    expect(page.get_by_role("heading", name="A new rule")).to_be_visible()
