"""The exports of Apple and Flickr and folders with sidecars, from their files to the receipt."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from threading import Event
from typing import Any

from albums.sources.apple import Apple
from albums.sources.beside import Sidecars
from albums.sources.flickr import Flickr
from albums.sources.importing.importer import Asked, ExportProgress
from albums.sources.importing.kind import Kind
from albums.sources.importing.run import bring
from tests.sources.apple.test_tables import HEADING
from tests.sources.archives.made import make_zip
from tests.sources.beside.test_photoprism import ALBUM, PHOTO
from tests.sources.beside.test_xmp_said import xmp
from tests.sources.flickr import test_flickr as flickr
from tests.sources.importing.exports import House, entries, photo


def imported(house: House, kind: Kind, *paths: Path) -> list[dict[str, Any]]:
    """The lines of the receipt."""
    progress = ExportProgress("test", source=kind.name)
    bring(house.importer, kind, Asked(paths, stop=Event()), progress)
    assert progress.state == "done"
    return house.receipt(progress.receipts[-1])


def claims(house: House, name: str, source: str) -> dict[str, Any]:
    rows = house.rows(
        """select field, value from claims join assets on assets.id = asset_id
           where name = ? and claims.source = ?""",
        name,
        source,
    )
    return {row["field"]: json.loads(row["value"]) for row in rows}


def collections(house: House) -> dict[str, list[str]]:
    rows = house.rows(
        """select collections.name as title, assets.name from collections
           join collection_assets on collections.id = collection_id
           join assets on assets.id = asset_id order by title, position"""
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["title"], []).append(row["name"])
    return found


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def table(*rows: str) -> bytes:
    return "\n".join([HEADING, *rows, ""]).encode()


def row(name: str, flags: str = "no,no,no") -> str:
    return f'{name},AfQj,{flags},"Saturday June 4,2022 12:11 PM GMT",0,'


APPLE = {
    1: {
        "Photos/IMG_1.JPG": photo(1),
        "Photos/IMG_2.JPG": photo(2),
        "Photos/Photo Details.csv": table(row("IMG_1.JPG", "yes,no,no"), row("IMG_2.JPG")),
        "Albums/Summer.csv": b"Images\nIMG_3.JPG\nIMG_1.JPG\n",
        "Recently Deleted/IMG_9.JPG": photo(9),
    },
    2: {
        "Photos/IMG_1.JPG": photo(11),
        "Photos/IMG_3.JPG": photo(3),
        "Photos/Photo Details-1.csv": table(
            row("IMG_1.JPG", "no,yes,no"), row("IMG_3.JPG"), row("IMG_9.JPG", "no,no,yes")
        ),
    },
}


def apple_zips(folder: Path) -> list[Path]:
    folder.mkdir()
    return [
        make_zip(folder / f"iCloud Photos Part {number} of 2.zip", files)
        for number, files in APPLE.items()
    ]


def test_an_export_of_apple_comes_in_with_its_albums(house: House, tmp_path: Path) -> None:
    receipt = imported(house, Apple(), *apple_zips(tmp_path / "downloads"))
    assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
    photos = [line for line in entries(receipt).values() if line["path"].endswith(".JPG")]
    assert {line["verdict"] for line in photos} == {"proven"}
    flags = house.rows("select name, favourite, hidden from assets order by size, id")
    assert sum(row["favourite"] for row in flags) == 1
    assert sum(row["hidden"] for row in flags) == 1
    assert collections(house) == {"Summer": ["IMG_3.JPG"]}  # two photos are called IMG_1.JPG
    [deleted] = house.thrown_away
    assert house.asset("IMG_9.JPG")["sha"] == deleted
    assert claims(house, "IMG_3.JPG", "apple")["instant"] == "2022-06-04T12:11:00+00:00"


def test_the_same_export_unpacked_is_the_same(house: House, tmp_path: Path) -> None:
    zips = apple_zips(tmp_path / "downloads")
    for path in zips:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "unpacked" / path.stem)
    receipt = imported(house, Apple(), tmp_path / "unpacked")
    assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
    assert len(house.rows("select sha from assets")) == 5
    assert collections(house) == {"Summer": ["IMG_3.JPG"]}


def test_the_table_of_a_part_is_not_written_beside_each_photo(house: House, tmp_path: Path) -> None:
    imported(house, Apple(), *apple_zips(tmp_path / "downloads"))
    sidecars = house.importer.receiver.vault.sidecars
    for asset in house.rows("select sha from assets"):
        assert not (sidecars.read(asset["sha"]) or {}).get("papers")


def test_flickrs_photos_and_json_come_in_together(house: House, tmp_path: Path) -> None:
    make_zip(tmp_path / "data-download-1.zip", {"river_111_o.jpg": photo(1)})
    said = flickr.photo("111", tags=[{"tag": "Sea"}], description="At night")
    papers = {
        "photo_111.json": json.dumps(said).encode(),
        "albums.json": json.dumps(flickr.albums_json("111")).encode(),
        "account_profile.json": b'{"nsid": "1@N0"}',
    }
    make_zip(tmp_path / "7215_ab12_part1.zip", papers)
    receipt = imported(house, Flickr(), tmp_path)
    assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
    [line] = [line for line in entries(receipt).values() if line["path"].endswith(".jpg")]
    assert line["url"] == "https://www.flickr.com/photos/someone/111/"
    assert house.asset("river_111_o.jpg")["description"] == "At night"
    assert claims(house, "river_111_o.jpg", "flickr")["keywords"] == ["Sea"]
    assert collections(house) == {"Rivers": ["river_111_o.jpg"]}


def test_a_collection_has_the_order_of_its_album_until_the_person_has_another(
    house: House, tmp_path: Path
) -> None:
    photos = {f"river_{n}_o.jpg": photo(n, "2019:06:08 15:20:00") for n in (111, 222, 333)}
    papers = {f"photo_{n}.json": json.dumps(flickr.photo(str(n))).encode() for n in (111, 222, 333)}
    papers["albums.json"] = json.dumps(flickr.albums_json("222", "333", "111")).encode()
    make_zip(tmp_path / "data-download-1.zip", photos | papers)
    imported(house, Flickr(), tmp_path)
    [names] = collections(house).values()
    assert names == ["river_222_o.jpg", "river_333_o.jpg", "river_111_o.jpg"]
    with house.importer.receiver.library.write() as db:
        db.execute("update collection_assets set position = -position")
    imported(house, Flickr(), tmp_path)
    assert next(iter(collections(house).values())) == names[::-1]


def test_photoprisms_trees_come_in_with_what_they_say(house: House, tmp_path: Path) -> None:
    uid = "ps6sg6be2lvl0yh8"
    folder = write(
        tmp_path / "photoprism",
        {
            "originals/2016/I.jpg": photo(1),
            "originals/2016/notes.yml": b"shopping: [milk]\n",
            "storage/sidecar/2016/I.yml": PHOTO.replace("pr9tsib2qf7dfegc", uid).encode(),
            "storage/albums/album/as6sg6bxpoaaaaaa.yml": ALBUM.encode(),
        },
    )
    imported(house, Sidecars(), folder)
    asset = house.asset("I.jpg")
    assert (asset["title"], asset["favourite"]) == ("Brandenburg Gate", 1)
    assert asset["captured_at"] == "2016-01-10T11:15:06+01:00"
    assert collections(house) == {"Berlin 2020": ["I.jpg"]}
    assert house.asset("notes.yml")["kind"] == "document"


def test_an_xmp_beside_a_photo_speaks_of_it_and_is_kept(house: House, tmp_path: Path) -> None:
    sidecar = xmp("<dc:title>Pier</dc:title>", 'xmp:Rating="4"')
    folder = write(tmp_path / "upload", {"a/I.jpg": photo(1), "a/I.jpg.xmp": sidecar})
    receipt = imported(house, Sidecars(), folder)
    assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
    assert (house.asset("I.jpg")["title"], house.asset("I.jpg")["rating"]) == ("Pier", 4)
    content = house.importer.receiver.vault.sidecars.read(house.asset("I.jpg")["sha"])
    assert content
    [paper] = content["papers"]
    assert paper["text"].encode() == sidecar


def test_a_folder_that_also_holds_an_archive_comes_in_whole(house: House, tmp_path: Path) -> None:
    folder = write(tmp_path / "upload", {"a/I.jpg": photo(1), "a/.DS_Store": b"x"})
    make_zip(folder / "old.zip", {"b/J.jpg": photo(2)})
    receipt = imported(house, Sidecars(), folder)
    assert receipt[-1]["verdict"] == "green", receipt[-1]["reasons"]
    assert {row["name"] for row in house.rows("select name from assets")} == {
        "I.jpg", ".DS_Store", "old.zip",
    }  # fmt: skip


def test_parts_that_are_packed_and_unpacked_in_one_folder_are_read_once(
    house: House, tmp_path: Path
) -> None:
    folder = tmp_path / "downloads"
    first, _ = apple_zips(folder)
    with zipfile.ZipFile(first) as archive:
        archive.extractall(folder / first.stem)
    make_zip(folder / first.stem / "iCloud Shared Albums.zip", {"My Albums/x.jpg": photo(5)})
    first.unlink()
    receipt = imported(house, Apple(), folder)
    parts = [line["name"] for line in receipt if line["type"] == "part"]
    assert sorted(parts) == ["downloads", "iCloud Photos Part 2 of 2.zip"]
    assert len(house.rows("select sha from assets where kind = 'photo'")) == 5
    assert collections(house) == {"Summer": ["IMG_3.JPG"]}


def test_an_export_brought_again_lands_nothing_and_says_nothing_new(
    house: House, tmp_path: Path
) -> None:
    zips = apple_zips(tmp_path / "downloads")
    first = imported(house, Apple(), *zips)
    audit = house.rows("select count(*) as entries from audit")
    again = imported(house, Apple(), *reversed(zips))
    assert [line for line in again if line["type"] != "seal"] == [
        line for line in first if line["type"] != "seal"
    ]
    assert house.rows("select count(*) as entries from audit") == audit


def test_photoprisms_trees_may_be_brought_as_two_folders(house: House, tmp_path: Path) -> None:
    originals = write(tmp_path / "originals", {"2016/I.jpg": photo(1)})
    sidecars = write(tmp_path / "storage" / "sidecar", {"2016/I.yml": PHOTO.encode()})
    imported(house, Sidecars(), originals, sidecars)
    assert house.asset("I.jpg")["title"] == "Brandenburg Gate"


def test_two_folders_of_one_name_do_not_speak_of_each_other(house: House, tmp_path: Path) -> None:
    one = write(tmp_path / "a" / "photos", {"I.jpg": photo(1)})
    other = write(tmp_path / "b" / "photos", {"I.jpg.xmp": xmp("<dc:title>Pier</dc:title>")})
    imported(house, Sidecars(), one)
    imported(house, Sidecars(), other)
    assert house.asset("I.jpg")["title"] is None
