"""The time zone of a place, from boundaries that a package ships."""

from __future__ import annotations

import atexit
import threading
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from timezonefinder import TimezoneFinder

_one_at_a_time = threading.Lock()


def zone_at(latitude: float, longitude: float) -> ZoneInfo | None:
    """The zone of a point in degrees; at sea the nautical one ("Etc/GMT+3"), None if unknown."""
    with _one_at_a_time:
        name = _finder().timezone_at(lat=latitude, lng=longitude)
    try:
        return ZoneInfo(name) if name else None
    except ZoneInfoNotFoundError:  # boundaries newer than the rules of this machine
        return None


@cache
def _finder() -> TimezoneFinder:
    from timezonefinder import TimezoneFinder

    finder = TimezoneFinder(in_memory=False)
    atexit.register(finder.cleanup)  # else the interpreter complains of its open files at the end
    return finder
