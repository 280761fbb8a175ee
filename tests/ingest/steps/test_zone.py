"""A clock without a zone beside one that has it: told, explained, and taken back."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import piexif
import pytest
from PIL import Image

from albums.assembly import open_albums
from albums.ingest.facts.neighbours import told_by
from albums.ingest.step import Tools
from albums.ingest.steps.zone import ZoneStep
from albums.library.facts import Claim, add_claims, claims_of, settle
from albums.library.ledger import Ledger, Plan
from albums.library.shapes import make_tables
from albums.library.zones import Seen
from albums.settings import Settings
from albums.upkeep.rebuild import canonical_export, rebuild
from tests.arrivals import arrival_of
from tests.rows import insert_asset
from tests.working import work_off

PHONE, CAMERA = "Google Pixel 8", "Canon EOS 700D"
BY_TAG = "DateTimeOriginal; offset tag"
LOCAL = "DateTimeOriginal; zone unknown"
IN_UTC = "header read as UTC, as the standard says; this library's zone Europe/Lisbon"
HABIT = "header read as local time, as cameras of Canon write it; zone unknown"


class Box:
    """A library of rows, whose step `zone` is pulled from a real ledger."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.step = ZoneStep()
        self.ledger = Ledger(
            [Plan("facts", "1"), Plan("zone", "1", ("facts",)), Plan("record", "1", (), ("zone",))]
        )
        self.count = 0
        with tools.library.write() as db:
            make_tables(db, self.step.prepare)

    def take_in(
        self,
        value: str,
        detail: str = BY_TAG,
        camera: str = PHONE,
        source: str = "exif",
        **columns: Any,
    ) -> int:
        with self.tools.library.write(durable=False) as db:
            return self.insert(db, value, detail, camera, source, **columns)

    def insert(
        self,
        db: sqlite3.Connection,
        value: str,
        detail: str = BY_TAG,
        camera: str = PHONE,
        source: str = "exif",
        **columns: Any,
    ) -> int:
        self.count += 1
        asset_id = insert_asset(db, self.count)
        claims = [
            Claim("captured_at", value, source, 0.9, detail),
            Claim("camera", camera, "exif", 0.9),
        ]
        add_claims(db, asset_id, claims)
        for column, content in columns.items():
            db.execute(f"update assets set {column} = ? where id = ?", (content, asset_id))
        settle(db, asset_id, self.tools.home)
        self.ledger.enroll(db, [asset_id])
        db.execute(
            """update work set state = case step when 'zone' then 'open' else 'done' end
               where asset_id = ?""",
            (asset_id,),
        )
        return asset_id

    def fill(self, db: sqlite3.Connection, day: datetime) -> None:
        """50 photos of a day by a camera and 50 by a phone, with what the step keeps of them."""
        for number in range(100):
            self.count += 1
            asset_id = insert_asset(db, self.count)
            at = day + timedelta(minutes=number // 2 * 14)
            zone, why = ("", LOCAL) if number % 2 else ("+09:00", BY_TAG)
            db.execute(
                """insert into claims (asset_id, field, source, value, confidence, detail)
                   values (?, 'captured_at', 'exif', ?, 0.9, ?)""",
                (asset_id, f'"{at.isoformat()}{zone}"', why),
            )
            hour = (at - datetime(1970, 1, 1)) // timedelta(hours=1)
            seconds = (at - datetime(1970, 1, 1)) // timedelta(seconds=1)
            witness = (
                (hour - 9, seconds, 540, "", "") if zone else (None, seconds, None, "", "local")
            )
            db.execute(
                "insert into clocks values (?, ?, ?, ?, ?, ?, ?, '', null)",
                (asset_id, hour, *witness),
            )
            db.execute(
                "insert into work (step, asset_id, version, state) values ('zone', ?, '1', 'done')",
                (asset_id,),
            )

    def told(self) -> int:
        """How many assets have the zone of others."""
        with self.tools.library.read() as db:
            row = db.execute("select count(*) from claims where source = 'neighbours'").fetchone()
        return int(row[0])

    def work(self) -> int:
        """Until there is none; returns how many assets were asked."""
        return work_off(self.tools, self.ledger, self.step)

    def taken(self, asset_id: int) -> str:
        with self.tools.library.read() as db:
            row = db.execute("select * from assets where id = ?", (asset_id,)).fetchone()
        return str(row["captured_at"])

    def why(self, asset_id: int) -> Claim | None:
        with self.tools.library.read() as db:
            return next((c for c in claims_of(db, asset_id) if c.source == "neighbours"), None)

    def reopen(self, asset_id: int, sql: str) -> None:
        with self.tools.library.write() as db:
            db.execute(sql, (asset_id,))
            self.ledger.reopen(db, "zone", [asset_id])


@pytest.fixture
def box(tools: Tools) -> Box:
    return Box(tools)


@pytest.mark.parametrize("camera_first", [True, False])
def test_a_camera_without_zone_gets_that_of_the_phone_beside_it(
    box: Box, camera_first: bool
) -> None:
    def camera() -> int:
        return box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)

    asset_id = camera() if camera_first else 0
    box.work()
    box.take_in("2023-05-01T17:11:12+09:00")
    box.work()
    asset_id = asset_id or camera()
    box.work()
    assert box.taken(asset_id) == "2023-05-01T17:20:00+09:00"
    claim = box.why(asset_id)
    assert claim is not None
    assert claim.detail == (
        "DateTimeOriginal; +09:00, the zone of what Google Pixel 8 took in the same hour"
    )


