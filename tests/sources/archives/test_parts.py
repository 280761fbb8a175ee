"""Which parts are here, whatever they are called and however they lie about."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from albums.sources.archives import find_parts
from albums.sources.archives.part_names import PartName, read_name
from tests.sources.archives.made import (
    FOLDER,
    make_tar,
    make_zip,
    media,
    part,
    read,
    replaced,
    whole,
)

STAMP = "20240516T230250Z"


@pytest.mark.parametrize(
    ("name", "export", "number"),
    [
        (f"takeout-{STAMP}-003.zip", STAMP, 3),
        (f"takeout-{STAMP}-001.tgz", STAMP, 1),
        (f"takeout-{STAMP}-012.tar.gz", STAMP, 12),
        (f"takeout-{STAMP}-3-009.zip", f"{STAMP}-3", 9),
        (f"takeout-{STAMP}-003 (1).zip", STAMP, 3),
        (f"takeout-{STAMP}-003(2).zip", STAMP, 3),
        (f"takeout-{STAMP}-003-2.zip", STAMP, 3),
        (f"takeout-{STAMP}-003 2.zip", STAMP, 3),
        (f"takeout-{STAMP}-3-009 (1).zip", f"{STAMP}-3", 9),
        (f"takeout-{STAMP}-003 - Copy.zip", STAMP, 3),
        (f"takeout-{STAMP}-003 copy.zip", STAMP, 3),
        (f"TAKEOUT-{STAMP}-003.ZIP", STAMP, 3),
        (f"takeout-{STAMP}-003.zip.zip", STAMP, 3),
        (f"takeout-{STAMP}-1234.zip", STAMP, 1234),
        (f"takeout-{STAMP}.zip", STAMP, None),
        (f"takeout-{STAMP}-001", STAMP, 1),
    ],
)
def test_every_known_form_of_a_name_gives_its_export_and_number(
    name: str, export: str, number: int | None
) -> None:
    assert read_name(name) == PartName(export, number)


@pytest.mark.parametrize("name", ["holiday.zip", "takeout.zip", "takeout-2024-001.zip", "Takeout"])
def test_other_names_are_not_taken_for_parts_of_an_export(name: str) -> None:
    assert read_name(name) is None


def test_gaps_in_the_numbers_are_named_for_each_export(tmp_path: Path) -> None:
    for name in (f"{STAMP}-001", f"{STAMP}-004", "20250921T101010Z-3-002"):
        make_zip(tmp_path / f"takeout-{name}.zip", {name: name.encode()})
    gaps = {gap.export: gap.missing for gap in find_parts([tmp_path]).gaps}
    assert gaps == {STAMP: (2, 3), "20250921T101010Z-3": (1,)}


def test_the_same_part_downloaded_twice_is_one_part(tmp_path: Path) -> None:
    first = make_zip(tmp_path / f"takeout-{STAMP}-001.zip", media())
    again = tmp_path / f"takeout-{STAMP}-001 (1).zip"
    shutil.copy(first, again)
    found = find_parts([again, tmp_path, first])
    assert [p.path for p in found.parts] == [first]
    assert found.repeated == [(again, first)]


def test_two_downloads_of_one_number_with_other_bytes_are_both_read(tmp_path: Path) -> None:
    make_zip(tmp_path / f"takeout-{STAMP}-001.zip", media())
    make_zip(tmp_path / f"takeout-{STAMP}-001 (1).zip", media(2))
    assert [p.number for p in find_parts([tmp_path]).parts] == [1, 1]


def test_what_is_no_archive_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "takeout-a.zip").write_bytes(b"")
    (tmp_path / "takeout-b.zip").write_bytes(b"\n<!doctype html><title>Sign in")
    (tmp_path / "takeout-c.zip").write_bytes(b"\0" * 5000)
    (tmp_path / "takeout-d.zip").write_bytes(b"Rar!....")
    make_zip(tmp_path / f"takeout-{STAMP}-001.zip.crdownload", media())
    found = find_parts([tmp_path, tmp_path / "absent.zip"])
    said = {u.path.name: u.problem for u in found.unreadable}
    assert found.parts == []
    assert "empty" in said["takeout-a.zip"]
    assert "web page" in said["takeout-b.zip"]
    assert "zeros" in said["takeout-c.zip"]
    assert "no zip" in said["takeout-d.zip"]
    assert "not finished" in said[f"takeout-{STAMP}-001.zip.crdownload"]
    assert "no such file" in said["absent.zip"]


def test_the_content_tells_the_kind_and_not_the_name(tmp_path: Path) -> None:
    assert part(make_tar(tmp_path / "really.zip", media())).kind == "tgz"
    assert part(make_zip(tmp_path / "really.tgz", media())).kind == "zip"
    assert part(make_tar(tmp_path / "plain.zip", media(), "w")).kind == "tar"


def test_archives_and_unpacked_roots_in_one_folder_are_all_parts(tmp_path: Path) -> None:
    make_zip(tmp_path / f"takeout-{STAMP}-001.zip", media())
    (tmp_path / "deep").mkdir()
    make_tar(tmp_path / "deep" / f"takeout-{STAMP}-002.tgz", media(4))
    unpacked = tmp_path / f"takeout-{STAMP}-003" / "Takeout" / "Google Fotos"
    unpacked.mkdir(parents=True)
    (unpacked / "a.jpg").write_bytes(b"a")
    (tmp_path / "holiday.txt").write_text("mine")
    found = find_parts([tmp_path])
    assert [(p.kind, p.number) for p in found.parts] == [("zip", 1), ("tgz", 2), ("folder", 3)]
    assert [p.name for p in found.beside] == ["holiday.txt"]


def test_a_zip_kept_in_drive_is_a_file_and_no_part(tmp_path: Path) -> None:
    drive = tmp_path / "Takeout" / "Drive"
    drive.mkdir(parents=True)
    make_zip(drive / "old-photos.zip", media())
    (only,) = find_parts([tmp_path]).parts
    assert only.kind == "folder"
    assert [entry.path for entry, _ in read(only)] == ["Takeout/Drive/old-photos.zip"]


def test_roots_unpacked_into_one_another_give_the_paths_of_the_archives(tmp_path: Path) -> None:
    nested = tmp_path / "Takeout" / f"takeout-{STAMP}-001" / "Takeout" / "Google Foto" / "Takeout"
    nested.mkdir(parents=True)
    (nested / "a.jpg").write_bytes(b"a")
    (entry, data), *others = read(part(tmp_path / "Takeout"))
    assert (entry.path, data, others) == ("Takeout/Google Foto/Takeout/a.jpg", b"a", [])


def test_a_root_given_twice_is_one_part(tmp_path: Path) -> None:
    (tmp_path / "Takeout").mkdir()
    for paths in ([tmp_path, tmp_path / "Takeout"], [tmp_path / "Takeout", tmp_path]):
        assert len(find_parts(paths).parts) == 1


def test_a_folder_without_a_root_is_a_part_named_from_itself_on(tmp_path: Path) -> None:
    year = tmp_path / "Photos from 2019"
    year.mkdir()
    (year / "a.jpg").write_bytes(b"a")
    assert whole(read(part(year))) == {"Photos from 2019/a.jpg": b"a"}


def test_a_twin_of_macos_is_told_from_a_photo_by_its_bytes(tmp_path: Path) -> None:
    year = tmp_path / "Takeout" / "2019"
    year.mkdir(parents=True)
    (year / "._a.jpg").write_bytes(b"\x00\x05\x16\x07\x00\x02")
    (year / "._b.jpg").write_bytes(b"\xff\xd8 a photo")
    make_zip(tmp_path / "one.zip", {"__MACOSX/x/._a": b"\x00\x05\x16\x07", "__MACOSX/b": b"photo"})
    (tmp_path / "._one.zip").write_bytes(b"\x00\x05\x16\x07")
    found = find_parts([tmp_path])
    kinds = {entry.path: entry.kind for p in found.parts for entry, _ in read(p)}
    assert found.twins == [tmp_path / "._one.zip"]
    assert kinds == {
        "Takeout/2019/._a.jpg": "apple-double",
        "Takeout/2019/._b.jpg": "file",
        "__MACOSX/x/._a": "apple-double",
        "__MACOSX/b": "file",
    }


def test_links_and_pipes_in_a_folder_are_named_and_not_opened(tmp_path: Path) -> None:
    root = tmp_path / "Takeout"
    root.mkdir()
    (root / "loop").symlink_to(root)
    (root / "out.jpg").symlink_to("/etc/hostname")
    os.mkfifo(root / "pipe.jpg")
    found = {entry.path: (entry.kind, data) for entry, data in read(part(root))}
    assert found == {
        "Takeout/loop": ("link", b""),
        "Takeout/out.jpg": ("link", b""),
        "Takeout/pipe.jpg": ("special", b""),
    }


def test_an_archive_that_lies_in_an_unpacked_root_is_a_part_and_no_file(tmp_path: Path) -> None:
    root = tmp_path / "Takeout"
    root.mkdir()
    (root / "a.jpg").write_bytes(b"a")
    make_zip(root / f"takeout-{STAMP}-001.zip", media())
    archive, folder = find_parts([root]).parts
    assert (archive.kind, folder.kind, folder.size) == ("zip", "folder", 1)
    assert [entry.path for entry, _ in read(folder)] == ["Takeout/a.jpg"]


def test_a_download_with_a_hole_is_not_taken_for_the_whole_one(tmp_path: Path) -> None:
    photos = {f"{i}.jpg": os.urandom(1 << 20) for i in range(3)}
    first = make_zip(tmp_path / f"takeout-{STAMP}-001.zip", photos)
    again = tmp_path / f"takeout-{STAMP}-001 (1).zip"
    shutil.copy(first, again)
    replaced(first, 1 << 20, bytes(1 << 20))
    assert {p.path: bool(whole(read(p)) == photos) for p in find_parts([tmp_path]).parts} == {
        first: False,
        again: True,
    }


def test_archives_of_others_in_a_folder_of_downloads_are_not_taken_in(tmp_path: Path) -> None:
    files = {f"{FOLDER}/a.jpg": b"a"}
    make_zip(tmp_path / "takeout-20240516T230250Z-001.zip", files)
    make_zip(tmp_path / "renamed.zip", files | {f"{FOLDER}/b.jpg": b"b"})
    make_tar(tmp_path / "also renamed.tgz", files)
    make_zip(tmp_path / "holiday-of-bob.zip", {"bob.jpg": b"bob"})
    found = find_parts([tmp_path])
    assert sorted(part.path.name for part in found.parts) == [
        "also renamed.tgz", "renamed.zip", "takeout-20240516T230250Z-001.zip",
    ]  # fmt: skip
    assert [path.name for path in found.beside] == ["holiday-of-bob.zip"]
    [asked_for] = find_parts([tmp_path / "holiday-of-bob.zip"]).parts
    assert asked_for.kind == "zip"
