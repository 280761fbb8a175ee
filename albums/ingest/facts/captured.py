"""When a picture was taken: every source's best guess, with its zone, confidence and reason.

The wall-clock time is kept as the camera wrote it. Its offset comes from the offset tags, else
from the zone of the GPS place, else from a time in UTC beside it (GPS clock, file name).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from albums.ingest.facts.date_tags import (
    FIRST_PHOTOGRAPH,
    LAST_YEAR,
    PARTLY,
    gps_clock,
    parse_date,
    parse_offset,
    with_fraction,
)
from albums.ingest.facts.filename import Stamp, date_in_name
from albums.ingest.facts.location import Point
from albums.ingest.facts.zone import zone_at
from albums.library.facts import Claim

# What clocks that count from zero say: Unix, and QuickTime.
_ZERO_DAYS = {date(1969, 12, 31), date(1970, 1, 1), date(1903, 12, 31), date(1904, 1, 1)}
_CLOCK_NEVER_SET = 0.05  # less than the file's time on disk
_QUARTER = timedelta(minutes=15)

# tag (with its other name), sub-second tag, offset tags from best to worst, confidence
_EXIF_DATES = (
    (
        ("DateTimeOriginal",),
        "SubSecTimeOriginal",
        ("OffsetTimeOriginal", "OffsetTimeDigitized"),
        0.9,
    ),
    (
        ("CreateDate", "DateTimeDigitized"),
        "SubSecTimeDigitized",
        ("OffsetTimeDigitized", "OffsetTimeOriginal"),
        0.7,
    ),
    (("ModifyDate", "DateTime"), "SubSecTime", ("OffsetTime",), 0.2),
)
_XMP_DATES = (
    ("exif:DateTimeOriginal", 0.8),
    ("photoshop:DateCreated", 0.78),
    ("exif:DateTimeDigitized", 0.6),
    ("xmp:CreateDate", 0.58),
    ("xmp:ModifyDate", 0.15),
)
_IPTC_DATES = (
    ("DateCreated", "TimeCreated", 0.75),
    ("DigitalCreationDate", "DigitalCreationTime", 0.6),
)


@dataclass(frozen=True)
class _Moment:
    when: datetime  # without zone: as the camera's clock said, zone unknown
    confidence: float
    detail: str


@dataclass(frozen=True)
class _Hints:
    """What helps to find the zone of a local time."""

    zone: tzinfo | None  # of the GPS place
    instants: tuple[tuple[datetime, str], ...]  # times in UTC said of the same picture, and by whom
    home: tzinfo
    now: datetime


def captured_claims(
    tags: Mapping[str, Any],
    names: Sequence[str],
    modified_ns: int | None,
    *,
    place: Point | None,
    home: tzinfo,
    now: datetime,
) -> list[Claim]:
    """Claims of captured_at by exif, xmp, iptc, name and file; at most one each.

    `tags` as `media.exif.read` gives them; `names` the file's names, best first; `modified_ns` its
    time on disk; `home` the zone in which times known only in UTC are written; `now` with zone.
    """
    stamps = [stamp for stamp in map(date_in_name, names) if stamp]
    exif = tags.get("exif", {})
    gps = gps_clock(exif)
    instants = [(gps, "GPS clock")] if gps else []
    instants += [(s.when, "file name") for s in stamps if s.when.tzinfo and s.has_time]
    hints = _Hints(zone_at(*place) if place else None, tuple(instants), home, now)
    moments = {
        "exif": _from_exif(exif, gps, hints),
        "xmp": _from_xmp(tags.get("xmp", {}), hints),
        "iptc": _from_iptc(tags.get("iptc", {}), hints),
        "name": _from_names(stamps, hints),
        "file": _from_disk(modified_ns, hints),
    }
    return [
        Claim("captured_at", iso(best.when), source, best.confidence, best.detail)
        for source, found in moments.items()
        if (best := _best(found, now))
    ]


def iso(when: datetime) -> str:
    """ISO 8601; milliseconds only where there are any."""
    return when.isoformat(timespec="milliseconds" if when.microsecond >= 1000 else "seconds")


def _best(moments: Iterator[_Moment], now: datetime) -> _Moment | None:
    believable = [_doubt(m) for m in moments if _possible(m.when, now)]
    return max(believable, key=lambda m: m.confidence, default=None)


def _possible(when: datetime, now: datetime) -> bool:
    if when.date() in _ZERO_DAYS:
        return False
    latest = now + timedelta(hours=1)  # clocks run ahead a little
    if when.tzinfo is None:  # it is already tomorrow somewhere
        return when <= latest.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=14)
    return when <= latest


def _doubt(moment: _Moment) -> _Moment:
    """New Year, midnight sharp, is what a camera says whose clock was never set."""
    when = moment.when
    at_midnight = (when.hour, when.minute, when.second) == (0, 0, 0)
    if (when.month, when.day) != (1, 1) or not (at_midnight or when.year == 1980):
        return moment
    if moment.detail.endswith(PARTLY):
        return moment
    return replace(
        moment,
        confidence=min(moment.confidence, _CLOCK_NEVER_SET),
        detail=f"{moment.detail}; looks like a clock that was never set",
    )


# --- sources


def _from_exif(exif: Mapping[str, Any], gps: datetime | None, hints: _Hints) -> Iterator[_Moment]:
    for names, fraction, offsets, confidence in _EXIF_DATES:
        name = next((n for n in names if exif.get(n)), names[0])
        read = parse_date(exif.get(name))
        if not read:
            continue
        local = with_fraction(read.when, exif.get(fraction))
        offset = next(
            (o for tag in offsets if (o := parse_offset(exif.get(tag))) is not None), None
        )
        if offset is None and _same_clock(local, exif):
            offset = parse_offset(exif.get("OffsetTime"))
        when, reason = _in_zone(local, offset, hints)
        yield _Moment(when, _with_zone(confidence, when), f"{name}{read.partly}; {reason}")
    if gps:
        yield _known_instant(gps, 0.65, "GPS clock", hints)


def _same_clock(local: datetime, exif: Mapping[str, Any]) -> bool:
    """OffsetTime belongs to the time of the last change; it counts if that is the same time."""
    changed = parse_date(exif.get("ModifyDate") or exif.get("DateTime"))
    return changed is not None and changed.when == local.replace(microsecond=0)


def _from_xmp(xmp: Mapping[str, Any], hints: _Hints) -> Iterator[_Moment]:
    for name, confidence in _XMP_DATES:
        yield from _written(xmp.get(name), name, confidence, hints)


def _from_iptc(iptc: Mapping[str, Any], hints: _Hints) -> Iterator[_Moment]:
    for day, time, confidence in _IPTC_DATES:
        if isinstance(iptc.get(day), str):
            text = f"{iptc[day]} {iptc.get(time) or ''}".strip()
            yield from _written(text, day, confidence, hints)


def _written(text: object, name: str, confidence: float, hints: _Hints) -> Iterator[_Moment]:
    read = parse_date(text)
    if read:
        when, reason = _in_zone(read.when, None, hints)
        sure = confidence - 0.2 if read.partly else _with_zone(confidence, when)
        detail = f"{name}; {reason}"
        yield _Moment(when, sure, detail + read.partly)


def _from_names(stamps: Sequence[Stamp], hints: _Hints) -> Iterator[_Moment]:
    for stamp in stamps:
        if stamp.when.tzinfo:
            yield _known_instant(stamp.when, 0.6, stamp.detail, hints)
        elif stamp.has_time:
            when, reason = _in_zone(stamp.when, None, hints)
            yield _Moment(when, 0.55, f"{stamp.detail}; {reason}")
        else:
            yield _Moment(stamp.when, 0.4, stamp.detail + PARTLY)


def _from_disk(modified_ns: int | None, hints: _Hints) -> Iterator[_Moment]:
    if modified_ns:
        try:
            when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=modified_ns // 1000)
        except OverflowError:
            return
        if FIRST_PHOTOGRAPH <= when.year <= LAST_YEAR:
            yield _known_instant(when, 0.1, "time of the file on disk", hints)


# --- zones


def _known_instant(instant: datetime, confidence: float, detail: str, hints: _Hints) -> _Moment:
    zone = hints.zone or hints.home
    where = "zone of the GPS place" if hints.zone else "this library's zone"
    return _Moment(instant.astimezone(zone), confidence, f"{detail}; {where} {zone}")


def _with_zone(confidence: float, when: datetime) -> float:
    return confidence + 0.05 if when.tzinfo else confidence


def _in_zone(local: datetime, offset: timedelta | None, hints: _Hints) -> tuple[datetime, str]:
    """A local time with the best offset there is, and where that came from."""
    if local.tzinfo:
        return local, "offset written with it"
    if offset is not None:
        return local.replace(tzinfo=timezone(offset)), "offset tag"
    clock, by = _offset_by_clock(local, hints)
    if hints.zone is None:
        if clock is None:
            return local, "zone unknown"
        return local.replace(tzinfo=timezone(clock)), f"offset from the {by}"
    placed = _in_place(local, hints.zone, clock)
    there = placed.utcoffset()
    if clock is None or there is None or not _whole_hours(clock - there):
        return placed, f"offset from GPS place {hints.zone}"
    # The camera's clock was set for another zone than the one it was in.
    return local.replace(tzinfo=timezone(clock)), f"offset from the {by}, not of {hints.zone}"


def _in_place(local: datetime, zone: tzinfo, clock: timedelta | None) -> datetime:
    """When clocks go back an hour happens twice; the UTC clock, if any, says which it was."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    placed = second if clock is not None and second.utcoffset() == clock else first
    return placed.replace(tzinfo=timezone(placed.utcoffset() or timedelta()))


def _offset_by_clock(local: datetime, hints: _Hints) -> tuple[timedelta | None, str]:
    """Offset of a local time to a time in UTC taken at the same moment, in quarter hours."""
    for instant, by in hints.instants:
        apart = local - instant.replace(tzinfo=None)
        offset = round(apart / _QUARTER) * _QUARTER
        late = abs(apart - offset)  # a GPS fix may be a little old
        if late <= timedelta(minutes=3) and timedelta(hours=-12) <= offset <= timedelta(hours=14):
            return offset, by
    return None, ""


def _whole_hours(difference: timedelta) -> bool:
    return bool(difference) and difference % timedelta(hours=1) == timedelta()
