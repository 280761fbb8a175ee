"""The facts step, on real files through real decoder processes."""

from __future__ import annotations

import json
from typing import Any

import piexif
import pytest
from PIL import Image

from albums.ingest.late import Later, say
from albums.ingest.receive import Receiver
from albums.ingest.step import Done, Failed, Tools
from albums.ingest.steps.facts import FactsStep
from albums.library.facts import Claim, add_claims, claims_of
from albums.library.tags import refuse_tags, tags_of
from tests.conftest import MakePhoto
from tests.ingest.steps.conftest import Do, Keep

STEP = FactsStep()
PHONE = piexif.dump(
    {
        "0th": {
            piexif.ImageIFD.Make: b"samsung",
            piexif.ImageIFD.Model: b"SM-S921U",
            piexif.ImageIFD.Orientation: 6,
            piexif.ImageIFD.ImageDescription: b"Ann on the beach",
            piexif.ImageIFD.XPKeywords: tuple("beach;Ann".encode("utf-16-le")),
        },
        "Exif": {piexif.ExifIFD.DateTimeOriginal: b"2024:07:01 12:00:00"},
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: b"N",
            piexif.GPSIFD.GPSLatitude: ((38, 1), (43, 1), (20, 1)),
            piexif.GPSIFD.GPSLongitudeRef: b"W",
            piexif.GPSIFD.GPSLongitude: ((9, 1), (8, 1), (21, 1)),
        },
    }
)


def row_of(tools: Tools, asset_id: int) -> dict[str, Any]:
    with tools.library.read() as db:
        return dict(db.execute("select * from assets where id = ?", (asset_id,)).fetchone())


def test_a_phone_photo_tells_when_where_and_with_what(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1, exif=PHONE), "IMG_0001.jpg")
    do(STEP, asset_id)
    row = row_of(tools, asset_id)
    assert row["captured_at"] == "2024-07-01T12:00:00+01:00"
    assert row["day"] == "2024-07-01"
    assert (row["latitude"], row["longitude"]) == pytest.approx((38.722222, -9.139167), abs=1e-5)
    assert (row["make"], row["camera"]) == ("Samsung", "Samsung Galaxy S24 (SM-S921U)")
    assert (row["width"], row["height"]) == (240, 320)
    assert row["description"] == "Ann on the beach"
    with tools.library.read() as db:
        assert {tag["tag"] for tag in tags_of(db, asset_id)} == {"beach", "ann"}


def test_the_raw_tags_are_kept_whole(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1, exif=PHONE))
    do(STEP, asset_id)
    with tools.library.read() as db:
        tags = json.loads(db.execute("select tags from exif").fetchone()["tags"])
    assert tags["exif"]["Model"] == "SM-S921U"
    assert tags["exif"]["Orientation"] == 6


