"""The place step."""

from __future__ import annotations

from albums.ingest.step import Done, Skipped, Tools
from albums.ingest.steps.place import PlaceStep
from albums.library.facts import Claim, add_claims, settle
from tests.conftest import MakePhoto
from tests.ingest.steps.conftest import Do, Keep


def put(tools: Tools, asset_id: int, point: list[float] | None, source: str = "exif") -> None:
    with tools.library.write() as db:
        add_claims(db, asset_id, [Claim("location", point, source)])
        settle(db, asset_id, tools.home)


def places(tools: Tools) -> dict[int, tuple[str, str, str]]:
    with tools.library.read() as db:
        rows = db.execute("select * from places")
        return {r["asset_id"]: (r["city"], r["country"], r["country_code"]) for r in rows}


def test_assets_with_a_location_get_their_place_and_others_are_skipped(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    here, nowhere, at_sea = (keep(make_photo(number)) for number in range(3))
    put(tools, here, [38.7223, -9.1393])
    put(tools, at_sea, [40.0, -35.0])
    outcomes = do(PlaceStep(), here, nowhere, at_sea)
    assert [type(outcome) for outcome in outcomes] == [Done, Skipped, Skipped]
    assert places(tools) == {here: ("Lisbon", "Portugal", "PT")}


def test_a_person_who_moves_a_photo_moves_its_place(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1))
    put(tools, asset_id, [38.7223, -9.1393])
    do(PlaceStep(), asset_id)
    put(tools, asset_id, [35.66, 139.7], "person")
    do(PlaceStep(), asset_id)
    assert places(tools) == {asset_id: ("Tokyo", "Japan", "JP")}


def test_a_location_that_is_taken_away_takes_the_place_with_it(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1))
    put(tools, asset_id, [38.7223, -9.1393])
    do(PlaceStep(), asset_id)
    put(tools, asset_id, None, "person")
    do(PlaceStep(), asset_id)
    assert places(tools) == {}
