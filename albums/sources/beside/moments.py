"""How sure it is that a sidecar's date is the right one: it repeats the file's, or corrects it."""

from __future__ import annotations

from datetime import datetime, timedelta

from albums.library.facts import Claim
from albums.sources.typed import same_moment

_ALONE = 0.92  # more than a camera without zone (0.9), less than one with zone (0.95)
_CORRECTED = 0.96
_REPEATED = 0.8


def captured_claim(when: datetime, captured: datetime | None, source: str, detail: str) -> Claim:
    """`captured`: what the file says of its moment. What is not the same somebody corrected, other
    than where it is only written in UTC."""
    confidence = _ALONE
    if captured is not None:
        wall, own = when.replace(tzinfo=None), captured.replace(tzinfo=None)
        if wall.replace(microsecond=0) == own.replace(microsecond=0):
            confidence = _ALONE if when.tzinfo and not captured.tzinfo else _REPEATED
        elif _is_utc(when) and same_moment(when, captured, seconds=1):
            confidence, detail = _REPEATED, f"{detail}, written in UTC"
        else:
            confidence, detail = _CORRECTED, f"{detail}; the file says otherwise"
    precision = "milliseconds" if when.microsecond >= 1000 else "seconds"
    return Claim("captured_at", when.isoformat(timespec=precision), source, confidence, detail)


def _is_utc(when: datetime) -> bool:
    return when.tzinfo is not None and when.utcoffset() == timedelta()
