"""An export comes in whole, is understood over all its parts, and is proven to be there."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import pytest

from albums.errors import BadInput
from albums.sources.importing import landing
from albums.sources.importing.importer import Asked, ExportProgress
from albums.sources.importing.run import bring
from albums.sources.takeout.takeout import Takeout
from tests.sources.archives.made import make_tar, make_zip, truncated
from tests.sources.importing.exports import (
    FIRST,
    PHOTOS,
    SECOND,
    YEAR,
    House,
    entries,
    photo,
    said,
    small_export,
    up_to_seal,
)


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path]:
    return small_export(tmp_path / "downloads")


def test_every_entry_lands_and_the_receipt_is_green(house: House, parts: tuple[Path, Path]) -> None:
    progress = house.bring(*parts)
    assert progress.state == "done"
    receipt = house.receipt()
    assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
    fates = {path.rpartition("/")[2]: line["fate"] for path, line in entries(receipt).items()}
    assert fates["IMG_2.jpg.json"] == "sidecar"
    assert fates["metadata.json"] == "album"
    assert fates["note.txt"] == fates["2023.json"] == "not-media"
    verdicts = {line["verdict"] for line in entries(receipt).values() if line["verdict"]}
    assert verdicts == {"proven"}
    originals = house.importer.receiver.vault.originals
    for asset in house.rows("select sha, extension from assets"):
        assert originals.reread(asset["sha"], asset["extension"])


def test_what_google_says_is_believed_where_the_file_says_nothing(
    house: House, parts: tuple[Path, Path]
) -> None:
    house.bring(*parts)
    assert house.asset("IMG_1.jpg")["description"] == "On the beach"
    assert house.asset("IMG_1.jpg")["favourite"] == 1
    assert house.claims("IMG_1.jpg")["people"] == ["Ann"]
    assert house.claims("IMG_2.jpg")["instant"] == "2019-06-08T13:21:40+00:00"
    assert house.asset("IMG_2.jpg")["hidden"] == 1
    assert "location" not in house.claims("IMG_1.jpg")  # 0/0 is no place


def test_the_json_is_kept_verbatim_beside_the_original(
    house: House, parts: tuple[Path, Path]
) -> None:
    house.bring(*parts)
    sha = house.asset("IMG_1.jpg")["sha"]
    content = house.importer.receiver.vault.sidecars.read(sha)
    assert content
    [paper] = content["papers"]
    assert paper["path"] == f"{YEAR}/IMG_1.jpg.supplemental-metadata.json"
    assert json.loads(paper["text"])["description"] == "On the beach"


def test_an_edited_copy_is_a_variant_with_what_its_original_has(
    house: House, parts: tuple[Path, Path]
) -> None:
    house.bring(*parts)
    claims = house.claims("IMG_1-edited.jpg")
    assert claims["variant_of"] == house.asset("IMG_1.jpg")["sha"]
    assert claims["description"] == "On the beach"


def test_albums_are_collections_also_of_photos_that_they_only_name(
    house: House, parts: tuple[Path, Path]
) -> None:
    house.bring(*parts)
    rows = house.rows(
        """select c.name, c.description, a.name as asset from collections c
           join collection_assets on collection_id = c.id join assets a on a.id = asset_id
           order by c.name, position"""
    )
    assert [(row["name"], row["asset"]) for row in rows] == [
        ("Drive/Taxes", "2023.json"),
        ("Drive/Taxes", "note.txt"),
        ("Lisbon: Summer", "IMG_1.jpg"),
        ("Lisbon: Summer", "IMG_2.jpg"),
    ]
    assert rows[-1]["description"] == "By the sea"


def test_googles_own_pages_stay_out_of_the_timeline(house: House, parts: tuple[Path, Path]) -> None:
    house.bring(*parts)
    assert house.asset("archive_browser.html")["hidden"] == 1
    assert house.asset("note.txt")["hidden"] == 0


def test_the_same_parts_again_land_nothing_and_have_the_same_receipt(
    house: House, parts: tuple[Path, Path]
) -> None:
    house.bring(*parts)
    before = house.rows("select count(*) as n from arrivals")
    progress = house.bring(*reversed(parts))
    assert (progress.ingested, progress.duplicate, progress.found) == (0, 0, 0)
    assert house.rows("select count(*) as n from arrivals") == before
    assert house.receipts() == [1]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["photos first", "JSON first"])
def test_a_part_that_comes_next_week_joins_what_is_there(
    house: House, tmp_path: Path, parts: tuple[Path, Path], order: tuple[int, int]
) -> None:
    for number in order:
        house.bring(parts[number])
    assert house.asset("IMG_1.jpg")["description"] == "On the beach"
    assert house.receipt(2)[-1]["verdict"] == "green", house.receipt(2)[-1]["reasons"]


def test_a_part_that_is_missing_makes_the_receipt_red(
    house: House, parts: tuple[Path, Path]
) -> None:
    house.bring(parts[1])
    receipt = house.receipt()
    assert receipt[-1]["verdict"] == "red"
    [gap] = [line for line in receipt if line["type"] == "gap"]
    assert gap["missing"] == [1]
    announced = {line["title"]: line["url"] for line in receipt if line["type"] == "announced"}
    assert announced["IMG_1.jpg"].startswith("https://photos.google.com/")


def test_a_broken_part_lands_what_it_still_holds_and_is_replaced_by_a_whole_one(
    house: House, tmp_path: Path, parts: tuple[Path, Path]
) -> None:
    (tmp_path / "broken").mkdir()
    broken = tmp_path / "broken" / FIRST
    broken.write_bytes(parts[0].read_bytes())
    truncated(broken, broken.stat().st_size * 2 // 3)
    house.bring(broken, parts[1])
    assert house.receipt()[-1]["verdict"] == "red"
    landed = house.rows("select count(*) as n from assets")[0]["n"]
    assert landed > 2
    house.bring(parts[0])
    assert house.receipt(2)[-1]["verdict"] == "green", house.receipt(2)[-1]["reasons"]
    superseded = [p["superseded"] for p in house.receipt(2) if p["type"] == "part"]
    assert sorted(superseded) == [False, False, True]


def test_nothing_of_a_tgz_with_a_wrong_checksum_is_proven(house: House, tmp_path: Path) -> None:
    files = {f"{YEAR}/A.jpg": photo(1), f"{YEAR}/A.jpg.json": said("A.jpg")}
    part = make_tar(tmp_path / "takeout-20240101T000000Z-001.tgz", files)
    raw = part.read_bytes()
    part.write_bytes(raw[:-8] + b"\x00\x00\x00\x00" + raw[-4:])  # the CRC of a gzip stream
    house.bring(part)
    line = entries(house.receipt())[f"{YEAR}/A.jpg"]
    assert (line["fate"], line["verdict"]) == ("new", "not landed")
    assert "checksum" in line["why"]
    assert house.receipt()[-1]["verdict"] == "red"


def test_zip_tgz_and_folder_end_alike(house: House, tmp_path: Path) -> None:
    files = {
        f"{YEAR}/IMG_1.jpg": photo(1),
        f"{YEAR}/IMG_1.jpg.json": said("IMG_1.jpg", description="Hello"),
    }
    make_tar(tmp_path / "takeout-20240101T000000Z-001.tgz", files)
    house.bring(tmp_path / "takeout-20240101T000000Z-001.tgz")
    for name, content in files.items():
        (tmp_path / "unpacked" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "unpacked" / name).write_bytes(content)
    house.bring(tmp_path / "unpacked")
    for number in (1, 2):
        receipt = house.receipt(number)
        assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
        assert entries(receipt)[f"{YEAR}/IMG_1.jpg"]["pairing"] == "owned"
    assert entries(house.receipt(2))[f"{YEAR}/IMG_1.jpg"]["fate"] == "duplicate"
    assert house.asset("IMG_1.jpg")["description"] == "Hello"


def test_a_folder_that_grew_is_read_only_where_it_is_new(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "Takeout" / "Google Photos" / "Photos from 2019"
    folder.mkdir(parents=True)
    (folder / "B.jpg").write_bytes(photo(1))
    house.bring(tmp_path / "Takeout")
    (folder / "A.jpg").write_bytes(photo(2))
    (folder / "B.jpg.json").write_bytes(said("B.jpg"))
    progress = house.bring(tmp_path / "Takeout")
    assert (progress.ingested, progress.papers) == (1, 1)
    assert "instant" in house.claims("B.jpg")


def test_what_lay_in_googles_trash_goes_to_ours_once(house: House, tmp_path: Path) -> None:
    files = {f"{YEAR}/A.jpg": photo(1), f"{YEAR}/A.jpg.json": said("A.jpg", trashed=True)}
    part = make_zip(tmp_path / FIRST, files)
    house.bring(part)
    assert house.thrown_away == [house.asset("A.jpg")["sha"]]
    house.bring(part)  # the person may have restored it meanwhile
    assert len(house.thrown_away) == 1


def test_two_albums_of_one_title_stay_two(house: House, tmp_path: Path) -> None:
    files = {
        f"{PHOTOS}/Trip/metadata.json": b'{"title": "Trip"}',
        f"{PHOTOS}/Trip/A.jpg": photo(1),
        f"{PHOTOS}/Trip(1)/metadata.json": b'{"title": "Trip"}',
        f"{PHOTOS}/Trip(1)/B.jpg": photo(2),
    }
    part = make_zip(tmp_path / FIRST, files)
    house.bring(part)
    house.bring(part)
    names = [row["name"] for row in house.rows("select name from collections order by name")]
    assert names == ["Trip", "Trip (2)"]


def test_a_dry_run_counts_and_keeps_nothing(house: House, parts: tuple[Path, Path]) -> None:
    progress = house.bring(*parts, dry_run=True)
    [summary] = progress.summary.values()
    assert sum(summary["statuses"].values()) == summary["entries"] == 13
    assert summary["statuses"]["ingested"] == 6
    assert not house.rows("select 1 from assets union all select 1 from imports")
    assert not house.receipts()
    house.bring(*parts)
    [again] = house.bring(*parts, dry_run=True).summary.values()
    assert "ingested" not in again["statuses"]


def test_an_empty_file_is_named_and_never_counts_as_landed(house: House, tmp_path: Path) -> None:
    files = {f"{YEAR}/A.jpg": b"", f"{YEAR}/A.jpg.json": said("A.jpg")}
    house.bring(make_zip(tmp_path / FIRST, files))
    receipt = house.receipt()
    assert entries(receipt)[f"{YEAR}/A.jpg"]["fate"] == "empty"
    assert entries(receipt)[f"{YEAR}/A.jpg"]["verdict"] == "not landed"
    assert receipt[-1]["verdict"] == "red"


class StopsAfter(Event):
    """Is set once it was asked for often enough."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_an_import_that_was_stopped_goes_on_and_ends_with_the_same_receipt(
    house: House, other_house: House, parts: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "_BATCH_FILES", 2)
    states = []
    for times in range(0, 60, 4):
        progress = ExportProgress("test", source="takeout")
        bring(house.importer, Takeout(), Asked(parts, stop=StopsAfter(times)), progress)
        states.append(progress.state)
    assert states[0] == "stopped"
    assert states[-1] == "done"
    house.bring(*parts)
    other_house.bring(*parts)
    assert up_to_seal(house.receipt()) == up_to_seal(other_house.receipt())
    assert house.receipts() == [1]


