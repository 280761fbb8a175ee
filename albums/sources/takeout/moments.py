"""Whether two moments are one, where a zone may be missing."""

from __future__ import annotations

from datetime import datetime

from albums.sources.takeout.pairing import Medium, Sidecar

_SECONDS = 5  # a clip begins a little before its still, and edits keep the moment
_QUARTER = 15 * 60  # all zones differ by quarters of an hour,
_WIDEST_ZONE = 15 * 3600  # and by no more than this


def agree(one: datetime, other: datetime) -> bool:
    """Within seconds; where only one of the two knows its zone, up to a zone."""
    zones = (one.tzinfo is not None) + (other.tzinfo is not None)
    if zones != 1:
        return abs((one - other).total_seconds()) <= _SECONDS
    apart = abs((one.replace(tzinfo=None) - _naive(other)).total_seconds())
    if one.tzinfo is not None:
        apart = abs((_naive(one) - other).total_seconds())
    rest = apart % _QUARTER
    return apart <= _WIDEST_ZONE and min(rest, _QUARTER - rest) <= _SECONDS


def _naive(moment: datetime) -> datetime:
    """UTC without saying so."""
    offset = moment.utcoffset()
    return moment.replace(tzinfo=None) - offset if offset else moment.replace(tzinfo=None)


def contradict(medium: Medium, sidecar: Sidecar) -> bool:
    """Both know their moment, and it is not the same."""
    return bool(medium.captured and sidecar.taken) and not confirm(medium, sidecar)


def confirm(medium: Medium, sidecar: Sidecar) -> bool:
    """Both know their moment, and it is the same."""
    if medium.captured is None or sidecar.taken is None:
        return False
    return agree(medium.captured, sidecar.taken)
