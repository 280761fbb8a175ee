"""When a picture was taken: every source's best guess, with its zone, confidence and reason.

The wall-clock time is kept as the camera wrote it. Its offset comes from the offset tags, else
from the zone of the GPS place, else from a time in UTC beside it (GPS clock, file name, what a
service told). What a service told counts for less than a wall-clock time that it bears out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from albums.ingest.facts.date_tags import (
    FIRST_PHOTOGRAPH,
    LAST_YEAR,
    gps_clock,
    parse_date,
    parse_offset,
    with_fraction,
)
from albums.ingest.facts.filename import Stamp, date_in_name
from albums.ingest.facts.film_time import film_moments, length_of
from albums.ingest.facts.instant import EAST, Instant, best_instant, offset_between
from albums.ingest.facts.location import Point
from albums.ingest.facts.moment import Moment, known_instant, with_zone
from albums.ingest.facts.offset import Hints, in_zone
from albums.ingest.facts.zone import zone_at
from albums.library.facts import PARTLY, Claim

# What clocks that count from zero say: Unix, and QuickTime.
_ZERO_DAYS = {date(1969, 12, 31), date(1970, 1, 1), date(1903, 12, 31), date(1904, 1, 1)}
_CLOCK_NEVER_SET = 0.05  # less than the file's time on disk
_A_LITTLE = 0.02  # more or less sure

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


def captured_claims(
    tags: Mapping[str, Any],
    names: Sequence[str],
    modified_ns: int | None,
    instants: Sequence[Claim] = (),
    *,
    place: Point | None,
    home: tzinfo,
    now: datetime,
) -> list[Claim]:
    """Claims of captured_at, at most one a source: exif, xmp, iptc, container, name, instant, file.

    `tags` as `media.exif.read` gives them; `names` the file's names, best first; `modified_ns` its
    time on disk; `instants` the claims of that field; `home` the zone in which times known only in
    UTC are written; `now` with zone.
    """
    stamps = [stamp for stamp in map(date_in_name, names) if stamp]
    exif = tags.get("exif", {})
    gps = gps_clock(exif)
    clocks = [(gps, "GPS clock")] if gps else []
    clocks += [(s.when, "file name") for s in stamps if s.when.tzinfo and s.has_time]
    told = best_instant(instants)
    hints = Hints(zone_at(*place) if place else None, tuple(clocks), told, home, now)
    moments = {
        "exif": _best(_compared(_from_exif(exif, gps, tags.get("text", {}), hints), hints), now),
        "xmp": _best(_compared(_from_xmp(tags.get("xmp", {}), hints), hints), now),
        "iptc": _best(_compared(_from_iptc(tags.get("iptc", {}), hints), hints), now),
        "container": _best(
            _compared(
                film_moments(tags, stamps, modified_ns, hints),
                hints,
                partial(_film_beside, length_of(tags)),
            ),
            now,
        ),
        "name": _best(_compared(_from_names(stamps, hints), hints, _name_beside), now),
        "file": _best(_from_disk(modified_ns, hints), now),
    }
    moments["instant"] = _from_service(moments["exif"], hints)
    return [
        Claim("captured_at", iso(best.when), source, best.confidence, best.detail)
        for source, best in moments.items()
        if best
    ]


def iso(when: datetime) -> str:
    """ISO 8601; milliseconds only where there are any."""
    return when.isoformat(timespec="milliseconds" if when.microsecond >= 1000 else "seconds")


def _best(moments: Iterator[Moment], now: datetime) -> Moment | None:
    believable = [_doubt(m) for m in moments if _possible(m.when, now)]
    return max(believable, key=lambda m: m.confidence, default=None)


def _possible(when: datetime, now: datetime) -> bool:
    if when.date() in _ZERO_DAYS:
        return False
    latest = now + timedelta(hours=1)  # clocks run ahead a little
    if when.tzinfo is None:  # it is already tomorrow somewhere
        return when <= latest.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=14)
    return when <= latest


def _doubt(moment: Moment) -> Moment:
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


def _from_exif(
    exif: Mapping[str, Any], gps: datetime | None, text: Mapping[str, Any], hints: Hints
) -> Iterator[Moment]:
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
        when, reason = in_zone(local, offset, hints)
        yield Moment(when, with_zone(confidence, when), f"{name}{read.partly}; {reason}")
    if gps:
        yield known_instant(gps, 0.65, "GPS clock", hints)
    seconds = str(text.get("TimeDate", ""))
    if seconds.isascii() and seconds.isdigit() and len(seconds) <= 10:  # cameras before EXIF
        when, reason = in_zone(datetime(1970, 1, 1) + timedelta(seconds=int(seconds)), None, hints)
        yield Moment(when, with_zone(0.6, when), f"TimeDate; {reason}")


def _same_clock(local: datetime, exif: Mapping[str, Any]) -> bool:
    """OffsetTime belongs to the time of the last change; it counts if that is the same time."""
    changed = parse_date(exif.get("ModifyDate") or exif.get("DateTime"))
    return changed is not None and changed.when == local.replace(microsecond=0)


def _from_xmp(xmp: Mapping[str, Any], hints: Hints) -> Iterator[Moment]:
    for name, confidence in _XMP_DATES:
        yield from _written(xmp.get(name), name, confidence, hints)


def _from_iptc(iptc: Mapping[str, Any], hints: Hints) -> Iterator[Moment]:
    for day, time, confidence in _IPTC_DATES:
        if isinstance(iptc.get(day), str):
            text = f"{iptc[day]} {iptc.get(time) or ''}".strip()
            yield from _written(text, day, confidence, hints)


def _written(text: object, name: str, confidence: float, hints: Hints) -> Iterator[Moment]:
    read = parse_date(text)
    if read:
        when, reason = in_zone(read.when, None, hints)
        sure = confidence - 0.2 if read.partly else with_zone(confidence, when)
        detail = f"{name}; {reason}"
        yield Moment(when, sure, detail + read.partly)


def _from_names(stamps: Sequence[Stamp], hints: Hints) -> Iterator[Moment]:
    for stamp in stamps:
        if stamp.when.tzinfo:
            yield known_instant(stamp.when, 0.6, stamp.detail, hints)
        elif stamp.has_time:
            when, reason = in_zone(stamp.when, None, hints)
            yield Moment(when, 0.55, f"{stamp.detail}; {reason}")
        else:
            yield Moment(stamp.when, 0.4, stamp.detail + PARTLY)


def _from_disk(modified_ns: int | None, hints: Hints) -> Iterator[Moment]:
    if modified_ns:
        try:
            when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=modified_ns // 1000)
        except OverflowError:
            return
        if FIRST_PHOTOGRAPH <= when.year <= LAST_YEAR:
            yield known_instant(when, 0.1, "time of the file on disk", hints)


def _from_service(exif: Moment | None, hints: Hints) -> Moment | None:
    """A person may have set it there, to whatever they like; but not in the future."""
    told = hints.told
    if told is None or told.when > hints.now + timedelta(hours=1):
        return None
    found = known_instant(told.when, told.confidence, f"{told.by} says when, in UTC", hints)
    repeated = exif is not None and offset_between(exif.when, told.when) is not None
    if exif and repeated and exif.confidence == _CLOCK_NEVER_SET:
        return replace(found, confidence=_CLOCK_NEVER_SET, detail=f"{found.detail}; as the camera")
    return found


# --- beside what a service told


def _beside(moment: Moment, told: Instant) -> Moment:
    """A wall-clock time that a service bears out says more than the service does."""
    if offset_between(moment.when, told.when) is None:
        return replace(moment, detail=f"{moment.detail}; {told.by} says another moment")
    return replace(moment, confidence=max(moment.confidence, told.confidence + _A_LITTLE))


def _film_beside(length: timedelta, moment: Moment, told: Instant) -> Moment:
    """A service may have read from the film when it ended."""
    ended = replace(told, when=told.when - length)
    agrees = offset_between(moment.when, told.when) is not None
    as_its_end = not agrees and offset_between(moment.when, ended.when) is not None
    return _beside(moment, ended if as_its_end else told)


def _name_beside(moment: Moment, told: Instant) -> Moment:
    """No file is named before its picture is taken, but scans and copies are long after: then the
    service was told better. One that says a later moment only knows when the file was uploaded."""
    compared = _beside(moment, told)
    earlier = moment.when.replace(tzinfo=None) - told.when.replace(tzinfo=None)
    if earlier > EAST:
        return replace(compared, confidence=min(moment.confidence, told.confidence - _A_LITTLE))
    return replace(compared, confidence=max(moment.confidence, told.confidence + _A_LITTLE))


def _compared(
    moments: Iterator[Moment],
    hints: Hints,
    beside: Callable[[Moment, Instant], Moment] = _beside,
) -> Iterator[Moment]:
    for moment in moments:
        if hints.told is None or PARTLY in moment.detail:
            yield moment
        else:
            yield beside(moment, hints.told)
