"""When a film was begun: UTC or local, its beginning or its end, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts.captured import captured_claims
from albums.library.facts import Claim, to_utc

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
IN_BERLIN, IN_TOKYO, IN_LONDON = (52.52, 13.4), (35.66, 139.7), (51.5, -0.12)
ANDROID = {"com.android.version": "14"}


def ns(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp()) * 1_000_000_000


def claims(
    epoch: str | None = None,
    container: dict[str, Any] | None = None,
    *,
    name: str = "MVI_0001.MOV",
    seconds: float = 20.0,
    modified: str | None = None,
    place: tuple[float, float] | None = None,
    home: ZoneInfo = BERLIN,
    told: str | None = None,
) -> dict[str, Claim]:
    tags = {
        "container": container or {},
        "film": {"duration": seconds},
        "quicktime_epoch": epoch,
        "exif": {},
    }
    found = captured_claims(
        tags,
        [name],
        ns(modified) if modified else None,
        [Claim("instant", told, "takeout", 0.6)] if told else [],
        place=place,
        home=home,
        now=NOW,
    )
    return {claim.source: claim for claim in found}


def when(epoch: str | None = None, container: dict[str, Any] | None = None, **more: Any) -> str:
    return str(claims(epoch, container, **more)["container"].value)


def believed(found: dict[str, Claim]) -> Claim:
    return max(found.values(), key=lambda claim: claim.confidence)


def test_the_iphones_local_time_with_its_offset_beats_the_header() -> None:
    tags = {"com.apple.quicktime.creationdate": "2023-05-01T10:11:12+0200"}
    assert when("2023-05-01T09:00:00+00:00", tags) == "2023-05-01T10:11:12+02:00"
    assert when("2023-05-01T08:11:12+00:00", {"date": "2023-05-01T10:11:12+0200"}) == (
        "2023-05-01T10:11:12+02:00"
    )


def test_a_sonys_xml_and_a_camcorders_stream_tell_the_clock_and_its_zone() -> None:
    sony = {"nrtm:CreationDate": "2019-05-05T12:30:00+09:00"}
    assert when("2019-05-05T03:30:00+00:00", sony) == "2019-05-05T12:30:00+09:00"
    assert when(None, {"mdpm:DateTimeOriginal": "2008-12-31T23:16:24+01:00"}) == (
        "2008-12-31T23:16:24+01:00"
    )
    assert when(None, {"mdpm:DateTimeOriginal": "2008-12-31T23:16:24"}) == "2008-12-31T23:16:24"


def test_a_local_file_name_tells_the_zone_of_a_header_in_utc() -> None:
    found = claims("2023-05-01T08:11:12+00:00", name="VID_20230501_101112.mp4")
    assert found["container"].value == "2023-05-01T10:11:12+02:00"
    assert "local time in the file name" in found["container"].detail


def test_android_writes_when_a_film_ended_and_it_is_sorted_by_when_it_began() -> None:
    """A film of ten minutes, and a photo taken a minute before it by the same phone."""
    film = when("2023-05-01T08:21:12+00:00", ANDROID, name="VID_20230501_101112.mp4", seconds=600.0)
    assert film == "2023-05-01T10:11:12+02:00"
    photo = to_utc("2023-05-01T10:10:12+02:00", BERLIN)
    assert to_utc(film, BERLIN) - photo == 60
    nameless = when("2023-05-01T08:21:12+00:00", ANDROID, name="video.mp4", seconds=600.0)
    assert nameless == "2023-05-01T10:11:12+02:00"


def test_a_halted_recording_ends_later_than_it_is_long() -> None:
    film = when("2023-05-01T08:14:00+00:00", name="VID_20230501_101112.mp4", seconds=40.0)
    assert film == "2023-05-01T10:11:12+02:00"


def test_far_from_home_the_file_name_still_tells_the_zone() -> None:
    film = when("2023-05-01T08:11:20+00:00", name="20230501_171112.mp4", seconds=8.0)
    assert film == "2023-05-01T17:11:12+09:00"


def test_a_samsung_says_its_offset() -> None:
    tags = {**ANDROID, "com.samsung.android.utc_offset": "+0900"}
    film = when("2023-05-01T08:11:32+00:00", tags, name="x.mp4", seconds=20.0)
    assert film == "2023-05-01T17:11:12+09:00"


def test_a_pixels_name_is_in_utc() -> None:
    """The name says when it began, to the millisecond; the header when it ended."""
    found = claims(
        "2022-08-31T00:32:06+00:00", ANDROID, name="PXL_20220831_003137144.mp4", seconds=28.8
    )
    assert found["container"].value == "2022-08-31T02:31:37.144+02:00"
    assert "agree on this time in UTC" in found["container"].detail
    at_the_place = when(
        "2022-08-31T00:32:06+00:00", ANDROID, name="PXL_20220831_003137144.mp4", seconds=28.8,
        place=IN_TOKYO,
    )  # fmt: skip
    assert at_the_place == "2022-08-31T09:31:37.144+09:00"


def test_a_header_with_the_names_local_time_is_local() -> None:
    found = claims("2023-05-01T10:11:12+00:00", name="VID_20230501_101112.mp4")
    assert found["container"].value == "2023-05-01T10:11:12"
    assert "as the file name has it" in found["container"].detail
    placed = when("2023-05-01T10:11:12+00:00", name="VID_20230501_101112.mp4", place=IN_TOKYO)
    assert placed == "2023-05-01T10:11:12+09:00"


def test_where_utc_is_the_local_time_both_are_the_same() -> None:
    winter = when("2023-01-01T10:11:12+00:00", name="VID_20230101_101112.mp4", place=IN_LONDON)
    assert winter == "2023-01-01T10:11:12+00:00"


def test_the_time_on_disk_tells_that_a_header_is_local() -> None:
    """A camera's card that was read with the right zone: the file ended two hours "earlier"."""
    found = claims("2023-05-01T10:11:12+00:00", modified="2023-05-01T08:11:32+00:00")
    assert found["container"].value == "2023-05-01T10:11:12+02:00"
    assert "time on disk" in found["container"].detail