def test_the_librarys_own_folders_and_nothing_at_all_are_refused(
    house: House, tmp_path: Path
) -> None:
    own = house.importer.receiver.library.path.parent
    for path in (own, own / "originals"):
        with pytest.raises(BadInput, match="belongs to the library itself"):
            house.bring(path)
    (tmp_path / "page.zip").write_bytes(b"<html>expired</html>")
    with pytest.raises(BadInput, match="nothing to import") as refused:
        house.bring(tmp_path / "page.zip")
    assert "web page" in str(refused.value)


def test_what_the_owner_deleted_stays_deleted_unless_asked_for(
    house: House, parts: tuple[Path, Path]
) -> None:
    house.bring(*parts)
    sha = house.asset("IMG_2(1).jpg")["sha"]
    with house.importer.receiver.library.write() as db:
        db.execute("update assets set trashed_at = '2026-01-01' where sha = ?", (sha,))
    house.bring(*parts)
    assert house.asset("IMG_2(1).jpg")["trashed_at"]
    house.bring(*parts, again=True)
    assert house.asset("IMG_2(1).jpg")["trashed_at"] is None


def test_the_receipt_does_not_depend_on_the_order_in_which_parts_came(
    house: House, other_house: House, tmp_path: Path
) -> None:
    path = f"{YEAR}/IMG_1.jpg"
    parts = [
        make_zip(tmp_path / FIRST, {path: photo(1), f"{path}.json": said("IMG_1.jpg")}),
        make_zip(tmp_path / SECOND, {path: photo(1), f"{YEAR}/IMG_2.jpg": photo(1)}),
    ]
    for part in parts:
        house.bring(part)
    for part in reversed(parts):
        other_house.bring(part)
    first, second = house.receipt(2), other_house.receipt(2)
    assert up_to_seal(first) == up_to_seal(second)
