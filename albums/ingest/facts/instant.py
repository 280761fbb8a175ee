"""A moment that a service told of a picture: in UTC, where the camera's clock is not known.

Services take a time without a zone for one in UTC. So a camera's time and theirs that are the same
to the second prove no zone, and any other difference that a zone can explain does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from albums.ingest.facts.date_tags import FIRST_PHOTOGRAPH
from albums.library.facts import Claim, rank

WEST, EAST = timedelta(hours=-12), timedelta(hours=14)  # the widest offsets of zones
QUARTER = timedelta(minutes=15)  # and all are whole quarters of an hour
_AT_ONCE = timedelta(seconds=5)  # a clip begins a little before its still
# What clocks that count from zero say: Unix, for a while after; QuickTime, as it is.
_UNIX_ZERO = {date(1969, 12, 31), date(1970, 1, 1)}
_QUICKTIME_ZERO = datetime(1904, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Instant:
    """`when` in UTC, and who says so how surely."""

    when: datetime
    by: str
    confidence: float


def best_instant(claims: Iterable[Claim]) -> Instant | None:
    """Of claims of the field `instant`, the best believed one that makes sense."""
    for claim in sorted(claims, key=rank, reverse=True):
        when = _moment(claim.value)
        if when and _likely(when):
            return Instant(when, claim.source, claim.confidence)
    return None


def offset_between(local: datetime, instant: datetime) -> timedelta | None:
    """The offset of the zone in which `local` is `instant` (in UTC); None where no zone can be.

    What `local` says of its own zone does not count: services do not always heed that.
    """
    apart = local.replace(tzinfo=None) - instant.replace(tzinfo=None)
    offset = round(apart / QUARTER) * QUARTER
    return offset if abs(apart - offset) <= _AT_ONCE and WEST <= offset <= EAST else None


def _moment(value: object) -> datetime | None:
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        if when is None:
            return None
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _likely(when: datetime) -> bool:
    if when.year < FIRST_PHOTOGRAPH or when == _QUICKTIME_ZERO:
        return False
    return when.date() not in _UNIX_ZERO
