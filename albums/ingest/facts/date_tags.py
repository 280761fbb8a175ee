"""Dates, offsets and GPS time as EXIF, XMP and IPTC write them; nonsense is None."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from albums.library.facts import PARTLY

FIRST_PHOTOGRAPH, LAST_YEAR = 1826, 2999  # years
_WHEN = re.compile(
    r"""\s*(?P<year>\d{4})(?P<sep>[-:/.]?)
        (?:(?P<month>\d\d)(?:(?P=sep)(?P<day>\d\d))?)?
        (?:[T\s]+(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?
        \s*(?:(?P<offset>Z|[+-]\d\d:?\d\d)|(?:GMT|UTC)(?P<gmt>[+-]\d\d?(?::\d\d)?))?
        [\s\x00]*""",
    re.VERBOSE | re.ASCII,
)
_OFFSET = re.compile(r"\s*([+-])(\d\d):?(\d\d)[\s\x00]*", re.ASCII)


@dataclass(frozen=True)
class Written:
    when: datetime
    partly: str = ""  # said where month or day are missing


def parse_date(text: object) -> Written | None:
    """A date as EXIF, XMP or IPTC write it; None for nonsense such as 0000:00:00 or 31 February."""
    match = _WHEN.fullmatch(text) if isinstance(text, str) else None
    if not match:
        return None
    numbers = [int(match[n] or least) for n, least in _LEAST]
    if not FIRST_PHOTOGRAPH <= numbers[0] <= LAST_YEAR:
        return None
    offset = parse_offset(match["offset"] or _whole(match["gmt"]))
    zone = None if offset is None else timezone(offset)
    try:
        when = datetime(*numbers, tzinfo=zone)  # type: ignore[arg-type, misc]
    except ValueError:
        return None
    partly = "" if match["day"] and match["hour"] else PARTLY
    return Written(with_fraction(when, match["fraction"]), partly)


def _whole(gmt: str | None) -> str | None:
    """ "+2" -> "+02:00"."""
    if gmt is None:
        return None
    hours, _, minutes = gmt[1:].partition(":")
    return f"{gmt[0]}{hours:0>2}:{minutes or '00'}"


_LEAST = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))


def parse_offset(text: object) -> timedelta | None:
    """ "+05:30" -> 5.5 hours; None unless it is between -12 and +14 hours."""
    if not isinstance(text, str):
        return None
    if text.strip("\x00 ") == "Z":
        return timedelta()
    match = _OFFSET.fullmatch(text)
    if not match or int(match[3]) > 59:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    offset = -offset if match[1] == "-" else offset
    return offset if timedelta(hours=-12) <= offset <= timedelta(hours=14) else None


def gps_clock(exif: Mapping[str, Any]) -> datetime | None:
    """GPSDateStamp and GPSTimeStamp as a time in UTC.

    The time may be a list of three numbers or text, "16:07:53".
    """
    day, time = exif.get("GPSDateStamp"), exif.get("GPSTimeStamp")
    if isinstance(time, str):
        time = re.split(r"[:\s]+", time.strip())
    if not isinstance(day, str) or not isinstance(time, list | tuple) or len(time) != 3:
        return None
    read = parse_date(day)
    try:
        hours, minutes, seconds = (float(part) for part in time)
    except (TypeError, ValueError):
        return None
    if not read or not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61):
        return None
    after_midnight = timedelta(hours=hours, minutes=minutes, seconds=round(seconds, 3))
    return (read.when + after_midnight).replace(tzinfo=UTC)


def with_fraction(when: datetime, digits: object) -> datetime:
    """Sub-second digits "054" -> 54 ms."""
    text = str(digits).strip("\x00 ") if isinstance(digits, str | int) else ""
    if not (text.isascii() and text.isdigit()):
        return when
    return when.replace(microsecond=int(text[:6].ljust(6, "0")))
