"""A library that is opened again: by a newer program, after a crash, with nothing left to do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import piexif
import pytest

from albums.assembly import Albums, open_albums
from albums.curate import assets as curate
from albums.library.facts import Claim
from albums.library.ledger import Result
from albums.search.find import Page
from albums.settings import Settings
from albums.upkeep.rebuild import rebuild
from albums.vault import open_vault
from albums.web.ask import Ask
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.curate.conftest import rooms_of
from tests.ingest.steps.test_companions import ID as APPLE_ID
from tests.ingest.steps.test_companions import film, still

Open = Callable[[], Any]
LISBON = piexif.dump(
    {
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: b"N",
            piexif.GPSIFD.GPSLatitude: ((38, 1), (43, 1), (20, 1)),
            piexif.GPSIFD.GPSLongitudeRef: b"W",
            piexif.GPSIFD.GPSLongitude: ((9, 1), (8, 1), (21, 1)),
        }
    }
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library", workers=1, time_zone="UTC")


@pytest.fixture
def opened(settings: Settings) -> Open:
    """`with opened() as albums:`, as often as a test likes."""

    @contextmanager
    def opened() -> Iterator[Albums]:
        albums = open_albums(settings)
        try:
            yield albums
        finally:
            albums.close()

    return opened


def work(albums: Albums) -> None:
    albums.runner.start()
    assert albums.runner.wait_until_idle(60)


def found(albums: Albums, query: str) -> list[str]:
    return [asset["name"] for asset in Ask(albums).find(query, Page()).assets]


def rows(albums: Albums, sql: str) -> list[tuple[Any, ...]]:
    with albums.library.read() as db:
        return [tuple(row) for row in db.execute(sql)]


def states(albums: Albums) -> set[tuple[Any, ...]]:
    return set(rows(albums, "select step, state from work"))


def closed(albums: Albums, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by the step of each batch that ends."""
    steps: list[str] = []
    close = albums.ledger.close

    def noted(db: sqlite3.Connection, step: str, results: Sequence[Result]) -> None:
        steps.append(step)
        close(db, step, results)

    monkeypatch.setattr(albums.ledger, "close", noted)
    return steps


OLDER = {
    "words": 'create virtual table words using fts5(caption, tags, tokenize = "unicode61")',
    "places": "create table places (asset_id integer primary key, city text)",
    "labels": "create table labels (asset_id integer, name text, score real)",
    "pictures": "create table pictures (asset_id integer primary key, thumbhash blob)",
}


def test_tables_that_an_older_program_made_are_made_anew_and_filled_again(
    settings: Settings, opened: Open, make_photo: MakePhoto
) -> None:
    def content(albums: Albums) -> dict[str, list[tuple[Any, ...]]]:
        return {table: rows(albums, f"select * from {table}") for table in OLDER}

    with opened() as albums:
        albums.receiver.receive(arrival_of(make_photo(1, exif=LISBON), "harbour.jpg"))
        work(albums)
        before = content(albums)
        assert all(before.values())
    with closing(sqlite3.connect(settings.database)) as db:
        for table, older in OLDER.items():
            db.execute(f"drop table {table}")
            db.execute(older)
    with opened() as albums:
        assert not any(content(albums).values())
        work(albums)
        assert content(albums) == before
        assert found(albums, '"harbour" place:lisbon') == ["harbour.jpg"]


def test_a_table_that_is_gone_is_filled_again_and_so_is_what_builds_on_it(
    settings: Settings, opened: Open, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(make_photo(1, exif=LISBON)))
        work(albums)
    with closing(sqlite3.connect(settings.database)) as db:
        db.execute("drop table exif")
    with opened() as albums:
        assert {("facts", "open"), ("pictures", "done"), ("words", "done")} <= states(albums)
        ran = closed(albums, monkeypatch)
        work(albums)
        assert set(ran) == {
            "facts", "zone", "place", "rules", "companions", "stack", "look", "duplicates", "words",
            "caption",
            "record",
        }  # fmt: skip
        assert len(rows(albums, "select tags from exif")) == 1


def test_an_unchanged_table_keeps_its_rows_and_no_work_is_done_again(
    opened: Open, make_photo: MakePhoto
) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(make_photo(1, exif=LISBON)))
        work(albums)
        before = states(albums)
    with opened() as albums:
        assert states(albums) == before
        assert {state for _, state in before} == {"done", "skipped"}


CAMERA = piexif.dump({"0th": {piexif.ImageIFD.Make: b"Leica", piexif.ImageIFD.Model: b"M11"}})
STATE = "select step, state from work where step in ('facts', 'pictures') order by step"


def test_what_the_decoders_had_no_time_for_is_tried_again(
    settings: Settings, opened: Open, make_photo: MakePhoto
) -> None:
    def facts(albums: Albums) -> list[tuple[Any, ...]]:
        return rows(albums, "select day, camera from assets")

    hurried = open_albums(replace(settings, decode_seconds=0))
    arrival = arrival_of(make_photo(1, exif=CAMERA), "IMG_20240512_184211.jpg")
    sha = hurried.receiver.receive(arrival).sha
    work(hurried)
    assert rows(hurried, STATE) == [("facts", "open"), ("pictures", "open")]
    assert facts(hurried) == [("2024-05-12", None)]  # from its name, meanwhile
    hurried.close()
    with opened() as albums:
        work(albums)
        assert facts(albums) == [("2024-05-12", None)]  # not yet due
        assert curate.retry(rooms_of(albums), sha) == 3  # facts, pictures, moving
        albums.runner.nudge()
        assert albums.runner.wait_until_idle(60)
        assert rows(albums, STATE) == [("facts", "done"), ("pictures", "done")]
        assert facts(albums) == [("2024-05-12", "Leica M11")]


