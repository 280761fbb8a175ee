"""Uploading from a browser."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Request, expect

from tests.web.pages.site import Site, exif, picture

_QUICK = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
_SLOW = {**_QUICK, "uploadThroughput": 8_000_000}  # bytes a second


def files(folder: Path, count: int, start: int = 0) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(start, start + count):
        path = folder / f"IMG_{number}.jpg"
        path.write_bytes(picture(number, (300, 200), exif("", "", "", None)))
        made.append(path)
    return made


def choose(page: Page, chosen: list[Path]) -> None:
    page.locator("input[name=file]").set_input_files([str(path) for path in chosen])


def kept(site: Site) -> dict[str, tuple[str, str]]:
    with site.albums.library.read() as db:
        rows = db.execute("select name, sha, folder from assets")
        return {row["name"]: (row["sha"], row["folder"]) for row in rows}


def test_files_are_sent_duplicates_named_and_all_is_proven(
    site: Site, page: Page, tmp_path: Path, axe: Callable[..., None]
) -> None:
    known, *new = files(tmp_path / "send", 4)
    site.bring(known.read_bytes(), "before.jpg")
    page.goto("/upload/")
    choose(page, [known, *new])
    expect(page.get_by_text("All 4 are kept: each was read back from the disk")).to_be_visible()
    expect(page.get_by_text("3 new · 1 here already")).to_be_visible()
    expect(page.locator("li.here", has_text=known.name)).to_contain_text("is here already")
    assert set(kept(site)) == {"before.jpg", *(path.name for path in new)}
    axe(page)


def test_a_folder_keeps_its_names_and_goes_into_a_collection(
    site: Site, page: Page, tmp_path: Path
) -> None:
    files(tmp_path / "Trip" / "day 1", 2)
    (tmp_path / "Trip" / ".DS_Store").write_bytes(b"junk")
    page.goto("/upload/")
    page.get_by_label("Into a collection").fill("Fiji")
    page.locator("input[webkitdirectory]").set_input_files(str(tmp_path / "Trip"))
    expect(page.get_by_text("All 2 are kept")).to_be_visible()
    assert {folder for _, folder in kept(site).values()} == {"Trip/day 1"}
    page.goto("/search/?q=collection:Fiji")
    expect(page.locator(".photos li")).to_have_count(2)


def test_a_large_file_is_hashed_piece_by_piece_and_goes_on_after_a_reload(
    site: Site, page: Page, tmp_path: Path
) -> None:
    large = tmp_path / "film.bin"
    large.write_bytes(os.urandom(40_000_000))
    page.goto("/upload/")
    network = page.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", _SLOW)
    choose(page, [large])
    whole = page.get_by_role("progressbar", name="All files")
    while whole.evaluate("bar => bar.value") < 0.2:
        page.wait_for_timeout(50)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    network.send("Network.emulateNetworkConditions", _QUICK)
    expect(page.get_by_text("1 file was not finished when this page was closed")).to_be_visible()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/uploads" in request.url else None)
    choose(page, [large])
    expect(page.get_by_text("All 1 are kept")).to_be_visible()
    assert [request.method for request in asked] == ["HEAD", "PATCH"]
    assert int(asked[1].headers["upload-offset"]) > 1_000_000
    assert kept(site)["film.bin"][0] == hashlib.sha256(large.read_bytes()).hexdigest()
    page.reload()
    expect(page.locator(".left")).to_be_hidden()


def test_what_the_owner_deleted_is_only_sent_if_they_say_so(
    site: Site, page: Page, tmp_path: Path
) -> None:
    [gone] = files(tmp_path / "send", 1)
    sha = site.bring(gone.read_bytes(), gone.name)
    page.goto("/upload/")
    assert page.request.delete(f"{site.url}/api/v1/assets/{sha}").ok
    choose(page, [gone])
    expect(page.locator("li.deleted")).to_contain_text("you deleted it before")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("All 1 are kept")).to_be_visible()


def test_a_failure_says_what_went_wrong_and_can_be_tried_again(
    site: Site, phone: Page, tmp_path: Path
) -> None:
    error = '{"error": {"what": "There is no room for a file of 9 bytes"}}'
    phone.goto("/upload/")
    phone.route("**/uploads", lambda route: route.fulfill(status=413, body=error))
    choose(phone, files(tmp_path / "send", 2))
    expect(phone.locator("li.error").first).to_contain_text("There is no room")
    expect(phone.get_by_text("2 failed")).to_be_visible()
    phone.unroute("**/uploads")
    phone.locator(".retry").click()
    expect(phone.get_by_text("All 2 are kept")).to_be_visible()
    assert len(kept(site)) == 2


def test_without_scripts_a_form_brings_them(site: Site, plain: Page, tmp_path: Path) -> None:
    plain.goto("/upload/")
    choose(plain, files(tmp_path / "send", 2))
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("heading", name="2 files received")).to_be_visible()
    assert len(kept(site)) == 2
