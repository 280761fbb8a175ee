"""When a picture was taken: which tags, which zone, how sure."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts.captured import captured_claims
from albums.ingest.facts.date_tags import parse_date, parse_offset
from albums.library.facts import Claim, rank

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOME = ZoneInfo("Europe/Lisbon")
LISBON, TOKYO = (38.72, -9.14), (35.66, 139.7)


def claims(
    exif: dict[str, Any] | None = None,
    *,
    xmp: dict[str, Any] | None = None,
    iptc: dict[str, Any] | None = None,
    name: str = "DSC_0001.JPG",
    modified_ns: int | None = None,
    place: tuple[float, float] | None = None,
    told: str | None = None,
) -> dict[str, Claim]:
    tags = {"exif": exif or {}, "xmp": xmp or {}, "iptc": iptc or {}}
    instants = [Claim("instant", told, "takeout", 0.6)] if told else []
    found = captured_claims(tags, [name], modified_ns, instants, place=place, home=HOME, now=NOW)
    assert len({c.source for c in found}) == len(found)
    return {claim.source: claim for claim in found}


def exif_value(exif: dict[str, Any], **more: Any) -> str | None:
    found = claims(exif, **more).get("exif")
    return found.value if found else None


def test_the_offset_tag_gives_the_zone_and_subseconds_are_kept() -> None:
    tags = {
        "DateTimeOriginal": "2021:04:11 15:47:53",
        "SubSecTimeOriginal": "054",
        "OffsetTimeOriginal": "-05:00",
    }
    assert exif_value(tags) == "2021-04-11T15:47:53.054-05:00"


def test_a_time_without_any_zone_stays_local() -> None:
    found = claims({"DateTimeOriginal": "2021:04:11 15:47:53"})["exif"]
    assert found.value == "2021-04-11T15:47:53"
    assert "zone unknown" in found.detail


def test_the_gps_place_gives_the_zone_with_summer_time() -> None:
    summer = claims({"DateTimeOriginal": "2024:07:01 12:00:00"}, place=LISBON)["exif"]
    assert summer.value == "2024-07-01T12:00:00+01:00"
    assert summer.detail == "DateTimeOriginal; offset from GPS place Europe/Lisbon"
    winter = exif_value({"DateTimeOriginal": "2024:01:02 12:00:00"}, place=LISBON)
    assert winter == "2024-01-02T12:00:00+00:00"


def test_the_offset_tag_beats_the_place() -> None:
    tags = {"DateTimeOriginal": "2024:07:01 12:00:00", "OffsetTimeOriginal": "+02:00"}
    assert exif_value(tags, place=LISBON) == "2024-07-01T12:00:00+02:00"


def test_a_nonsense_offset_is_as_none() -> None:
    tags = {"DateTimeOriginal": "2024:07:01 12:00:00", "OffsetTimeOriginal": "+99:00"}
    assert exif_value(tags, place=LISBON) == "2024-07-01T12:00:00+01:00"


def test_the_offset_of_the_last_change_counts_only_for_the_same_time() -> None:
    taken = {"DateTimeOriginal": "2024:07:01 12:00:00", "OffsetTime": "+09:00"}
    assert exif_value(taken | {"DateTime": "2024:07:01 12:00:00"}) == "2024-07-01T12:00:00+09:00"
    assert exif_value(taken | {"DateTime": "2025:01:01 09:30:00"}) == "2024-07-01T12:00:00"


def gps_clock(time: list[float], day: str = "2024:07:01") -> dict[str, Any]:
    return {"GPSDateStamp": day, "GPSTimeStamp": time}


def test_the_gps_clock_gives_the_offset_to_a_quarter_of_an_hour() -> None:
    tags = {"DateTimeOriginal": "2024:07:01 17:44:50"} | gps_clock([12.0, 0.0, 0.0])
    assert exif_value(tags) == "2024-07-01T17:44:50+05:45"  # Kathmandu; the fix is 10 s off


def test_an_old_gps_fix_gives_no_offset() -> None:
    tags = {"DateTimeOriginal": "2024:07:01 13:07:00"} | gps_clock([12.0, 0.0, 0.0])
    assert exif_value(tags) == "2024-07-01T13:07:00"


def test_a_camera_clock_left_at_home_is_found_by_the_gps_clock() -> None:
    tags = {"DateTimeOriginal": "2024:07:01 13:00:00"} | gps_clock([12.0, 0.0, 0.0])
    found = claims(tags, place=TOKYO)["exif"]
    assert found.value == "2024-07-01T13:00:00+01:00"
    assert "not of Asia/Tokyo" in found.detail


def test_the_hour_that_comes_twice_is_told_by_the_gps_clock() -> None:
    local = {"DateTimeOriginal": "2024:10:27 01:30:00"}
    before = gps_clock([0.0, 30.0, 0.0], "2024:10:27")
    after = gps_clock([1.0, 30.0, 0.0], "2024:10:27")
    assert exif_value(local | before, place=LISBON) == "2024-10-27T01:30:00+01:00"
    assert exif_value(local | after, place=LISBON) == "2024-10-27T01:30:00+00:00"


def test_a_file_with_only_a_gps_clock_is_dated_by_it_in_the_zone_of_its_place() -> None:
    assert exif_value(gps_clock([20.0, 0.0, 0.5]), place=TOKYO) == "2024-07-02T05:00:00.500+09:00"
    assert exif_value(gps_clock([20.0, 0.0, 0.0])) == "2024-07-01T21:00:00+01:00"


def test_digitized_stands_in_for_original_and_the_last_change_is_hardly_believed() -> None:
    both = {"CreateDate": "2020:01:02 03:04:05", "ModifyDate": "2024:07:01 12:00:00"}
    assert exif_value(both) == "2020-01-02T03:04:05"
    changed = claims({"DateTime": "2024:07:01 12:00:00"}, name="IMG_20240102_030405.jpg")
    assert changed["exif"].confidence < changed["name"].confidence


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "1970:01:01 00:00:00",
        "1970:01:01 01:00:00",
        "1904:01:01 00:00:00",
        "2023:02:30 10:00:00",
        "2023:13:01 10:00:00",
        "2023:01:01 25:00:00",
        "2031:01:01 10:00:00",
        "not a date",
        "",
    ],
)
def test_nonsense_is_no_date(text: str) -> None:
    assert exif_value({"DateTimeOriginal": text}) is None


@pytest.mark.parametrize(
    "text", ["1980:01:01 00:03:12", "2002:01:01 00:00:00", "2000:01:01 00:00:00"]
)
def test_a_clock_that_was_never_set_is_believed_less_than_the_file(text: str) -> None:
    found = claims({"DateTimeOriginal": text}, modified_ns=1_700_000_000_000_000_000)
    assert found["exif"].confidence < found["file"].confidence
    assert "never set" in found["exif"].detail


def test_a_new_year_party_after_midnight_is_believed() -> None:
    assert claims({"DateTimeOriginal": "2020:01:01 00:00:07"})["exif"].confidence > 0.8


def test_nul_bytes_and_other_separators_are_forgiven() -> None:
    assert exif_value({"DateTimeOriginal": "2021-04-11 15:47:53\x00"}) == "2021-04-11T15:47:53"
    assert exif_value({"DateTimeOriginal": "2021:04:11 15:47"}) == "2021-04-11T15:47:00"
    assert exif_value({"DateTimeOriginal": "2021:04:11T15:47:53Z"}) == "2021-04-11T15:47:53+00:00"


def test_xmp_and_iptc_make_claims_of_their_own() -> None:
    found = claims(
        xmp={"photoshop:DateCreated": "2012-05-06T07:08:09.5+02:00"},
        iptc={"DateCreated": "20120506", "TimeCreated": "070809+0200"},
    )
    assert found["xmp"].value == "2012-05-06T07:08:09.500+02:00"
    assert found["iptc"].value == "2012-05-06T07:08:09+02:00"


def test_only_a_year_is_a_date_less_sure_and_not_a_clock_never_set() -> None:
    found = claims(xmp={"photoshop:DateCreated": "1955"})["xmp"]
    assert found.value == "1955-01-01T00:00:00"
    assert found.detail.endswith("only in part")
    assert found.confidence > 0.5


def test_the_order_of_belief_is_exif_xmp_iptc_name_file() -> None:
    found = claims(
        {"DateTimeOriginal": "2024:05:12 18:42:11"},
        xmp={"exif:DateTimeOriginal": "2024-05-12T18:42:11"},
        iptc={"DateCreated": "20240512", "TimeCreated": "184211"},
        name="IMG_20240512_184211.jpg",
        modified_ns=1_715_539_331_000_000_000,
    )
    by_belief = sorted(found, key=lambda source: -found[source].confidence)
    assert by_belief == ["exif", "xmp", "iptc", "name", "file"]


def test_a_pixel_name_in_utc_gives_the_offset_of_the_local_time() -> None:
    tags = {"DateTimeOriginal": "2024:08:27 10:43:31"}
    found = claims(tags, name="PXL_20240827_094331806.jpg")
    assert found["exif"].value == "2024-08-27T10:43:31+01:00"
    assert found["name"].value == "2024-08-27T10:43:31.806+01:00"


def test_the_file_time_is_shown_in_the_zone_of_the_library() -> None:
    assert (
        claims(modified_ns=1_715_539_331_000_000_000)["file"].value == "2024-05-12T19:42:11+01:00"
    )


def test_the_first_name_with_a_time_wins_over_one_with_only_a_date() -> None:
    names = ["IMG-20240512-WA0001.jpg", "IMG_20240511_184211.jpg"]
    found = captured_claims({}, names, None, place=None, home=HOME, now=NOW)
    assert [c.value for c in found] == ["2024-05-11T18:42:11"]


@pytest.mark.parametrize("text", ["+15:00", "-13:00", "+05:75", "05:00", "", None, 5])
def test_an_impossible_offset_is_none(text: object) -> None:
    assert parse_offset(text) is None


_DATE_LIKE = st.one_of(
    st.text(alphabet="0123456789:-/. TZ+\x00", max_size=30),
    st.from_regex(r"\A\d{4}:\d\d:\d\d \d\d:\d\d:\d\d\Z"),
    st.text(max_size=12),
)


@given(_DATE_LIKE)
def test_no_text_breaks_it_and_no_date_is_invented(text: str) -> None:
    read = parse_date(text)
    if read is None:
        return
    digits = re.sub(r"\D", "", text)
    assert digits.startswith(f"{read.when.year:04}")
    if not read.partly:
        assert digits.startswith(f"{read.when:%Y%m%d%H%M}")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | _DATE_LIKE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
_EXIF = st.dictionaries(
    st.sampled_from(
        ["DateTimeOriginal", "DateTime", "SubSecTimeOriginal", "OffsetTime", "OffsetTimeOriginal",
         "GPSDateStamp", "GPSTimeStamp", "CreateDate"]
    ),
    _JSON,
)  # fmt: skip


@given(_EXIF, st.integers(-(2**63), 2**63 - 1))
def test_no_tag_of_any_type_breaks_it(exif: dict[str, Any], modified_ns: int) -> None:
    for claim in claims(exif, modified_ns=modified_ns).values():
        assert datetime.fromisoformat(claim.value)
        json.dumps(claim.as_json())


# --- beside the moment that a service told

TAKEN = {"DateTimeOriginal": "2024:07:01 12:00:00"}


def believed(found: dict[str, Claim]) -> Claim:
    return max(found.values(), key=rank)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("2024-07-01T10:00:00Z", "2024-07-01T12:00:00+02:00"),
        ("2024-07-01T10:00:00", "2024-07-01T12:00:00+02:00"),  # UTC, if it says so or not
        ("2024-07-01T06:15:03Z", "2024-07-01T12:00:00+05:45"),  # Nepal, and a few seconds
        ("2024-07-01T23:30:00Z", "2024-07-01T12:00:00-11:30"),
        ("2024-07-01T12:00:00Z", "2024-07-01T12:00:00"),  # taken for UTC: it proves nothing
        ("2024-07-01T10:04:00Z", "2024-07-01T12:00:00"),  # no zone explains that
        ("2024-06-30T21:00:00Z", "2024-07-01T12:00:00"),  # nor 15 hours
    ],
)
def test_a_local_time_gets_its_offset_from_the_moment_that_a_service_told(
    told: str, value: str
) -> None:
    found = claims(TAKEN, told=told)
    assert believed(found) == found["exif"]
    assert found["exif"].value == value


def test_the_reason_names_who_told_the_moment() -> None:
    detail = claims(TAKEN, told="2024-07-01T10:00:00Z")["exif"].detail
    assert detail == "DateTimeOriginal; offset from the moment that takeout says"


def test_offset_tag_place_and_gps_clock_know_better_than_a_service() -> None:
    told = "2024-07-01T04:00:00Z"  # as if in +08:00
    assert exif_value(TAKEN | {"OffsetTimeOriginal": "+02:00"}, told=told) == (
        "2024-07-01T12:00:00+02:00"
    )
    assert exif_value(TAKEN, place=TOKYO, told=told) == "2024-07-01T12:00:00+09:00"
    clock = {"GPSDateStamp": "2024:07:01", "GPSTimeStamp": [10, 0, 0]}
    assert exif_value(TAKEN | clock, told=told) == "2024-07-01T12:00:00+02:00"


def test_of_the_hour_that_happens_twice_a_service_says_which_it_was() -> None:
    tags = {"DateTimeOriginal": "2024:10:27 01:30:00"}  # Lisbon, as summer time ends
    berlin = (52.5, 13.4)
    tags_berlin = {"DateTimeOriginal": "2024:10:27 02:30:00"}
    assert exif_value(tags, place=LISBON, told="2024-10-27T00:30:00Z") == (
        "2024-10-27T01:30:00+01:00"
    )
    for told, offset in (("00:30", "+02:00"), ("01:30", "+01:00")):
        value = exif_value(tags_berlin, place=berlin, told=f"2024-10-27T{told}:00Z")
        assert value == f"2024-10-27T02:30:00{offset}"


def test_a_camera_and_a_service_that_disagree_the_camera_stands_and_says_so() -> None:
    found = claims(TAKEN, told="2019-02-03T10:00:00Z")
    assert believed(found) == found["exif"]
    assert found["exif"].value == "2024-07-01T12:00:00"
    assert found["exif"].detail.endswith("takeout says another moment")
    assert "another" not in claims(TAKEN, told="2024-07-01T12:00:00Z")["exif"].detail


def test_a_moment_is_written_in_the_zone_of_the_place_else_of_this_library() -> None:
    told = "2024-07-01T10:00:00Z"
    there = believed(claims(place=TOKYO, told=told))
    assert (there.value, there.source, there.confidence) == (
        "2024-07-01T19:00:00+09:00", "instant", 0.6,
    )  # fmt: skip
    assert believed(claims(told=told)).value == "2024-07-01T11:00:00+01:00"


def test_a_moment_beats_the_day_in_a_name_and_the_time_on_disk() -> None:
    found = claims(name="IMG-20240630-WA0001.jpg", modified_ns=10**18, told="2024-07-01T10:00:00Z")
    assert set(found) == {"name", "file", "instant"}
    assert believed(found).source == "instant"


@pytest.mark.parametrize(
    ("told", "value", "source"),
    [
        ("2024-07-01T10:00:00Z", "2024-07-01T12:00:00+02:00", "name"),  # borne out, with its zone
        ("2024-07-01T12:00:00Z", "2024-07-01T12:00:00", "name"),  # the name, taken for UTC
        ("2024-07-01T10:00:40Z", "2024-07-01T12:00:00", "name"),  # the end of a film, say
        ("2024-09-01T10:00:00Z", "2024-07-01T12:00:00", "name"),  # when it was uploaded
        ("1985-08-01T10:00:00Z", "1985-08-01T11:00:00+01:00", "instant"),  # the name of a scan
    ],
)
def test_a_full_time_in_a_name_stands_unless_a_service_knows_of_an_earlier_one(
    told: str, value: str, source: str
) -> None:
    best = believed(claims(name="IMG_20240701_120000.jpg", told=told))
    assert (best.value, best.source) == (value, source)


def test_a_weak_tag_that_a_service_bears_out_is_believed_for_its_clock() -> None:
    tags = {"DateTime": "2024:07:01 12:00:00"}  # of the last change
    best = believed(claims(tags, told="2024-07-01T10:00:00Z"))
    assert (best.value, best.source) == ("2024-07-01T12:00:00+02:00", "exif")
    best = believed(claims(tags, told="2023-07-01T10:00:00Z"))
    assert best.source == "instant"


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("1904-05-06T07:08:09Z", "1904-05-06T06:31:24-00:36:45"),  # Lisbon before 1912
        ("1969-07-20T20:17:40Z", "1969-07-20T21:17:40+01:00"),
        ("1904-01-01T12:00:00Z", "1904-01-01T11:23:15-00:36:45"),  # the year is all that is known
    ],
)
def test_a_moment_before_1970_is_real(told: str, value: str) -> None:
    assert claims(told=told)["instant"].value == value


@pytest.mark.parametrize(
    "told", ["1970-01-01T00:00:10Z", "1904-01-01T00:00:00Z", "0005-04-28T21:33:20Z",
             "2026-06-02T00:00:00Z", "last summer", "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_a_moment_that_cannot_be_is_not_believed(told: str) -> None:
    assert claims(told=told) == {}


def test_a_service_that_repeats_a_clock_that_was_never_set_is_as_little_believed() -> None:
    tags = {"DateTimeOriginal": "2005:01:01 00:00:00"}
    found = claims(tags, modified_ns=10**18, told="2005-01-01T00:00:00Z")
    assert believed(found).source == "file"
    corrected = claims(tags, modified_ns=10**18, told="2009-05-06T00:00:00Z")
    assert believed(corrected).source == "instant"


@given(st.datetimes(), st.one_of(st.datetimes().map(str), st.text()))
def test_whatever_is_told_there_is_a_claim_of_the_camera(when: datetime, told: str) -> None:
    before = claims({"DateTimeOriginal": when.strftime("%Y:%m:%d %H:%M:%S")})
    after = claims({"DateTimeOriginal": when.strftime("%Y:%m:%d %H:%M:%S")}, told=told)
    assert before.keys() <= after.keys()
    for source, claim in before.items():
        assert after[source].value[:19] == claim.value[:19]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-04-22T14:38:09GMT+2", "2024-04-22T14:38:09+02:00"),
        ("2024:04:22 14:38:09.526GMT-05:30", "2024-04-22T14:38:09.526000-05:30"),
        ("2024-04-22T14:38:09+2", None),
    ],
)
def test_an_offset_may_be_told_from_greenwich(text: str, value: str | None) -> None:
    read = parse_date(text)
    assert (read.when.isoformat() if read else None) == value


def test_a_camera_before_exif_counts_seconds_on_its_own_clock() -> None:
    tags = {"exif": {}, "text": {"TimeDate": "909698819"}}
    [found] = captured_claims(tags, ["P1.JPG"], None, place=None, home=HOME, now=NOW)
    assert (found.value, found.source) == ("1998-10-29T22:06:59", "exif")