def test_facts_once_read_outlive_a_decoder_that_has_no_time(
    settings: Settings, opened: Open, make_photo: MakePhoto
) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(make_photo(1, exif=CAMERA)))
        work(albums)
    with closing(open_albums(replace(settings, decode_seconds=0))) as hurried:
        with hurried.library.write() as db:
            hurried.ledger.redo(db, "facts")
        work(hurried)
        assert rows(hurried, "select state from work where step = 'facts'") == [("open",)]
        assert rows(hurried, "select camera from assets") == [("Leica M11",)]


def test_a_broken_file_is_done_with_a_warning_and_only_tried_again_by_name(
    opened: Open, make_photo: MakePhoto
) -> None:
    broken = make_photo(1, exif=CAMERA)[:30] + b"\xff" * 400
    with opened() as albums:
        sha = albums.receiver.receive(arrival_of(broken, "broken.jpg")).sha
        work(albums)
        assert rows(albums, STATE) == [("facts", "done"), ("pictures", "failed")]
        assert rows(albums, "select 1 from work where step = 'facts' and error != ''")
        assert curate.retry(rooms_of(albums), step="facts") == 0
        assert curate.retry(rooms_of(albums), sha) == 2
        albums.runner.nudge()


def test_a_duplicate_under_a_better_name_is_dated_by_it(
    opened: Open, make_photo: MakePhoto
) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(make_photo(1), "upload.jpg"))
        work(albums)
        assert found(albums, "year:2019") == []
        albums.receiver.receive(arrival_of(make_photo(1), "IMG_20190503_141500.jpg"))
        assert albums.runner.wait_until_idle(60)
        assert rows(albums, "select day from assets") == [("2019-05-03",)]
        assert found(albums, "year:2019") == ["upload.jpg"]


def test_a_duplicate_that_says_where_it_was_taken_is_found_there(
    opened: Open, make_photo: MakePhoto
) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(make_photo(1)))
        work(albums)
        said = Claim("location", [38.7222, -9.1392], "sidecar", 0.7)
        albums.receiver.receive(arrival_of(make_photo(1), claims=(said,)))
        assert albums.runner.wait_until_idle(60)
        assert found(albums, "place:lisbon") == found(albums, "lisbon") == ["photo.jpg"]


def test_a_further_arrival_of_a_photo_finds_its_film(opened: Open) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(film(), "IMG_1.MOV", folder="DCIM"))
        albums.receiver.receive(arrival_of(still(), "upload.jpg"))
        work(albums)
        assert not rows(albums, "select * from companions")
        albums.receiver.receive(arrival_of(still(), "IMG_1.JPG", folder="DCIM"))
        assert albums.runner.wait_until_idle(60)
        assert len(rows(albums, "select * from companions")) == 1


def test_companions_are_found_again_after_a_rebuild(settings: Settings, opened: Open) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(film(APPLE_ID), "a.mov"))
        albums.receiver.receive(arrival_of(still(APPLE_ID), "b.jpg", origin="inbox://iphone"))
        work(albums)
        assert len(rows(albums, "select * from companions")) == 1
    rebuild(settings.library, UTC)
    with opened() as albums:
        work(albums)
        [(photo, other)] = rows(albums, "select photo_id, other_id from companions")
        names = dict(rows(albums, "select id, name from assets"))
        assert (names[photo], names[other]) == ("b.jpg", "a.mov")


def test_a_duplicate_is_not_described_again_for_nothing(
    opened: Open, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened() as albums:
        albums.receiver.receive(arrival_of(make_photo(1, exif=LISBON)))
        work(albums)
        ran = closed(albums, monkeypatch)
        albums.receiver.receive(arrival_of(make_photo(1, exif=LISBON)))
        assert albums.runner.idle()
        albums.receiver.receive(arrival_of(make_photo(1, exif=LISBON), folder="a copy"))
        assert albums.runner.wait_until_idle(60)
        assert set(ran) == {"facts", "companions", "stack", "look", "duplicates"}


def test_pictures_that_a_power_cut_took_are_made_again(
    settings: Settings, opened: Open, tmp_path: Path, make_photo: MakePhoto
) -> None:
    with opened() as albums:
        sha = albums.receiver.receive(arrival_of(make_photo())).sha
        albums.runner.start()
        assert albums.runner.wait_until_idle(60)
        after = shutil.copytree(settings.library, tmp_path / "after")
    open_vault(after).pictures.path(sha, 300).write_bytes(b"")  # its bytes were in memory only

    albums = open_albums(replace(settings, library=after))
    albums.runner.start()
    assert albums.runner.wait_until_idle(60)
    albums.close()
    assert open_vault(after).pictures.image(sha, 300)

    with opened() as albums, albums.library.read() as db:  # this one was closed in order
        assert not albums.ledger.unfinished(db)
