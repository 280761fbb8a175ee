"""Dates that cameras, phones and chat programs write into file names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sep>[-_.: ]?)(?P<month>\d\d)(?P=sep)(?P<day>\d\d)"
)
_TIME_COMPACT = re.compile(
    r"(?:[-_.T ]| at )?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"
    r"(?P<ms>\d{3})?(?!\d)(?P<utc>Z)?"
)
_TIME_APART = re.compile(
    r"(?:[-_T]|,?\s(?:at\s)?)(?P<hour>\d{1,2})(?P<sep>[-_.: ])(?P<minute>\d\d)(?P=sep)"
    r"(?P<second>\d\d)(?!\d)(?:\s?(?P<half>[AP]M)\b)?"
)
# Facebook, WeChat and many small apps name a file by milliseconds since 1970.
_MILLISECONDS = re.compile(
    r"(?:|FB_IMG_|mmexport|wx_camera_|IMG_|VID_|image-|Photo_)(1\d{12})(?!\d)"
)
_SECONDS = re.compile(r"RPReplay_Final(\d{10})(?!\d)")  # the iPhone's recordings of its screen
_IN_UTC = "PXL_"  # the Pixel camera, since 2020


@dataclass(frozen=True)
class Stamp:
    """`when` has a zone only where the name's zone is known. Date-only stamps are at midnight."""

    when: datetime
    has_time: bool
    detail: str


def date_in_name(name: str) -> Stamp | None:
    """The first real date in a file name, or None."""
    stem = PurePath(name).name
    for match in _DATE.finditer(stem):
        stamp = _stamp(stem, match)
        if stamp:
            return stamp
    return _since_1970(stem)


def _stamp(stem: str, date: re.Match[str]) -> Stamp | None:
    rest = stem[date.end() :]
    time = _TIME_APART.match(rest) or _TIME_COMPACT.match(rest)
    when = _moment(date, time) if time else None
    if time and when:
        utc = stem.startswith(_IN_UTC) or time.groupdict().get("utc")
        if utc:
            return Stamp(when.replace(tzinfo=UTC), True, "date and time in UTC in the file name")
        return Stamp(when, True, "date and time in the file name")
    if rest[:1].isdigit():  # a longer number is not a date
        return None
    day = _moment(date, None)
    return Stamp(day, False, "date in the file name") if day else None


def _moment(date: re.Match[str], time: re.Match[str] | None) -> datetime | None:
    parts = [int(date[name]) for name in ("year", "month", "day")]
    if time:
        parts += [_hour(time), int(time["minute"]), int(time["second"])]
        parts.append(int(time.groupdict().get("ms") or 0) * 1000)
    try:
        return datetime(*parts)  # type: ignore[arg-type]
    except ValueError:
        return None


def _hour(time: re.Match[str]) -> int:
    hour, half = int(time["hour"]), time.groupdict().get("half")
    if half and 1 <= hour <= 12:
        return hour % 12 + (12 if half == "PM" else 0)
    return hour


def _since_1970(stem: str) -> Stamp | None:
    if match := _MILLISECONDS.match(stem):
        since, unit = timedelta(milliseconds=int(match[1])), "milliseconds"
    elif match := _SECONDS.match(stem):
        since, unit = timedelta(seconds=int(match[1])), "seconds"
    else:
        return None
    when = datetime(1970, 1, 1, tzinfo=UTC) + since
    return Stamp(when, True, f"{unit} since 1970 in the file name")