def test_a_file_without_tags_is_dated_by_its_name_then_by_its_time(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    named = keep(make_photo(1), "IMG_20240512_184211.jpg", modified_ns=1_600_000_000_000_000_000)
    timed = keep(make_photo(2), "x.jpg", modified_ns=1_715_539_331_000_000_000)
    do(STEP, named, timed)
    assert row_of(tools, named)["captured_at"] == "2024-05-12T18:42:11"
    assert row_of(tools, timed)["captured_at"] == "2024-05-12T19:42:11+01:00"


def test_a_broken_photo_and_a_video_still_have_name_and_time(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    whole = make_photo(1, exif=PHONE)
    broken = keep(whole[:30] + b"\xff" * 400, "IMG_20240512_184211.jpg")
    video = keep(b"\x00\x00\x00\x18ftypmp42" + bytes(64), "VID_20240513_184211.mp4")
    outcomes = do(STEP, broken, video)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert row_of(tools, broken)["captured_at"] == "2024-05-12T18:42:11"
    assert row_of(tools, video)["captured_at"] == "2024-05-13T18:42:11"


def test_what_a_person_or_a_sidecar_said_is_never_touched(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1, exif=PHONE))
    said = [
        Claim("captured_at", "1999-01-01T00:00:00", "person", 1.0),
        Claim("description", "from the export", "sidecar", 0.9),
    ]
    with tools.library.write() as db:
        add_claims(db, asset_id, said)
    do(STEP, asset_id)
    row = row_of(tools, asset_id)
    assert (row["captured_at"], row["description"]) == ("1999-01-01T00:00:00", "from the export")
    with tools.library.read() as db:
        assert {"person", "sidecar", "exif", "arrival"} <= {
            c.source for c in claims_of(db, asset_id)
        }


def test_a_place_from_a_sidecar_gives_the_zone(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    exif = piexif.dump({"Exif": {piexif.ExifIFD.DateTimeOriginal: b"2024:07:01 12:00:00"}})
    place = Claim("location", [35.66, 139.7], "sidecar", 0.7)
    asset_id = keep(make_photo(1, exif=exif), claims=(place,))
    do(STEP, asset_id)
    assert row_of(tools, asset_id)["captured_at"] == "2024-07-01T12:00:00+09:00"


LOCAL = piexif.dump({"Exif": {piexif.ExifIFD.DateTimeOriginal: b"2024:07:01 12:00:00"}})
NOON = Claim("instant", "2024-07-01T10:00:00Z", "takeout", 0.6, "photoTakenTime")


def tell(receiver: Receiver, tools: Tools, asset_id: int, *claims: Claim) -> None:
    later = Later(row_of(tools, asset_id)["sha"], "takeout", claims)
    say(receiver, [later], "takeout://takeout-20240516T230250Z")


def test_what_an_export_says_later_gives_a_local_time_its_offset_until_it_is_taken_back(
    receiver: Receiver, tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1, exif=LOCAL))
    do(STEP, asset_id)
    assert row_of(tools, asset_id)["captured_at"] == "2024-07-01T12:00:00"
    tell(receiver, tools, asset_id, NOON)
    [done] = do(STEP, asset_id)
    assert isinstance(done, Done)
    assert done.changed
    assert row_of(tools, asset_id)["captured_at"] == "2024-07-01T12:00:00+02:00"
    tell(receiver, tools, asset_id)
    do(STEP, asset_id)
    assert row_of(tools, asset_id)["captured_at"] == "2024-07-01T12:00:00"
    with tools.library.read() as db:
        assert "instant" not in {c.source for c in claims_of(db, asset_id)}


def test_keywords_that_an_export_says_are_tags_until_they_are_taken_back(
    receiver: Receiver, tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    def tags() -> set[object]:
        with tools.library.read() as db:
            return {tag["tag"] for tag in tags_of(db, asset_id)}

    asset_id = keep(make_photo(1, exif=PHONE))
    do(STEP, asset_id)
    tell(receiver, tools, asset_id, Claim("keywords", ["Sea", "Beach"], "takeout", 0.9))
    [done] = do(STEP, asset_id)
    assert isinstance(done, Done)
    assert done.changed
    assert tags() == {"beach", "ann", "sea"}
    with tools.library.write() as db:
        refuse_tags(db, asset_id, ["sea"])
    [again] = do(STEP, asset_id)
    assert isinstance(again, Done)
    assert again.changed is False
    tell(receiver, tools, asset_id)
    do(STEP, asset_id)
    assert tags() == {"beach", "ann"}


def test_a_file_that_says_nothing_is_dated_by_the_moment_that_an_export_tells(
    receiver: Receiver, tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1), "scan.jpg", modified_ns=10**18)
    there = Claim("location", [35.66, 139.7], "takeout", 0.85)
    tell(receiver, tools, asset_id, NOON, there)
    do(STEP, asset_id)
    assert row_of(tools, asset_id)["captured_at"] == "2024-07-01T19:00:00+09:00"
    with tools.library.read() as db:
        best = next(c for c in claims_of(db, asset_id) if c.field == "captured_at")
    assert best.source == "instant"
    assert best.detail == "takeout says when, in UTC; zone of the GPS place Asia/Tokyo"


@pytest.mark.parametrize(("confidence", "wins"), [(0.95, True), (0.85, False)])
def test_a_place_that_a_person_corrected_in_a_service_beats_the_receiver_of_the_camera(
    receiver: Receiver,
    tools: Tools,
    keep: Keep,
    do: Do,
    make_photo: MakePhoto,
    confidence: float,
    *,
    wins: bool,
) -> None:
    asset_id = keep(make_photo(1, exif=PHONE))  # in Lisbon
    do(STEP, asset_id)
    tell(receiver, tools, asset_id, Claim("location", [35.66, 139.7], "takeout", confidence))
    assert (row_of(tools, asset_id)["longitude"] == 139.7) is wins
    do(STEP, asset_id)
    assert (row_of(tools, asset_id)["longitude"] == 139.7) is wins
    offset = "+09:00" if wins else "+01:00"
    assert row_of(tools, asset_id)["captured_at"] == f"2024-07-01T12:00:00{offset}"


def test_doing_it_twice_leaves_the_same_rows(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1, exif=PHONE), "IMG_0001.jpg")

    def everything() -> list[object]:
        with tools.library.read() as db:
            return [row_of(tools, asset_id), claims_of(db, asset_id), tags_of(db, asset_id)]

    do(STEP, asset_id)
    once = everything()
    do(STEP, asset_id)
    assert everything() == once


def test_a_missing_original_is_said(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1))
    row = row_of(tools, asset_id)
    tools.vault.originals.path(row["sha"], row["extension"]).unlink()
    [outcome] = do(STEP, asset_id)
    assert isinstance(outcome, Failed)


def test_a_picture_without_any_words_of_its_own_has_no_tags(
    tools: Tools, keep: Keep, do: Do, tmp_path: Any
) -> None:
    path = tmp_path / "plain.png"
    Image.new("RGB", (30, 20), "red").save(path)
    asset_id = keep(path.read_bytes(), "plain.png")
    do(STEP, asset_id)
    row = row_of(tools, asset_id)
    assert (row["width"], row["height"], row["title"], row["rating"]) == (30, 20, None, None)
    with tools.library.read() as db:
        assert tags_of(db, asset_id) == []
