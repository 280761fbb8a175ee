"""All claims are kept; one wins."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from albums.library.database import Library
from albums.library.facts import Claim, add_claims, claims_of, replace_claims, settle, to_utc
from tests.rows import insert_asset

EXIF = Claim("captured_at", "2024-05-12T18:42:11+01:00", "exif", 0.9, "DateTimeOriginal")
NAME = Claim("captured_at", "2024-05-12T00:00:00", "name", 0.4)
PERSON = Claim("captured_at", "1999-12-31T23:59:00", "person", 1.0)


def settled(library: Library, *claims: Claim) -> dict[str, object]:
    with library.write() as db:
        asset_id = insert_asset(db, 1)
        add_claims(db, asset_id, claims)
        settle(db, asset_id, ZoneInfo("Europe/Lisbon"))
        row = db.execute("select * from assets where id = ?", (asset_id,)).fetchone()
        db.execute("delete from assets")
        return dict(row)


def test_the_most_confident_claim_wins(library: Library) -> None:
    row = settled(library, NAME, EXIF)
    assert row["captured_at"] == "2024-05-12T18:42:11+01:00"
    assert row["day"] == "2024-05-12"


def test_a_person_wins_over_any_confidence(library: Library) -> None:
    assert settled(library, EXIF, PERSON, NAME)["captured_at"] == "1999-12-31T23:59:00"


def test_between_equals_the_source_decides(library: Library) -> None:
    exif = Claim("title", "from exif", "exif", 0.5)
    sidecar = Claim("title", "from sidecar", "sidecar", 0.5)
    assert settled(library, exif, sidecar)["title"] == "from sidecar"


def test_what_nobody_claims_is_null(library: Library) -> None:
    row = settled(library)
    assert row["captured_at"] is None
    assert row["latitude"] is None
    assert row["favourite"] == 0


def test_a_place_is_two_numbers(library: Library) -> None:
    row = settled(library, Claim("location", [38.7, -9.1], "exif", 0.9))
    assert (row["latitude"], row["longitude"]) == (38.7, -9.1)


def test_a_time_without_offset_is_sorted_in_the_home_zone() -> None:
    assert to_utc("2024-07-01T12:00:00", ZoneInfo("Europe/Lisbon")) == to_utc(
        "2024-07-01T11:00:00", UTC
    )
    assert to_utc("2024-07-01T12:00:00-07:00", ZoneInfo("Europe/Lisbon")) == to_utc(
        "2024-07-01T19:00:00", UTC
    )


def test_replacing_the_claims_of_a_source_leaves_the_others(library: Library) -> None:
    with library.write() as db:
        asset_id = insert_asset(db, 1)
        add_claims(db, asset_id, [EXIF, PERSON])
        replace_claims(db, asset_id, ["exif", "name"], [NAME])
        assert claims_of(db, asset_id) == [PERSON, NAME]


def test_claims_come_best_believed_first(library: Library) -> None:
    with library.write() as db:
        asset_id = insert_asset(db, 1)
        add_claims(db, asset_id, [NAME, PERSON, EXIF])
        assert claims_of(db, asset_id) == [PERSON, EXIF, NAME]
