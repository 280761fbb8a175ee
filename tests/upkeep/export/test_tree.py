"""Names that every disk takes, and no two that some disk takes for one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.upkeep.export.tree import SIDECAR, Leaving, legal, places, same_name

NAMES = st.text(max_size=300) | st.sampled_from(
    ["IMG.JPG", "img.jpg", "IMG (2).JPG", "IMG.JPG.xmp"]
)


def asset(number: int, name: str, captured_at: str | None = "2020-01-02T03:04:05") -> Leaving:
    return Leaving(number, f"{number:064x}", name, ".jpg", 1, captured_at, f"{number:09}", 0)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("IMG_1.JPG", "IMG_1.JPG"),
        ('a/b\\c:d*e?f"g<h>i|j.jpg', "a_b_c_d_e_f_g_h_i_j.jpg"),
        ("CON", "_CON"),
        ("nul.jpg", "_nul.jpg"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("console.jpg", "console.jpg"),
        ("photo. . ", "photo"),
        (".hidden.jpg", "_.hidden.jpg"),
        ("...", "unnamed"),
        ("", "unnamed"),
        ("bell\x07\x9f.jpg", "bell__.jpg"),
        ("e\u0301te\u0301.jpg", "été.jpg"),
        ("lone \udce9.jpg", "lone _.jpg"),
    ],
)
def test_a_name_is_made_legal(name: str, wanted: str) -> None:
    assert legal(name) == wanted


@given(NAMES)
def test_any_name_becomes_one_that_every_disk_takes(name: str) -> None:
    made = legal(name)
    assert made == legal(made)
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', made)
    assert made[-1] not in ". "
    assert made[0] != "."
    assert len((made + SIDECAR + " (1000000)").encode()) <= 255
    assert made == unicodedata.normalize("NFC", made)


@given(st.lists(NAMES, max_size=12))
def test_no_two_files_have_names_that_some_disk_takes_for_one(names: list[str]) -> None:
    chosen = places([asset(n, name) for n, name in enumerate(names)], {}, lambda p, a: True)
    files = [same_name(file) for path in chosen.values() for file in (path, path + SIDECAR)]
    assert len(set(files)) == 2 * len(names)
    assert all(path.startswith("2020/01/") for path in chosen.values())


@given(st.lists(NAMES, min_size=1, max_size=12), st.randoms())
def test_places_do_not_depend_on_the_order_and_stay(names: list[str], random: object) -> None:
    assets = [asset(n, name) for n, name in enumerate(names)]
    chosen = places(assets, {}, lambda p, a: True)
    assert places(reversed(assets), {}, lambda p, a: True) == chosen
    left = assets[1:]
    assert places(left, chosen, lambda p, a: True) == {a.sha: chosen[a.sha] for a in left}


def test_what_the_disk_has_already_is_gone_around() -> None:
    chosen = places([asset(1, "a.jpg")], {}, lambda path, a: path != "2020/01/a.jpg")
    assert list(chosen.values()) == ["2020/01/a (2).jpg"]


def test_a_place_of_before_that_no_longer_fits_is_given_up() -> None:
    photo = asset(1, "a.jpg")
    for before in ("2019/01/a.jpg", "2020/01/b.jpg", "a.jpg"):
        assert places([photo], {photo.sha: before}, lambda p, a: True)[photo.sha] == "2020/01/a.jpg"


def test_a_name_without_extension_gets_the_one_of_its_bytes() -> None:
    chosen = places([asset(1, "scan"), asset(2, "image:0001", None)], {}, lambda p, a: True)
    assert list(chosen.values()) == ["2020/01/scan.jpg", "undated/image_0001.jpg"]


def test_what_was_taken_together_has_one_number_and_lies_in_one_folder() -> None:
    first, second = asset(1, "IMG_1.HEIC"), asset(4, "IMG_1.HEIC")
    film_of_second = replace(asset(2, "IMG_1.MOV", "2020-02-01T00:00:01"), lead=second.sha,
                             lead_at=second.captured_at)  # fmt: skip
    film_of_first = replace(asset(3, "IMG_1.MOV"), lead=first.sha, lead_at=first.captured_at)
    everything = [first, second, film_of_first, film_of_second]
    wanted = {
        first.sha: "2020/01/IMG_1.HEIC",
        film_of_first.sha: "2020/01/IMG_1.MOV",
        second.sha: "2020/01/IMG_1 (2).HEIC",
        film_of_second.sha: "2020/01/IMG_1 (2).MOV",
    }
    assert places(everything, {}, lambda p, a: True) == wanted
    # The films come in after the photos left: they join them.
    photos = {a.sha: wanted[a.sha] for a in (first, second)}
    assert places(everything, photos, lambda p, a: True) == wanted


def test_two_of_one_name_that_were_taken_together_do_not_wait_for_each_other() -> None:
    photo = asset(1, "IMG.JPG")
    edited = replace(asset(2, "img.jpg"), lead=photo.sha, lead_at=photo.captured_at)
    assert list(places([photo, edited], {}, lambda p, a: True).values()) == [
        "2020/01/IMG.JPG", "2020/01/img (2).jpg",
    ]  # fmt: skip
