"""Times of many assets corrected at once: seen before, kept beside, taken back, not lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.assembly import Albums, open_albums
from albums.curate import assets, corrections, trash
from albums.curate.rooms import Rooms
from albums.curate.time_acts import Shift, act_of, zone_of
from albums.errors import BadInput, Conflict, NotFound
from albums.library.corrections import corrections as all_corrections
from albums.library.facts import Claim, add_claims, claims_of, settle
from albums.library.when import amount
from albums.settings import Settings
from albums.upkeep.rebuild.canonical import canonical_export
from albums.upkeep.rebuild.run import rebuild
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.working import work_off

BERLIN = ZoneInfo("Europe/Berlin")
Put = Callable[..., str]


@pytest.fixture
def put(albums: Albums, make_photo: MakePhoto) -> Put:
    """`put(value, detail, source)` -> SHA-256 of an asset with this time."""
    count = 0

    def put(value: str, detail: str = "DateTimeOriginal", source: str = "exif") -> str:
        nonlocal count
        count += 1
        found = albums.receiver.receive(arrival_of(make_photo(count), f"{count}.jpg"))
        assert found.asset_id is not None
        with albums.library.write() as db:
            add_claims(db, found.asset_id, [Claim("captured_at", value, source, 0.9, detail)])
            settle(db, found.asset_id, albums.tools.home)
        return found.sha

    return put


def taken(albums: Albums, sha: str) -> str | None:
    with albums.library.read() as db:
        row = db.execute("select captured_at from assets where sha = ?", (sha,)).fetchone()
    value: str | None = row["captured_at"]
    return value


def act(kind: str, value: str) -> Any:
    key = {"shift": "by", "set": "to"}.get(kind, "zone")
    return act_of({"act": kind, key: value})


def person_of(albums: Albums, sha: str) -> dict[str, Any]:
    content = albums.vault.sidecars.read(sha)
    assert content is not None
    return {claim["field"]: claim for claim in content.get("person", {}).get("claims", [])}


def test_a_shift_moves_every_time_by_the_same_and_says_what_was_before(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    shas = [put("2024-05-01T10:00:00"), put("2024-05-01T11:30:00.250+02:00")]
    done = corrections.correct(rooms, shas, act("shift", "-1:30"), query="camera:canon")
    assert done.id is not None
    assert (done.assets, done.changed, done.how) == (2, 2, "moved by -1:30:00")
    assert [taken(albums, sha) for sha in shas] == [
        "2024-05-01T08:30:00",
        "2024-05-01T10:00:00.250+02:00",
    ]
    said = person_of(albums, shas[0])
    assert said["captured_at"]["detail"] == "moved by -1:30:00, from 2024-05-01T10:00:00"
    assert said["corrections"]["value"][0]["was"] == "2024-05-01T10:00:00"


def test_keeping_the_clock_and_keeping_the_moment_are_two_acts(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    clock, moment = put("2024-05-01T10:00:00+00:00"), put("2024-05-01T10:00:00+00:00")
    corrections.correct(rooms, [clock], act("keep-clock", "Asia/Tokyo"))
    corrections.correct(rooms, [moment], act("keep-moment", "Asia/Tokyo"))
    assert taken(albums, clock) == "2024-05-01T10:00:00+09:00"
    assert taken(albums, moment) == "2024-05-01T19:00:00+09:00"


def test_a_zone_has_the_offset_of_each_day(albums: Albums, rooms: Rooms, put: Put) -> None:
    winter, summer = put("2024-01-01T10:00:00"), put("2024-07-01T10:00:00")
    corrections.correct(rooms, [winter, summer], act("keep-clock", "Europe/Berlin"))
    assert taken(albums, winter) == "2024-01-01T10:00:00+01:00"
    assert taken(albums, summer) == "2024-07-01T10:00:00+02:00"


def test_a_preview_changes_nothing_and_says_what_would(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    shas = [put(f"2024-05-{day:02}T10:00:00") for day in range(1, 26)]
    day = put("2024-05-01T00:00:00", "date in the file name, only in part", "name")
    told = corrections.preview(rooms, [*shas, day], act("keep-moment", "+02:00"))
    assert (told.id, told.changed, told.undated, told.assumed) == (None, 25, 1, 25)
    assert len(told.samples) == 12
    assert (told.samples[0].before, told.samples[0].after) == (
        "2024-05-01T10:00:00",
        "2024-05-01T12:00:00+02:00",
    )
    assert told.samples[-1].sha == shas[-1]
    assert taken(albums, shas[0]) == "2024-05-01T10:00:00"
    with albums.library.read() as db:
        assert all_corrections(db) == []


def test_a_whole_correction_is_taken_back_and_gives_back_what_the_person_said_before(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    shas = [put("2024-05-01T10:00:00"), put("2024-05-01T11:00:00")]
    assets.edit(rooms, shas[1], {"captured_at": "2024-06-01T09:00:00"})
    before = [person_of(albums, sha) for sha in shas]
    done = corrections.correct(rooms, shas, act("shift", "+1d"))
    assert taken(albums, shas[1]) == "2024-06-02T09:00:00"
    undone = corrections.undo(rooms, str(done.id))
    assert (undone.assets, undone.left) == (2, 0)
    assert [taken(albums, sha) for sha in shas] == ["2024-05-01T10:00:00", "2024-06-01T09:00:00"]
    assert [person_of(albums, sha) for sha in shas] == before
    with albums.library.read() as db:
        [listed] = all_corrections(db)
    assert listed.undone_at is not None
    with pytest.raises(Conflict, match="holds of no asset"):
        corrections.undo(rooms, str(done.id))


def test_what_was_said_since_stays_when_a_correction_is_taken_back(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    shas = [put("2024-05-01T10:00:00"), put("2024-05-01T11:00:00"), put("2024-05-01T12:00:00")]
    first = corrections.correct(rooms, shas, act("shift", "+1:00"))
    assets.edit(rooms, shas[1], {"captured_at": "2024-06-01T09:00:00"})
    second = corrections.correct(rooms, shas[2:], act("shift", "+1:00"))
    undone = corrections.undo(rooms, str(first.id))
    assert (undone.assets, undone.left) == (1, 2)
    assert [taken(albums, sha) for sha in shas] == [
        "2024-05-01T10:00:00", "2024-06-01T09:00:00", "2024-05-01T14:00:00",
    ]  # fmt: skip
    corrections.undo(rooms, str(second.id))
    assert corrections.undo(rooms, str(first.id)).assets == 1
    assert taken(albums, shas[2]) == "2024-05-01T12:00:00"


def test_a_number_that_is_not_the_previews_changes_nothing(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    sha = put("2024-05-01T10:00:00")
    with pytest.raises(Conflict, match="1 would change now, not 2"):
        corrections.correct(rooms, [sha], act("shift", "+1:00"), expected=2)
    assert taken(albums, sha) == "2024-05-01T10:00:00"


def test_one_that_leads_out_of_the_calendar_changes_none(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    shas = [put("2024-05-01T10:00:00"), put("1900-05-01T10:00:00")]
    with pytest.raises(BadInput, match="a year that no photo is from"):
        corrections.correct(rooms, shas, act("shift", "-40000d"))
    assert taken(albums, shas[0]) == "2024-05-01T10:00:00"


def test_nobody_unknown_and_nothing_at_all_is_corrected(rooms: Rooms, put: Put) -> None:
    with pytest.raises(NotFound, match="no asset"):
        corrections.correct(rooms, [put("2024-05-01T10:00:00"), "f" * 64], act("shift", "+1:00"))
    with pytest.raises(BadInput, match="Nothing is chosen"):
        corrections.correct(rooms, [], act("shift", "+1:00"))
    with pytest.raises(NotFound, match="no correction"):
        corrections.undo(rooms, "abc")


def test_a_correction_is_the_same_after_the_database_was_made_anew(
    albums: Albums, rooms: Rooms, put: Put, tmp_path: Path
) -> None:
    shas = [put("2024-05-01T10:00:00"), put("2024-05-01T11:00:00")]
    first = corrections.correct(rooms, shas, act("keep-clock", "Asia/Tokyo"), query="beach")
    gone = corrections.correct(rooms, shas[:1], act("shift", "+1:00"))
    corrections.undo(rooms, str(gone.id))
    albums.runner.start()
    assert albums.runner.wait_until_idle(60)
    albums.close()
    settings = Settings(library=tmp_path / "library", workers=1, time_zone="UTC")
    before = _lines(settings)
    rebuild(settings.library, ZoneInfo("UTC"))
    assert _lines(settings) == before
    anew = open_albums(settings)
    try:
        there = Rooms(
            anew.library, anew.vault, anew.ledger, anew.audit, anew.tools.home,
            settings.library, "test://person",
        )  # fmt: skip
        assert corrections.undo(there, str(first.id)).assets == 2
    finally:
        anew.close()


def _lines(settings: Settings) -> list[str]:
    albums = open_albums(settings)
    try:
        return list(canonical_export(albums.library))
    finally:
        albums.close()


def test_the_log_tells_who_corrected_what(albums: Albums, rooms: Rooms, put: Put) -> None:
    done = corrections.correct(
        rooms, [put("2024-05-01T10:00:00")], act("shift", "+1:00"), query="camera:canon"
    )
    corrections.undo(rooms, str(done.id))
    undid, did = albums.audit.entries(limit=2)
    assert did.action == "corrected-times"
    assert did.detail == {
        "correction": done.id, "act": {"act": "shift", "by": "+1:00:00"}, "assets": 1,
        "how": "moved by +1:00:00", "query": "camera:canon",
    }  # fmt: skip
    assert (undid.action, undid.detail["correction"]) == ("undid-correction", done.id)
    assert albums.audit.check() == []


def test_what_lies_under_an_asset_in_its_stack_is_corrected_with_it(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    top, under = put("2024-05-01T10:00:00"), put("2024-05-01T10:00:02")
    with albums.library.write() as db:
        db.execute(
            """update assets set top_id = (select id from assets where sha = ?)
               where sha = ?""",
            (top, under),
        )
    for named in (top, under):
        done = corrections.correct(rooms, [named], act("shift", "+1:00"))
        assert done.changed == 2
    assert [taken(albums, sha) for sha in (top, under)] == [
        "2024-05-01T12:00:00", "2024-05-01T12:00:02",
    ]  # fmt: skip


def test_a_sidecar_of_which_even_the_folder_is_lost_is_written_anew(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    sha = put("2024-05-01T10:00:00")
    folder = albums.vault.sidecars.path(sha).parent
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    corrections.correct(rooms, [sha], act("shift", "+1:00"))
    assert person_of(albums, sha)["captured_at"]["value"] == "2024-05-01T11:00:00"


def test_what_is_in_the_trash_is_corrected_when_it_is_named(
    albums: Albums, rooms: Rooms, put: Put
) -> None:
    sha = put("2024-05-01T10:00:00")
    trash.trash(rooms, [sha])
    corrections.correct(rooms, [sha], act("shift", "+1:00"))
    trash.restore(rooms, [sha])
    assert taken(albums, sha) == "2024-05-01T11:00:00"


def test_a_corrected_phone_no_longer_tells_its_zone(albums: Albums, rooms: Rooms, put: Put) -> None:
    phone = put("2024-05-01T10:00:00+09:00", "DateTimeOriginal; offset tag")
    camera = put("2024-05-01T10:10:00", "DateTimeOriginal; zone unknown")
    with albums.library.write() as db:  # the step `facts` would look into the files
        db.execute("update work set state = 'done' where step != 'zone'")
        db.execute("update work set state = 'open' where step = 'zone'")
    step = next(step for step in albums.runner.steps if step.name == "zone")
    work_off(albums.tools, albums.ledger, step)
    assert taken(albums, camera) == "2024-05-01T10:10:00+09:00"
    corrections.correct(rooms, [phone], act("shift", "+300d"))
    work_off(albums.tools, albums.ledger, step)
    assert taken(albums, camera) == "2024-05-01T10:10:00"


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("+1:00", timedelta(hours=1)),
        ("-0:05:30", -timedelta(minutes=5, seconds=30)),
        ("2d 3:00", timedelta(days=2, hours=3)),
        ("+90s", timedelta(seconds=90)),
        ("-1h30m", -timedelta(minutes=90)),
        ("365 days", timedelta(days=365)),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, by: timedelta) -> None:
    assert act("shift", text) == Shift(by)


@pytest.mark.parametrize("text", ["", "0:00", "1", "yesterday", "+1:99:1", "99999d", "- 1: 0"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no amount of time"):
        act("shift", text)


@pytest.mark.parametrize("text", ["Mars/Olympus", "", "+25:00", "../etc/passwd", "x" * 500])
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no time zone"):
        zone_of(text)


@given(st.timedeltas(timedelta(days=-7000), timedelta(days=7000)))
def test_every_amount_is_read_as_it_is_written(by: timedelta) -> None:
    whole = timedelta(days=by.days, seconds=by.seconds)
    if whole:
        assert act("shift", amount(whole)) == Shift(whole)


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2150, 1, 1)).map(
        lambda at: at.replace(microsecond=0).isoformat()
    ),
    st.sampled_from(["+02:00", "-09:30", "+14:00"]),
)
def test_a_shift_there_and_back_and_a_zone_twice_end_where_they_began(
    local: str, zone: str
) -> None:
    moved = Shift(timedelta(hours=5)).of(local, BERLIN)
    assert Shift(timedelta(hours=-5)).of(moved, BERLIN) == local
    once = act("keep-clock", zone).of(local, BERLIN)
    assert once == f"{local}{zone}"
    assert act("keep-moment", zone).of(once, BERLIN) == once


def test_the_file_of_a_claim_holds_plain_json(albums: Albums, rooms: Rooms, put: Put) -> None:
    sha = put("2024-05-01T10:00:00")
    corrections.correct(rooms, [sha], act("set", "2020-01-02T03:04:05"))
    with albums.library.read() as db:
        asset_id = db.execute("select id from assets where sha = ?", (sha,)).fetchone()["id"]
        claims = [c.as_json() for c in claims_of(db, asset_id) if c.source == "person"]
    assert json.loads(json.dumps(claims)) == claims
    assert taken(albums, sha) == "2020-01-02T03:04:05"
