"""What one library exports another one takes in, with all that is said of it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from threading import Event

import piexif
from PIL import Image

from albums.assembly import open_albums
from albums.ingest.step import Done
from albums.ingest.steps.facts import FactsStep
from albums.library.assets import assets_by_id
from albums.settings import Settings
from albums.sources.beside import Sidecars
from albums.sources.importing.importer import Asked, ExportProgress, Importer
from albums.sources.importing.run import bring
from albums.upkeep.export.said import Said, said_of
from tests.upkeep.export.conftest import House


def picture(colour: int, when: str = "") -> bytes:
    exif = piexif.dump({"Exif": {piexif.ExifIFD.DateTimeOriginal: when}}) if when else b""
    out = io.BytesIO()
    Image.new("RGB", (16, 12), (colour, 80, 80)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def look_into_files(house: House) -> None:
    """What the files say of themselves."""
    step, tools = FactsStep(), house.albums.tools
    with tools.library.read() as db:
        ids = [row["id"] for row in db.execute("select id from assets")]
        assets = assets_by_id(db, ids)
    outcomes = step.run(assets, tools)
    with tools.library.write() as db:
        for outcome in outcomes:
            assert isinstance(outcome, Done)
            outcome.write(db)


def said_in(house: House) -> dict[str, Said]:
    """By name; without what is the library's own: when it came, and who says the date."""
    with house.albums.library.read() as db:
        ids = [row["id"] for row in db.execute("select id from assets where kind = 'photo'")]
        said = said_of(db, ids).values()
    return {
        one.name: replace(one, received_at="", date_from=None, caption=None, city=None,
                          region=None, country=None, country_code=None)
        for one in said
    }  # fmt: skip


def imported(house: House, folder: Path) -> None:
    albums = house.albums
    importer = Importer(
        albums.receiver, albums.imports, albums.tools.sandbox, lambda shas: None, lambda: None
    )
    progress = ExportProgress("test", source="sidecars")
    bring(importer, Sidecars(), Asked((folder,), stop=Event()), progress)
    [summary] = progress.summary.values()
    assert summary["verdict"] == "green", summary["reasons"]


def test_an_export_comes_back_as_it_was(house: House, tmp_path: Path) -> None:
    plain = house.take_in(picture(1, "2024:05:01 10:00:00"), "plain.jpg")
    rich = house.take_in(
        picture(2, "2024:05:02 10:00:00"),
        "rich.jpg",
        title="Pier",
        description="At night,\nwith <stars> & moon",
        rating=3,
        favourite=True,
        captured_at="2023-01-02T03:04:05+09:00",
        location=[35.6586, 139.7454],
    )
    hidden = house.take_in(picture(3, "2024:05:03 10:00:00"), "hidden.jpg", hidden=True)
    starred = house.take_in(picture(4, "2024:05:04 10:00:00"), "starred.jpg", favourite=True)
    undated = house.take_in(picture(5), "undated.jpg", rating=5)
    look_into_files(house)
    house.tag(rich, "sea", "two words", machine=("ship",))
    house.tag(undated, "scan")
    house.caption(hidden, "A wall", "A red wall.")
    house.collect("Best", starred, rich, plain)
    house.collect("Ünï: code", undated)
    house.export()

    other = House(
        open_albums(Settings(library=tmp_path / "other", workers=1, time_zone="Europe/Lisbon")),
        tmp_path / "nowhere",
    )
    try:
        imported(other, house.out)
        look_into_files(other)
        before, after = said_in(house), said_in(other)
        before["rich.jpg"] = replace(  # it has models of its own
            before["rich.jpg"], tags=("sea", "two words"), machine_tags=()
        )
        # Nobody says when this one was taken: what the disk says of the copy is not the same.
        before["undated.jpg"] = replace(
            before["undated.jpg"], captured_at=after["undated.jpg"].captured_at
        )
        assert after == before
    finally:
        other.albums.close()
