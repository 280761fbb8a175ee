"""Cameras, lenses, tags, people, places and years: found by their covers, opened, left again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.pages.known import Place, known
from tests.web.pages.site import Site

LISBON: Place = ("Lisbon", "Lisbon", "Portugal", "PT", 38.71, -9.14)
SINTRA: Place = ("Sintra", "Lisbon", "Portugal", "PT", 38.80, -9.38)
PARIS: Place = ("Paris", "Île-de-France", "France", "FR", 48.86, 2.35)


@pytest.fixture
def filled(site: Site) -> Site:
    r5, lens = "Canon EOS R5", "RF50mm F1.8 STM"
    known(site, "2019-05-12", camera="Canon EOS R", lens=lens, people=["Anna Meier"],
          tags=["dog", "breed 1"])  # fmt: skip
    known(site, "2024-05-12", camera=r5, lens=lens, place=LISBON, tags=["dog", "breed 2"])
    known(site, "2024-05-13", camera=r5, lens=lens, place=SINTRA, tags=["dog", "breed 3"])
    known(site, "2024-07-01", camera=r5, lens=lens, place=PARIS, tags=["dog", "breed 4"])
    known(site, "2026-01-01", tags=["dog", "breed 5"])
    return site


def test_a_camera_opens_its_photos_and_no_others_and_back_leads_back(
    filled: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/cameras/")
    axe(page)
    page.get_by_role("link", name="Canon EOS R5").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Canon EOS R5")
    expect(page.locator(".photos li[data-sha]")).to_have_count(3)
    expect(page.get_by_text("12 May – 1 July 2024")).to_be_visible()
    axe(page)
    page.go_back()
    page.get_by_role("link", name="Canon EOS R ", exact=False).last.click()
    expect(page.locator(".photos li[data-sha]")).to_have_count(1)
    page.get_by_role("link", name="RF50mm F1.8 STM").click()
    expect(page.locator(".photos li[data-sha]")).to_have_count(4)
    expect(page.get_by_role("link", name="Canon EOS R5")).to_be_visible()


def test_what_nobody_has_is_said_plainly(site: Site, page: Page) -> None:
    for address, says in (
        ("/cameras/none", "No photo here has the camera none"),
        ("/cities/Portugal/Atlantis", "No photo here is from Atlantis, Portugal"),
        ("/years/next", "'next' is not a year"),
        ("/memories/never", "'never' is no memory"),
        ("/random?seed=x", "cannot be sorted"),
    ):
        answer = page.goto(address)
        assert answer
        assert answer.status in (404, 422), address
        expect(page.get_by_role("heading", level=2).filter(has_text=says)).to_be_visible()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/cameras/", "No cameras yet"),
        ("/people/", "does not recognise faces yet"),
        ("/tags/", "No tags yet"),
        ("/cities/", "No places yet"),
        ("/years/", "No photos yet"),
    ],
)
def test_an_empty_list_says_what_will_be_there(page: Page, address: str, says: str) -> None:
    page.goto(address)
    expect(page.get_by_text(says)).to_be_visible()


def test_tags_are_filtered_while_one_types(
    filled: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/tags/")
    expect(page.locator(".cloud li").filter(has_text="dog")).to_have_class("s9")
    axe(page)
    page.get_by_role("searchbox", name="Find a tag").press_sequentially("BREED 3")
    expect(page.locator(".cloud a")).to_have_text(["breed 3"])
    expect(page).to_have_url(f"{filled.url}/tags/?sort=name&find=BREED%203")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("breed 3")
    page.go_back()
    expect(page.locator(".cloud a")).to_have_text(["breed 3"])


def test_tags_are_filtered_without_scripts_too(filled: Site, plain: Page) -> None:
    plain.goto("/tags/")
    plain.get_by_role("searchbox", name="Find a tag").fill("breed")
    plain.keyboard.press("Enter")
    expect(plain.locator(".cloud a").filter(has_text="breed")).to_have_count(5)
    expect(plain.locator(".cloud a").filter(has_text="dog")).to_have_count(0)


def test_places_lead_from_the_continent_to_the_city(
    filled: Site, phone: Page, axe: Callable[..., None]
) -> None:
    phone.goto("/cities/")
    expect(phone.get_by_role("heading", name="Europe 3 photos")).to_be_visible()
    axe(phone)
    phone.get_by_role("heading", name="Portugal").get_by_role("link").click()
    expect(phone.locator(".photos li[data-sha]")).to_have_count(2)
    expect(phone).to_have_url(f"{filled.url}/cities/Portugal")
    phone.locator(".covers").get_by_role("link", name="Lisbon").click()
    expect(phone.locator(".photos li[data-sha]")).to_have_count(1)
    axe(phone)
    phone.get_by_role("navigation", name="Above").get_by_role("link", name="Portugal").click()
    expect(phone).to_have_url(f"{filled.url}/cities/Portugal")
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_a_city_is_found_without_its_region(filled: Site, page: Page) -> None:
    page.goto("/cities/France/Paris")
    expect(page.get_by_role("heading", level=1)).to_have_text("Paris")


def test_a_year_has_its_months(filled: Site, page: Page, axe: Callable[..., None]) -> None:
    page.goto("/years/")
    axe(page)
    page.get_by_role("link", name="2024 3 photos").click()
    expect(page.locator(".photos li[data-sha]")).to_have_count(3)
    page.get_by_role("link", name="May 2024").click()
    expect(page.locator(".photos li[data-sha]")).to_have_count(2)
    axe(page)
    page.get_by_role("link", name="2024-07").click()
    expect(page.locator(".photos li[data-sha]")).to_have_count(1)


def test_people_have_the_names_that_were_given(
    filled: Site, page: Page, axe: Callable[..., None]
) -> None:
    page.goto("/people/")
    axe(page)
    page.get_by_role("link", name="Anna Meier").click()
    expect(page.locator(".photos li[data-sha]")).to_have_count(1)


def test_the_lists_are_told_to_programs_with_covers(filled: Site, page: Page) -> None:
    page.goto("/cameras/")
    told = page.evaluate(
        """async () => Object.assign({}, ...await Promise.all(
            ["cameras", "lenses", "people", "years", "months", "countries", "places", "tags"]
                .map(async name => (await fetch(`/api/v1/${name}`)).json())))"""
    )
    assert [(one["name"], one["assets"]) for one in told["cameras"]] == [
        ("Canon EOS R5", 3),
        ("Canon EOS R", 1),
    ]
    assert told["lenses"][0]["assets"] == 4
    assert told["people"][0]["name"] == "Anna Meier"
    assert [one["name"] for one in told["years"]] == ["2026", "2024", "2019"]
    assert told["months"][1]["name"] == "2024-07"
    assert told["countries"][0] | {"cover": ""} == {
        "name": "Portugal", "assets": 2, "first": "2024-05-12", "last": "2024-05-13",
        "cover": "", "country_code": "PT", "continent": "Europe",
    }  # fmt: skip
    assert {one["city"] for one in told["places"]} >= {"Lisbon", "Paris"}
    assert told["tags"][0]["name"] == "dog"
    for name in ("cameras", "lenses", "people", "years", "countries", "places", "tags"):
        assert told[name][0]["cover"], name
