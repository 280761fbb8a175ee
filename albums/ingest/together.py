"""Were two files taken together? Said of each pair on its own, so that it does not matter in which
order and by which ways they came."""

from __future__ import annotations

from albums.library.companions import Taken

_APART = 10  # seconds between a live photo and the time that its film says
_QUARTER = 15 * 60  # offsets of time zones are whole quarters of an hour
_WORLD = 14 * 3600  # and no larger


def belong(one: Taken, other: Taken) -> bool:
    """By the identifier that the camera wrote into both; else as somebody said of the film; else by
    origin, folder, name and time."""
    if "photo" not in (one.part, other.part) or one.part == other.part:
        return False
    if one.content_id and other.content_id:
        return one.content_id == other.content_id
    if one.still and one.still == other.still:
        return True
    return bool(one.places & other.places) and _at_once(one, other)


def _at_once(one: Taken, other: Taken) -> bool:
    if one.at is None or other.at is None:
        return False
    apart = abs(one.at - other.at)
    if one.zone_known and other.zone_known:
        return apart <= _APART
    off = apart % _QUARTER
    return min(off, _QUARTER - off) <= _APART and apart <= _WORLD + _APART