@pytest.mark.parametrize(
    "how",
    [
        "update assets set trashed_at = '2024-01-01' where id = ?",
        "delete from assets where id = ?",
        "update claims set detail = 'DateTimeOriginal; zone unknown' where asset_id = ?",
    ],
)
def test_it_is_taken_back_when_the_phones_photos_go(box: Box, how: str) -> None:
    phones = [box.take_in(f"2023-05-01T17:{minute}:12+09:00") for minute in (11, 12)]
    camera = box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)
    box.work()
    box.reopen(phones[0], how)
    box.work()
    assert box.taken(camera) == "2023-05-01T17:20:00+09:00"
    box.reopen(phones[1], how)
    box.work()
    assert box.taken(camera) == "2023-05-01T17:20:00"
    assert box.why(camera) is None


def test_what_comes_back_from_the_trash_tells_again(box: Box) -> None:
    phone = box.take_in("2023-05-01T17:11:12+09:00")
    camera = box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)
    box.reopen(phone, "update assets set trashed_at = '2024-01-01' where id = ?")
    box.work()
    assert box.taken(camera) == "2023-05-01T17:20:00"
    box.reopen(phone, "update assets set trashed_at = null where id = ?")
    box.work()
    assert box.taken(camera) == "2023-05-01T17:20:00+09:00"


def test_where_two_zones_are_near_none_is_told(box: Box) -> None:
    box.take_in("2023-05-01T17:11:12+09:00")
    box.take_in("2023-05-01T18:40:00+02:00")
    camera = box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)
    box.work()
    assert box.taken(camera) == "2023-05-01T17:20:00"


def test_the_evening_after_a_flight_heeds_who_is_near_and_not_who_was_left(box: Box) -> None:
    box.take_in("2023-05-01T06:00:00+09:00")
    box.take_in("2023-05-01T18:40:00+02:00")
    camera = box.take_in("2023-05-01T19:20:00", LOCAL, CAMERA)
    box.work()
    assert box.taken(camera) == "2023-05-01T19:20:00+02:00"


@pytest.mark.parametrize(
    ("phones", "value"),
    [
        (["2023-05-01T08:00:00+09:00", "2023-05-02T08:00:00+09:00"], "2023-05-01T17:20:00+09:00"),
        (["2023-05-01T08:00:00+09:00"], "2023-05-01T17:20:00"),
        (["2023-05-01T08:00:00+09:00", "2023-05-02T08:00:00+02:00"], "2023-05-01T17:20:00"),
        (["2023-04-29T08:00:00+09:00", "2023-05-03T08:00:00+09:00"], "2023-05-01T17:20:00"),
    ],
)
def test_further_away_there_must_be_one_before_and_one_after(
    box: Box, phones: list[str], value: str
) -> None:
    for phone in phones:
        box.take_in(phone)
    camera = box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)
    box.work()
    assert box.taken(camera) == value