def test_a_card_whose_times_were_read_as_utc_proves_nothing() -> None:
    canon = {"make": "Canon", "model": "Canon EOS 700D"}
    found = claims("2023-05-01T10:11:12+00:00", canon, modified="2023-05-01T10:11:32+00:00")
    assert found["container"].value == "2023-05-01T10:11:12"
    assert "cameras of Canon" in found["container"].detail


@pytest.mark.parametrize("make", ["NIKON CORPORATION", "GoPro", "DJI", "CASIO COMPUTER CO.,LTD."])
def test_cameras_that_write_their_clock_into_the_header_are_known(make: str) -> None:
    assert when("2023-05-01T10:11:12+00:00", {"make": make}) == "2023-05-01T10:11:12"
    placed = when("2023-05-01T10:11:12+00:00", {"make": make}, place=IN_TOKYO)
    assert placed == "2023-05-01T10:11:12+09:00"


def test_otherwise_the_header_is_utc_written_in_the_zone_of_its_place() -> None:
    found = claims("2023-05-01T08:11:12+00:00", place=IN_TOKYO)
    assert found["container"].value == "2023-05-01T17:11:12+09:00"
    assert "as the standard says" in found["container"].detail
    assert when("2023-05-01T08:11:12+00:00") == "2023-05-01T10:11:12+02:00"


@pytest.mark.parametrize(
    "epoch", ["1904-01-01T00:00:00+00:00", "1970-01-01T00:00:00+00:00", None, "nonsense"]
)
def test_a_zero_epoch_is_nothing(epoch: str | None) -> None:
    found = claims(epoch, name="VID_20230501_101112.mp4")
    assert "container" not in found
    assert believed(found).value == "2023-05-01T10:11:12"


def test_a_header_that_counts_from_1970_is_understood() -> None:
    """exiftool does the same: 66 years before the film was taken is no time."""
    assert when("1957-05-01T08:11:12+00:00") == "2023-05-02T10:11:12+02:00"


def test_what_was_saved_anew_keeps_the_date_of_its_name() -> None:
    found = claims("2023-05-01T08:11:12+00:00", name="VID_20190501_101112.mp4")
    assert believed(found).value == "2019-05-01T10:11:12"
    day_only = claims("2023-05-01T08:11:12+00:00", name="VID-20190501-WA0001.mp4")
    assert believed(day_only).value[:10] == "2019-05-01"


def test_a_whatsapp_film_has_a_day_and_no_time() -> None:
    found = claims(None, name="VID-20230501-WA0001.mp4")
    assert found["name"].value == "2023-05-01T00:00:00"
    assert "only in part" in found["name"].detail


def test_an_avis_time_is_the_cameras_clock() -> None:
    found = claims(None, {"creation_time": "2008-03-03 15:32:15"}, name="MVI_0001.AVI")
    assert found["container"].value == "2008-03-03T15:32:15"


def test_a_matroskas_date_is_utc() -> None:
    tags = {"creation_time": "2023-05-01T08:11:12.000000Z"}
    assert when(None, tags, name="x.mkv") == "2023-05-01T10:11:12+02:00"


def test_a_recording_of_an_iphones_screen_is_dated_by_its_name() -> None:
    found = claims(None, name="RPReplay_Final1682928672.MP4")
    assert found["name"].value == "2023-05-01T10:11:12+02:00"


def test_a_local_header_gets_its_zone_from_what_a_service_told() -> None:
    nikon = {"make": "NIKON CORPORATION"}
    found = claims("2023-05-01T17:11:12+00:00", nikon, told="2023-05-01T08:11:12+00:00")
    assert found["container"].value == "2023-05-01T17:11:12+09:00"


def test_a_service_that_says_when_the_film_ended_says_no_other_moment() -> None:
    film: dict[str, Any] = {
        "epoch": "2023-05-01T08:21:12+00:00",
        "container": ANDROID,
        "seconds": 600.0,
    }
    name = "VID_20230501_101112.mp4"
    for told in ("2023-05-01T08:21:12+00:00", "2023-05-01T08:11:12+00:00"):
        found = claims(**film, name=name, told=told)["container"]
        assert found.value == "2023-05-01T10:11:12+02:00"
        assert "another moment" not in found.detail
    found = claims(**film, name=name, told="2023-05-01T08:17:01+00:00")["container"]
    assert "takeout says another moment" in found.detail


@given(
    st.dictionaries(
        st.sampled_from(["date", "creation_time", "make", "com.apple.quicktime.creationdate"]),
        st.one_of(st.text(), st.datetimes().map(str), st.just("9999-12-31T23:59:59-12:00")),
    ),
    st.one_of(st.none(), st.text(), st.datetimes().map(lambda at: f"{at.isoformat()}+00:00")),
    st.floats(),
    st.sampled_from(["VID_20230501_101112.mp4", "PXL_20230501_101112123.mp4", "x.mov"]),
)
def test_whatever_a_film_says_no_claim_is_from_the_future_or_fails(
    container: dict[str, Any], epoch: str | None, seconds: float, name: str
) -> None:
    for claim in claims(epoch, container, name=name, seconds=seconds).values():
        assert datetime.fromisoformat(claim.value).replace(tzinfo=None) < datetime(2026, 6, 3)
