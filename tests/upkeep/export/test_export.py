"""Every byte leaves, nothing of others is touched, and a second run goes on."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import threading
from datetime import datetime
from pathlib import Path

import pytest

from albums.errors import AlbumsError, BadInput, DiskFull
from albums.upkeep.export import Progress, export, target
from tests.upkeep.export.conftest import House

JULY = "2023-07-05T14:30:00+01:00"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_originals_leave_by_year_and_month_with_their_time_and_a_sidecar(house: House) -> None:
    house.take_in(b"photo one", "IMG_1.JPG", captured_at=JULY)
    house.take_in(b"who knows when", "scan.tif")
    receipt = house.export()
    assert house.tree() == [
        "2023/07/IMG_1.JPG", "2023/07/IMG_1.JPG.xmp",
        "undated/scan.tif", "undated/scan.tif.xmp",
    ]  # fmt: skip
    photo = house.out / "2023/07/IMG_1.JPG"
    assert photo.read_bytes() == b"photo one"
    assert photo.stat().st_mtime == datetime.fromisoformat(JULY).timestamp()
    assert receipt.complete
    assert (receipt.assets, receipt.checked, receipt.missing) == (2, 2, 0)
    assert receipt.bytes_checked == receipt.bytes_total == len(b"photo onewho knows when")
    assert receipt.sidecars_checked == 2


def test_the_person_can_read_what_a_box_of_its_own_user_wrote(house: House) -> None:
    house.collect("Trip", house.take_in(b"one", "a.jpg", captured_at=JULY))
    house.out.mkdir()
    mask = os.umask(0o077)
    try:
        house.export()
    finally:
        os.umask(mask)
    for path in house.out.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_sha256sum_reads_the_sums(house: House) -> None:
    house.take_in(b"one", "Ünïcode ☀ 'quoted' $name.jpg", captured_at=JULY)
    house.take_in(b"two", "b*ack|slash.jpg", captured_at=JULY)
    house.export()
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=house.out, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 6  # originals, sidecars, two lists
    assert {row["path"] for row in rows(house.out / "manifest.csv")} == {
        "2023/07/Ünïcode ☀ 'quoted' $name.jpg", "2023/07/b_ack_slash.jpg",
    }  # fmt: skip


def test_equal_names_are_numbered_in_the_order_in_which_they_came(house: House) -> None:
    for number, name in enumerate(["IMG.JPG", "img.jpg", "IMG.JPG", "IMG.JPG.xmp"]):
        sha = house.take_in(b"%d" % number, name, captured_at=JULY)
        house.sql("update assets set received_at = ? where sha = ?", f"2024-01-0{number + 1}", sha)
    assert house.export().complete
    found = {p: (house.out / p).read_bytes() for p in house.tree() if not p.endswith("jpg.xmp")}
    assert found["2023/07/IMG.JPG"] == b"0"
    assert found["2023/07/img (2).jpg"] == b"1"
    assert found["2023/07/IMG (3).JPG"] == b"2"
    assert found["2023/07/IMG.JPG (2).xmp"] == b"3"


def test_a_second_run_copies_only_what_is_new(house: House) -> None:
    house.take_in(b"one", "IMG.JPG", captured_at=JULY)
    house.export()
    before = (house.out / "2023/07/IMG.JPG").stat()
    house.take_in(b"two", "IMG.JPG", captured_at=JULY)
    receipt = house.export()
    assert (receipt.copied, receipt.present, receipt.sidecars) == (1, 1, 1)
    assert receipt.complete
    assert (house.out / "2023/07/IMG.JPG").stat().st_ino == before.st_ino
    assert (house.out / "2023/07/IMG (2).JPG").read_bytes() == b"two"
    again = house.export()
    assert (again.copied, again.present, again.sidecars) == (0, 2, 0)


def test_names_stay_when_an_earlier_photo_is_deleted(house: House) -> None:
    first = house.take_in(b"one", "IMG.JPG", captured_at=JULY)
    house.sql("update assets set received_at = '2020-01-01' where sha = ?", first)
    house.take_in(b"two", "IMG.JPG", captured_at=JULY)
    house.export()
    house.sql("delete from assets where sha = ?", first)
    receipt = house.export()
    assert (receipt.copied, receipt.present, receipt.gone.count) == (0, 1, 1)
    assert (house.out / "2023/07/IMG.JPG").read_bytes() == b"one"
    assert (house.out / "2023/07/IMG (2).JPG").read_bytes() == b"two"


def test_a_photo_whose_date_was_put_right_moves_with_its_sidecar(house: House) -> None:
    sha = house.take_in(b"one", "IMG.JPG", captured_at="2002-12-08T12:00:00")
    house.export()
    house.say(sha, captured_at=JULY)
    receipt = house.export()
    assert house.tree() == ["2023/07/IMG.JPG", "2023/07/IMG.JPG.xmp"]
    assert (receipt.moved, receipt.copied, receipt.complete) == (1, 0, True)
    photo = house.out / "2023/07/IMG.JPG"
    assert photo.stat().st_mtime == datetime.fromisoformat(JULY).timestamp()
    assert JULY in photo.with_name("IMG.JPG.xmp").read_text()


def test_files_of_others_are_never_overwritten(house: House) -> None:
    (house.out / "2023/07").mkdir(parents=True)
    mine = {
        "2023/07/IMG.JPG": b"not yours",
        "2023/07/B.JPG.xmp": b"<darktable/>",
        "2023/07/C.jpg": b"THREE",  # of the same length
    }
    for name, content in mine.items():
        (house.out / name).write_bytes(content)
    for content, name in ((b"one", "IMG.JPG"), (b"two", "B.JPG"), (b"three", "C.jpg")):
        house.take_in(content, name, captured_at=JULY)
    for _ in range(2):
        receipt = house.export()
        assert receipt.complete
        assert {name: (house.out / name).read_bytes() for name in mine} == mine
        assert (house.out / "2023/07/IMG (2).JPG").read_bytes() == b"one"
        assert (house.out / "2023/07/B (2).JPG").read_bytes() == b"two"
        assert (house.out / "2023/07/C (2).jpg").read_bytes() == b"three"


def test_a_sidecar_that_another_program_changed_stays_and_is_said(house: House) -> None:
    sha = house.take_in(b"one", "IMG.JPG", captured_at=JULY)
    house.export()
    sidecar = house.out / "2023/07/IMG.JPG.xmp"
    changed = sidecar.read_bytes().replace(b"</rdf:Description>", b"<x/></rdf:Description>")
    sidecar.write_bytes(changed)
    house.say(sha, title="New")
    receipt = house.export()
    assert sidecar.read_bytes() == changed
    assert receipt.kept.named[0]["path"] == "2023/07/IMG.JPG.xmp"
    assert receipt.complete  # every original is there


def test_a_sidecar_of_ours_is_brought_up_to_date(house: House) -> None:
    sha = house.take_in(b"one", "IMG.JPG", captured_at=JULY)
    house.export()
    house.say(sha, title="New title")
    assert house.export().sidecars == 1
    assert "New title" in (house.out / "2023/07/IMG.JPG.xmp").read_text()


def test_collections_are_folders_of_relative_links(house: House, tmp_path: Path) -> None:
    one = house.take_in(b"one", "IMG.JPG", captured_at=JULY)
    two = house.take_in(b"two", "IMG.JPG", captured_at="2024-01-01T10:00:00")
    house.collect("Trip: Rome/2023", two, one)
    receipt = house.export()
    assert (receipt.collections, receipt.linked) == (1, "symlinks")
    folder = house.out / "collections/Trip_ Rome_2023"
    assert (folder / "IMG.JPG").read_bytes() == b"two"
    assert (folder / "IMG (2).JPG").read_bytes() == b"one"
    house.out.rename(tmp_path / "elsewhere")
    moved = tmp_path / "elsewhere/collections/Trip_ Rome_2023"
    assert (moved / "IMG.JPG").read_bytes() == b"two"


def test_what_was_taken_out_of_a_collection_loses_its_link(house: House) -> None:
    one = house.take_in(b"one", "a.jpg", captured_at=JULY)
    two = house.take_in(b"two", "b.jpg", captured_at=JULY)
    house.collect("Trip", one, two)
    house.export()
    (house.out / "collections/Trip/mine.txt").write_text("of the person")
    house.sql("delete from collection_assets where asset_id in (select id from assets where "
              "sha = ?)", one)  # fmt: skip
    house.export()
    assert sorted(p.name for p in (house.out / "collections/Trip").iterdir()) == [
        "b.jpg", "mine.txt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "linked"), [(("symlink",), "hard links"), (("symlink", "link"), "list")]
)
def test_a_disk_without_symlinks_gets_hard_links_or_a_list(
    house: House, monkeypatch: pytest.MonkeyPatch, refused: tuple[str, ...], linked: str
) -> None:
    def not_permitted(*given: object, **named: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    for name in refused:
        monkeypatch.setattr(os, name, not_permitted)
    house.collect("Trip", house.take_in(b"one", "a.jpg", captured_at=JULY))
    for _ in range(2):
        assert house.export().linked == linked
        link = house.out / "collections/Trip/a.jpg"
        assert link.exists() == (linked == "hard links")
        [row] = rows(house.out / "collections.csv")
        assert (row["collection"], row["position"], row["path"]) == ("Trip", "1", "2023/07/a.jpg")


def test_the_trash_stays_unless_it_is_asked_for(house: House) -> None:
    sha = house.take_in(b"one", "a.jpg", captured_at=JULY)
    house.sql("update assets set trashed_at = '2024-01-01' where sha = ?", sha)
    assert house.export().assets == 0
    assert house.export(with_trash=True).checked == 1


def test_a_missing_or_damaged_original_is_red_and_stops_nothing(house: House) -> None:
    missing = house.take_in(b"one", "a.jpg", captured_at=JULY)
    damaged = house.take_in(b"two", "b.jpg", captured_at=JULY)
    house.take_in(b"three", "c.jpg", captured_at=JULY)
    house.original(missing).unlink()
    house.original(damaged).chmod(0o644)
    house.original(damaged).write_bytes(b"TWO")
    receipt = house.export()
    assert not receipt.complete
    assert (receipt.missing, receipt.failed.count) == (2, 2)
    assert house.tree() == ["2023/07/c.jpg", "2023/07/c.jpg.xmp"]
    why = {file["path"]: file["why"] for file in receipt.failed.named}
    assert "missing" in why["2023/07/a.jpg"]
    assert "damaged" in why["2023/07/b.jpg"]


def test_the_check_finds_what_the_disk_lost(house: House) -> None:
    house.take_in(b"one", "a.jpg", captured_at=JULY)
    house.export()
    photo = house.out / "2023/07/a.jpg"
    stat = photo.stat()
    photo.write_bytes(b"0ne")
    os.utime(photo, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    receipt = house.export()
    assert not receipt.complete
    assert (receipt.missing, receipt.bytes_total - receipt.bytes_checked) == (1, 3)
    assert receipt.wrong.named[0]["path"] == "2023/07/a.jpg"
    photo.unlink()  # as the hint says
    assert house.export().complete


def test_the_library_itself_and_foreign_lists_are_refused(house: House, tmp_path: Path) -> None:
    library = house.albums.settings.library
    (tmp_path / "link").symlink_to(library)
    for out in (library, library / "originals", tmp_path / "link/new"):
        with pytest.raises(BadInput, match="library itself"):
            house.export(out=out)
    for nowhere in (tmp_path / "not mounted/photos", Path("/never-there")):
        with pytest.raises(BadInput, match="no folder"):
            house.export(out=nowhere)
    for odd in ("/", "/tmp/\0"):
        with pytest.raises(BadInput):
            house.export(out=Path(odd))
    with pytest.raises(AlbumsError, match="does not take it"):
        house.export(out=tmp_path / ("long" * 100))
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="is a file"):
        house.export(out=tmp_path / "file")
    for name in ("manifest.csv", "SHA256SUMS", "collections.csv"):
        other = tmp_path / f"has {name}"
        other.mkdir()
        (other / name).write_text("path,what\n1,2\n")
        with pytest.raises(BadInput, match="not a list of an export"):
            house.export(out=other)
        assert sorted(p.name for p in other.iterdir()) == [name]


def test_a_manifest_that_leads_out_of_the_folder_is_refused(house: House) -> None:
    house.take_in(b"one", "a.jpg", captured_at=JULY)
    house.export()
    manifest = house.out / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("2023/07/a.jpg", "../../a.jpg"))
    with pytest.raises(BadInput):
        house.export()


def test_a_full_disk_is_said_before_anything_is_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.take_in(b"one", "a.jpg", captured_at=JULY)
    full = type("Usage", (), {"free": 2})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(DiskFull, match="no room"):
        house.export()
    assert list(house.out.iterdir()) == []


def test_a_disk_that_fills_up_leaves_whole_files_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.take_in(b"one", "a.jpg", captured_at=JULY)

    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(target, "_sync_disk", full)
        with pytest.raises(DiskFull, match="no room"):
            house.export()
    assert house.tree() == []
    assert house.export().complete


def test_a_folder_that_cannot_be_written_is_said(house: House) -> None:
    house.take_in(b"one", "a.jpg", captured_at=JULY)
    house.out.mkdir()
    (house.out / "2023").write_text("a file where a folder should be")
    with pytest.raises(AlbumsError, match="cannot be written"):
        house.export()


def test_a_stopped_export_goes_on_and_half_files_are_swept(house: House) -> None:
    for number in range(3):
        house.take_in(b"%d" % number, f"{number}.jpg", captured_at=JULY)
    stop, progress = threading.Event(), Progress("x")
    stop.set()
    export(house.out, house.albums.library, house.albums.vault, progress, stop)
    assert (progress.state, progress.complete) == ("stopped", False)
    # As kill -9 leaves it: one photo whole, another half, no lists.
    (house.out / "2023/07").mkdir(parents=True)
    (house.out / "2023/07/0.jpg").write_bytes(b"0")
    (house.out / ".albums-export").mkdir()
    (house.out / ".albums-export/x.part").write_bytes(b"ha")
    receipt = house.export()
    assert (receipt.present, receipt.copied, receipt.complete) == (1, 2, True)
    assert not (house.out / ".albums-export").exists()
    assert len(house.tree()) == 6


def test_a_raw_photo_has_a_second_sidecar_where_lightroom_looks(house: House) -> None:
    raw = b"II*\x00\x10\x00\x00\x00CR\x02\x00" + bytes(100)
    sha = house.take_in(raw, "IMG_1.CR2", captured_at="2002-12-08T12:00:00")
    house.take_in(raw + b"2", "IMG_2.CR2", captured_at=JULY)
    house.take_in(b"of another program", "IMG_2.xmp", captured_at=JULY)
    assert house.export().complete
    assert house.tree() == [
        "2002/12/IMG_1.CR2", "2002/12/IMG_1.CR2.xmp", "2002/12/IMG_1.xmp",
        "2023/07/IMG_2.CR2", "2023/07/IMG_2.CR2.xmp", "2023/07/IMG_2.xmp",
        "2023/07/IMG_2.xmp.xmp",
    ]  # fmt: skip
    assert (house.out / "2023/07/IMG_2.xmp").read_bytes() == b"of another program"
    house.say(sha, captured_at=JULY, title="New")
    receipt = house.export()
    assert (receipt.complete, receipt.kept.count, receipt.moved) == (True, 0, 1)
    assert not (house.out / "2002/12/IMG_1.xmp").exists()
    for name in ("IMG_1.CR2.xmp", "IMG_1.xmp"):
        assert "New" in (house.out / "2023/07" / name).read_text()


def test_who_is_on_a_photo_leaves_with_it_whoever_said_so(house: House) -> None:
    house.take_in(b"photo", "IMG_1.JPG", captured_at=JULY, people=["Ann Lee"])
    house.export()
    assert "Ann Lee" in (house.out / "2023/07/IMG_1.JPG.xmp").read_text()