@pytest.mark.parametrize(
    "detail",
    [
        "GPS clock; this library's zone Europe/Lisbon",
        "DateTimeOriginal; offset from the moment that takeout says",
        "time of the file on disk; this library's zone Europe/Lisbon",
    ],
)
def test_a_zone_that_is_a_guess_itself_tells_nothing(box: Box, detail: str) -> None:
    box.take_in("2023-05-01T17:11:12+01:00", detail)
    camera = box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)
    box.work()
    assert box.taken(camera) == "2023-05-01T17:20:00"


def test_a_day_without_a_time_and_a_clock_that_was_never_set_are_left_alone(box: Box) -> None:
    box.take_in("2023-05-01T00:11:12+09:00")
    day = box.take_in("2023-05-01T00:00:00", "date in the file name, only in part", "", "name")
    box.work()
    assert box.taken(day) == "2023-05-01T00:00:00"


def test_a_persons_word_stands_and_their_correction_is_no_witness(box: Box) -> None:
    phone = box.take_in("2023-05-01T17:11:12+09:00")
    camera = box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)
    with box.tools.library.write() as db:
        add_claims(db, phone, [Claim("captured_at", "2023-05-02T10:00:00+02:00", "person", 1.0)])
        settle(db, phone, box.tools.home)
    box.work()
    assert box.taken(phone) == "2023-05-02T10:00:00+02:00"
    assert box.taken(camera) == "2023-05-01T17:20:00"


def test_a_film_known_only_in_utc_is_written_in_the_zone_of_the_phone(box: Box) -> None:
    box.take_in("2023-05-01T17:11:12+09:00")
    film = box.take_in(
        "2023-05-01T09:20:00+01:00", IN_UTC, "", "container", kind="video", name="film.mp4"
    )
    box.work()
    assert box.taken(film) == "2023-05-01T17:20:00+09:00"


def film_beside(box: Box, film: str, detail: str, photo: str, photo_detail: str = LOCAL) -> int:
    asset_id = box.take_in(film, detail, "", "container", kind="video", name="MVI_0013.MOV")
    box.take_in(photo, photo_detail, CAMERA, name="IMG_0012.JPG")
    box.work()
    return asset_id


def test_a_photo_beside_a_film_tells_that_its_header_is_local(box: Box) -> None:
    """Read as UTC it would be an hour after the photo; as local time a minute after it."""
    film = film_beside(box, "2023-05-01T11:21:00+01:00", IN_UTC, "2023-05-01T10:20:00")
    assert box.taken(film) == "2023-05-01T10:21:00"
    claim = box.why(film)
    assert claim is not None
    assert claim.detail == "header read as local time, by IMG_0012.JPG beside it; zone unknown"


def test_a_photo_beside_a_film_tells_that_its_header_is_utc(box: Box) -> None:
    film = film_beside(box, "2023-05-01T08:21:00", HABIT, "2023-05-01T17:20:00+09:00", BY_TAG)
    assert box.taken(film) == "2023-05-01T17:21:00+09:00"


def test_a_camera_that_knows_its_place_may_still_write_utc(box: Box) -> None:
    placed = HABIT.replace("zone unknown", "offset from GPS place Asia/Tokyo")
    film = film_beside(
        box, "2023-05-01T08:21:00+09:00", placed, "2023-05-01T17:20:00+09:00", BY_TAG
    )
    assert box.taken(film) == "2023-05-01T17:21:00+09:00"
    other = box.take_in("2023-08-01T08:21:00+09:00", placed, "", "container", kind="video")
    box.work()
    assert box.taken(other) == "2023-08-01T08:21:00+09:00"


def test_a_phone_nearby_tells_in_which_zone_the_clock_of_the_photo_beside_a_film_was(
    box: Box,
) -> None:
    """At home UTC would be the local time, so that both readings were the same."""
    box.take_in("2023-01-01T10:00:00+09:00")
    film = film_beside(box, "2023-01-01T10:21:00+00:00", IN_UTC, "2023-01-01T10:20:00")
    assert box.taken(film) == "2023-01-01T10:21:00+09:00"


