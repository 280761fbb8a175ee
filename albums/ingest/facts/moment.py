"""A time that something says of a picture, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from albums.ingest.facts.offset import Hints, in_place_of


@dataclass(frozen=True)
class Moment:
    """`when` without zone: as the camera's clock said, zone unknown."""

    when: datetime
    confidence: float
    detail: str


def known_instant(instant: datetime, confidence: float, detail: str, hints: Hints) -> Moment:
    """A time in UTC, as a clock showed it there."""
    when, reason = in_place_of(instant, hints)
    return Moment(when, confidence, f"{detail}; {reason}")


def with_zone(confidence: float, when: datetime) -> float:
    """A little more where the zone is known, too."""
    return confidence + 0.05 if when.tzinfo else confidence
