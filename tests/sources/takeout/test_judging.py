"""What a folder of an export is, in any language."""

from __future__ import annotations

import pytest

from albums.sources.takeout.claims import AlbumSaid
from albums.sources.takeout.judging import FolderContents, judge


def said(title: str | None) -> AlbumSaid:
    return AlbumSaid(b"", title, None, None, None)


@pytest.mark.parametrize(
    "shape", ["Photos from {}", "Fotos von {}", "Foto da {}", "ภาพถ่ายจาก {}", "{}年"]
)
def test_folders_of_years_are_known_in_any_language(shape: str) -> None:
    found = judge(FolderContents(f"G/{shape.format(y)}", 9, 9) for y in (2019, 2020))
    assert [(f.kind, f.year) for f in found.values()] == [("year", 2019), ("year", 2020)]


def test_an_album_that_ends_in_a_year_loses_against_the_folder_of_that_year() -> None:
    years = [FolderContents(f"G/Fotos von {y}", 9, 9) for y in (2019, 2020)]
    found = judge([FolderContents("G/Italien 2019", 20, 20), *years])
    assert found["G/Italien 2019"].kind == "album"
    assert found["G/Fotos von 2019"].kind == "year"


def test_a_descriptor_makes_an_album_and_several_share_a_folder() -> None:
    descriptors = (said(None), said(None))
    found = judge([FolderContents("G/Unbenannt(1) 2019", 2, 2, descriptors)])
    (folder,) = found.values()
    assert (folder.kind, folder.descriptors) == ("album", descriptors)


def test_an_album_with_only_sidecars_is_an_album() -> None:
    assert judge([FolderContents("G/Trip", 0, 3)])["G/Trip"].kind == "album"


def test_the_folders_of_days_before_2021_are_no_albums() -> None:
    found = judge([FolderContents("G/2005-02-05", 3, 3, (said("2005-02-05"),))])
    assert [(f.kind, f.year) for f in found.values()] == [("day", 2005)]


@pytest.mark.parametrize(
    ("name", "hint"), [("Papierkorb", "trash"), ("Archive", "archive"), ("Trip", "")]
)
def test_a_special_folder_is_only_a_hint(name: str, hint: str) -> None:
    (folder,) = judge([FolderContents(f"G/{name}", 3, 3)]).values()
    assert folder.hint == hint