def test_a_photo_of_another_hour_or_folder_tells_nothing_of_a_film(box: Box) -> None:
    film = film_beside(box, "2023-05-01T11:21:00+01:00", IN_UTC, "2023-05-01T14:20:00")
    box.take_in("2023-05-01T10:20:00", LOCAL, CAMERA, name="IMG_0014.JPG", folder="elsewhere")
    box.work()
    assert box.taken(film) == "2023-05-01T11:21:00+01:00"


def test_what_a_sidecar_says_is_written_again_where_a_zone_is_told(box: Box) -> None:
    camera = box.take_in("2023-05-01T17:20:00", LOCAL, CAMERA)
    box.work()
    other = box.take_in("2023-08-01T17:20:00", LOCAL, CAMERA)
    box.work()
    box.take_in("2023-05-01T17:11:12+09:00")
    box.work()
    with box.tools.library.read() as db:
        rows = db.execute("select asset_id from work where step = 'record' and state = 'open'")
        opened = {row["asset_id"] for row in rows}
    assert camera in opened
    assert other not in opened


def test_in_a_library_of_20_000_an_arrival_asks_those_around_it_and_nobody_else(box: Box) -> None:
    """200 days, each with 50 photos by a camera and 50 by a phone."""
    day = datetime(2022, 1, 1, 8)
    with box.tools.library.write(durable=False) as db:
        for number in range(200):
            box.fill(db, day + timedelta(days=number))
        db.execute("update work set state = 'done'")
        box.ledger.reopen(db, "zone", range(10_001, 10_301))  # three days in the middle
    assert box.work() < 700
    assert box.told() == 150
    assert box.work() == 0

    noon = day + timedelta(days=101, hours=4)
    began = time.perf_counter()
    box.take_in(f"{noon.isoformat()}+09:00", camera="")
    assert box.work() == 1  # the hour has one of its kind already
    box.take_in(f"{noon.isoformat()}+02:00", camera="")
    assert 50 < box.work() < 300  # the cameras of the days around
    assert 100 < box.told() < 200  # but not those near noon, who have two zones around them now
    assert time.perf_counter() - began < 5


def test_what_was_told_is_the_same_after_the_database_was_made_anew(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", workers=1, time_zone="UTC")
    albums = open_albums(settings)
    with closing(albums):
        for number, (camera, offset) in enumerate([("Pixel 8", b"+09:00"), ("EOS 700D", b"")]):
            taken = {piexif.ExifIFD.DateTimeOriginal: b"2023:05:01 17:11:12"}
            taken |= {piexif.ExifIFD.OffsetTimeOriginal: offset} if offset else {}
            model = {piexif.ImageIFD.Model: camera.encode()}
            photo = BytesIO()
            picture = Image.new("RGB", (64, 48), (number * 90, 30, 60))
            picture.save(photo, "JPEG", exif=piexif.dump({"0th": model, "Exif": taken}))
            albums.receiver.receive(arrival_of(photo.getvalue(), f"{number}.jpg"))
        albums.runner.start()
        assert albums.runner.wait_until_idle(60)
        before = list(canonical_export(albums.library))
    told = [line for line in before if '"source":"neighbours"' in line]
    assert len(told) == 1
    assert '"captured_at":"2023-05-01T17:11:12+09:00"' in told[0]
    rebuild(settings.library, ZoneInfo("UTC"))
    with closing(open_albums(settings)) as albums:
        assert list(canonical_export(albums.library)) == before
        albums.runner.start()
        assert albums.runner.wait_until_idle(60)
        assert list(canonical_export(albums.library)) == before


def test_who_asks_by_utc_is_told_by_utc() -> None:
    seen = [Seen(hour=109, utc_hour=100, offset=540, device="Pixel")]
    told = told_by(100, "utc", seen)
    assert told is not None
    assert told.offset == 540
    assert told_by(100, "local", seen) is None
    assert json.dumps(told.why) == '"+09:00, the zone of what Pixel took in the same hour"'
