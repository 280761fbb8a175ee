"""Values in papers from strangers (JSON, CSV, YAML): typed; what makes no sense is None."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

_YES = {"yes", "true", "1", "y"}
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_QUARTER = 15 * 60  # seconds: all zones differ by quarters of an hour,
_WIDEST = 15 * 3600  # and by no more than this
_SHOWN = 3


def json_object(raw: bytes) -> dict[str, Any] | None:
    """None where it is not JSON, or no object."""
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def text(value: object) -> str | None:
    """As a file and a database can hold it; None where there is nothing to read."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        said = str(value)
    except ValueError:  # a number of thousands of digits
        return None
    # JSON can hold half a UTF-16 pair, which no file can.
    said = _CONTROL.sub("", said.encode("utf-8", "replace").decode()).strip()
    return said or None


def flag(value: object) -> bool:
    return value is True or (isinstance(value, str | int) and str(value)[:9].lower() in _YES)


def number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def listed(value: object) -> list[Any]:
    """A list; what is alone is a list of one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def mapping(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def same_moment(one: datetime, other: datetime, *, seconds: float) -> bool:
    """Within `seconds`; where not both know their zone, up to the offset of a zone."""
    if one.tzinfo is not None and other.tzinfo is not None:
        return abs((one - other).total_seconds()) <= seconds
    apart = abs((_utc(one) - _utc(other)).total_seconds())
    if one.tzinfo is None and other.tzinfo is None:
        return apart <= seconds
    rest = apart % _QUARTER
    return apart <= _WIDEST and min(rest, _QUARTER - rest) <= seconds


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) - (moment.utcoffset() or timedelta())


def counted(number: int, one: str, many: str, names: Iterable[str]) -> str:
    """ "2 files cannot be read: a.csv, b.csv" from `one` ("file cannot be read") and `many`."""
    shown = sorted(names)[:_SHOWN]
    more = ", ..." if number > len(shown) else ""
    return f"{number} {one if number == 1 else many}: {', '.join(shown)}{more}"
