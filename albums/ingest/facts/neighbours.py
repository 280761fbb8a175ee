"""What those who took pictures at the same time tell of a clock without a zone.

A camera does not say its zone, the phone in the same pocket does. Only what all agree on counts:
whoever is near, or else whoever was there before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from albums.ingest.facts.film_time import BY_HABIT, BY_STANDARD
from albums.library.zones import REACH, Beside, Seen

_NEAR = 3  # hours
_TOGETHER = timedelta(minutes=10)  # two files with neighbouring numbers
_CLEARLY = timedelta(minutes=30)
_NAMED = 2  # devices; more are only counted
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Told:
    """`offset` in minutes."""

    offset: int
    why: str


def told_by(hour: int, clock: str, seen: Iterable[Seen]) -> Told | None:
    """The offset at an hour since 1970 of a "local" clock, or of one in "utc"."""
    apart = [((s.hour if clock == "local" else s.utc_hour) - hour, s) for s in seen]
    within = [(hours, s) for hours, s in apart if abs(hours) <= REACH]
    near = [(hours, s) for hours, s in within if abs(hours) <= _NEAR]
    heeded = near or within
    if len({s.offset for _, s in heeded}) != 1:
        return None
    if not near and not (min(h for h, _ in within) < 0 < max(h for h, _ in within)):
        return None
    return Told(heeded[0][1].offset, _why(heeded, bool(near)))


def _why(heeded: Sequence[tuple[int, Seen]], near: bool) -> str:
    nearest = min(abs(hours) for hours, _ in heeded)
    when = "in the same hour" if not nearest else f"within {nearest + 1} hours"
    if not near:
        when = "within a day before and after"
    devices = sorted({seen.device for _, seen in heeded if seen.device}) or ["another device"]
    names = " and ".join(devices[:_NAMED])
    if len(devices) > _NAMED:
        names += f" and {len(devices) - _NAMED} more"
    return f"{written(heeded[0][1].offset)}, the zone of what {names} took {when}"


def written(offset: int) -> str:
    """90 -> "+01:30"."""
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def doubtful_reading(detail: str) -> str:
    """How the header of a film was read where nothing told how: "utc" or "local"; else ''."""
    if detail.startswith(BY_STANDARD):
        return "utc"
    return "local" if detail.startswith(BY_HABIT.partition("{")[0]) else ""


def reading_beside(
    header: datetime, others: Iterable[Beside], usual: int
) -> tuple[str, Beside] | None:
    """Is the header of a film, without zone, "local" or "utc"? The photos beside it tell, whose
    clocks are local. `usual`: the offset, in minutes, of those without one of their own. None where
    they do not tell."""
    for other in others:
        taken = _EPOCH + timedelta(seconds=other.seconds)
        offset = timedelta(minutes=usual if other.offset is None else other.offset)
        as_local, as_utc = abs(header - taken), abs(header + offset - taken)
        if as_local <= _TOGETHER and as_utc - as_local >= _CLEARLY:
            return "local", other
        if as_utc <= _TOGETHER and as_local - as_utc >= _CLEARLY:
            return "utc", other
    return None


def in_offset(local: datetime, offset: int) -> datetime:
    """A local time with its offset, in minutes."""
    return local.replace(tzinfo=timezone(timedelta(minutes=offset)))
