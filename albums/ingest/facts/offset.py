"""Which offset a local time has, and in which zone a time in UTC is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from albums.ingest.facts.instant import EAST, QUARTER, WEST, Instant, offset_between

UNKNOWN = "zone unknown"
_BY_HOME = "this library's zone"
# Reasons by which an offset is proven, as `in_zone` and `film_time` write them.
_PROOFS = (
    "offset tag", "offset written with it", "offset from GPS place", "zone of the GPS place",
    "offset from the GPS clock", "offset from the file name",
    "offset from the UTC in the file name", "offset from the local time in the file name",
)  # fmt: skip


@dataclass(frozen=True)
class Hints:
    """What helps to find the zone of a local time."""

    zone: tzinfo | None  # of the GPS place
    instants: tuple[tuple[datetime, str], ...]  # times in UTC said of the same picture, and by whom
    told: Instant | None  # by a service
    home: tzinfo
    now: datetime


def is_proven(detail: str) -> bool:
    """Does this reason of a time prove its offset?"""
    return _BY_HOME not in detail and any(proof in detail for proof in _PROOFS)


def is_by_home(detail: str) -> bool:
    """Is this a moment that is written in the library's zone for want of a better one?"""
    return _BY_HOME in detail


def without_zone(detail: str) -> str:
    """The reason of a time, without what it says of the zone."""
    parts = detail.split("; ")
    return "; ".join(part for part in parts if part != UNKNOWN and not part.startswith(_BY_HOME))


def in_place_of(instant: datetime, hints: Hints) -> tuple[datetime, str]:
    """A time in UTC as a clock showed it there, and how that is known."""
    zone = hints.zone or hints.home
    where = "zone of the GPS place" if hints.zone else _BY_HOME
    return instant.astimezone(zone), f"{where} {zone}"


def in_zone(local: datetime, offset: timedelta | None, hints: Hints) -> tuple[datetime, str]:
    """A local time with the best offset there is, and where that came from."""
    if local.tzinfo:
        return local, "offset written with it"
    if offset is not None:
        return local.replace(tzinfo=timezone(offset)), "offset tag"
    clock, by = _offset_by_clock(local, hints)
    told = _offset_by_service(local, hints)
    if hints.zone is None:
        if clock is None and hints.told and told:
            clock, by = told, f"moment that {hints.told.by} says"
        if clock is None:
            return local, UNKNOWN
        return local.replace(tzinfo=timezone(clock)), f"offset from the {by}"
    placed = _in_place(local, hints.zone, told if clock is None else clock)
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


def _offset_by_clock(local: datetime, hints: Hints) -> tuple[timedelta | None, str]:
    """Offset of a local time to a time in UTC taken at the same moment, in quarter hours."""
    for instant, by in hints.instants:
        apart = local - instant.replace(tzinfo=None)
        offset = round(apart / QUARTER) * QUARTER
        late = abs(apart - offset)  # a GPS fix may be a little old
        if late <= timedelta(minutes=3) and WEST <= offset <= EAST:
            return offset, by
    return None, ""


def _offset_by_service(local: datetime, hints: Hints) -> timedelta | None:
    """None where both are the same: it took a time without zone as one in UTC."""
    return (offset_between(local, hints.told.when) if hints.told else None) or None


def _whole_hours(difference: timedelta) -> bool:
    return bool(difference) and difference % timedelta(hours=1) == timedelta()
