"""Moments as people and programs write them."""

from __future__ import annotations

from datetime import datetime, timedelta

from albums.errors import BadInput

_FIRST_PHOTO = 1826
_LAST_YEAR = 2200  # beyond it, a clock was wrong or a number was no date


def iso_moment(text: str, field: str = "captured_at") -> str:
    """ISO 8601 as the library writes it: "2026-04-26T18:42:11-07:00", offset only where said.

    Raises BadInput with a sentence that names `field`.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(
            f"{field} = {text[:100]!r} is not a time",
            hint="Write it as ISO 8601, such as 2026-04-26T18:42:11-07:00",
        ) from error
    if not _FIRST_PHOTO <= moment.year <= _LAST_YEAR:
        raise BadInput(
            f"{field} = {text[:100]!r} cannot be right",
            why=f"No photo is from the year {moment.year}",
        )
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision)


def amount(by: timedelta) -> str:
    """ "+1d 2:30:00", "-0:00:05"."""
    sign, whole = ("-", -by) if by < timedelta() else ("+", by)
    hours, rest = divmod(whole.seconds, 3600)
    days = f"{whole.days}d " if whole.days else ""
    return f"{sign}{days}{hours}:{rest // 60:02}:{rest % 60:02}"
