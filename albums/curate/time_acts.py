"""What can be done to a time that is wrong: each act as a value that is applied to one time.

Two are easily confused. Where the clock was right and only its zone is missing or wrong,
`keep-clock` keeps what the clock showed, and the moment becomes another one. Where the moment is
right and it is shown on the clock of the wrong place, `keep-moment` keeps the moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from albums.errors import BadInput
from albums.library.when import amount, iso_moment

Kind = Literal["shift", "keep-clock", "keep-moment", "set"]
KINDS: dict[Kind, str] = {
    "shift": "move by an amount: the clock was wrong",
    "keep-clock": "the clock was right, in this zone: what it showed stays, the moment changes",
    "keep-moment": "the moment is right, show it in this zone: it stays, what the clock shows "
    "changes",
    "set": "set the date and time",
}
_AMOUNT = re.compile(
    r"(?P<sign>[+-]?)\s*(?:(?P<days>\d{1,5})\s*d(?:ays?)?)?\s*"
    r"(?:(?P<hours>\d{1,6}):(?P<minutes>\d\d)(?::(?P<seconds>\d\d))?"
    r"|(?:(?P<h>\d{1,6})\s*h)?\s*(?:(?P<m>\d{1,7})\s*m(?:in)?)?\s*(?:(?P<s>\d{1,9})\s*s)?)",
    re.ASCII,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.ASCII | re.IGNORECASE)
_LARGEST = timedelta(days=200 * 366)
_YEARS = range(1826, 2201)


class Act(Protocol):
    """One correction, for any number of assets."""

    @property
    def kind(self) -> Kind: ...

    def of(self, captured_at: str, home: tzinfo) -> str:
        """A time as the library writes it -> the corrected one. `home`: the zone of those that do
        not say theirs. Raises BadInput where that leads out of the calendar."""

    def said(self) -> str:
        """ "moved by +1:00:00"."""

    def as_json(self) -> dict[str, str]:
        """The reverse of `act_of`."""


@dataclass(frozen=True)
class Shift:
    """Later by `by`, or earlier where it is negative."""

    by: timedelta
    kind: Kind = "shift"

    def of(self, captured_at: str, home: tzinfo) -> str:
        return _written(lambda: datetime.fromisoformat(captured_at) + self.by)

    def said(self) -> str:
        return f"moved by {amount(self.by)}"

    def as_json(self) -> dict[str, str]:
        return {"act": self.kind, "by": amount(self.by)}


@dataclass(frozen=True)
class KeepClock:
    """What the clock showed stays; the moment is that of this zone."""

    zone: tzinfo
    name: str
    kind: Kind = "keep-clock"

    def of(self, captured_at: str, home: tzinfo) -> str:
        when = datetime.fromisoformat(captured_at)
        local = when.replace(tzinfo=self.zone)
        if local.replace(fold=1).utcoffset() == when.utcoffset():  # the hour that came twice
            local = local.replace(fold=1)
        return _written(lambda: _plain(local))

    def said(self) -> str:
        return f"put into {self.name}, the clock kept"

    def as_json(self) -> dict[str, str]:
        return {"act": self.kind, "zone": self.name}


@dataclass(frozen=True)
class KeepMoment:
    """The moment stays; the clock shows it in this zone."""

    zone: tzinfo
    name: str
    kind: Kind = "keep-moment"

    def of(self, captured_at: str, home: tzinfo) -> str:
        when = datetime.fromisoformat(captured_at)
        moment = when if when.tzinfo else when.replace(tzinfo=home)
        return _written(lambda: _plain(moment.astimezone(self.zone)))

    def said(self) -> str:
        return f"shown in {self.name}, the moment kept"

    def as_json(self) -> dict[str, str]:
        return {"act": self.kind, "zone": self.name}


@dataclass(frozen=True)
class SetTo:
    """This very time, whatever it was."""

    to: str
    kind: Kind = "set"

    def of(self, captured_at: str, home: tzinfo) -> str:
        return self.to

    def said(self) -> str:
        return f"set to {self.to}"

    def as_json(self) -> dict[str, str]:
        return {"act": self.kind, "to": self.to}


def act_of(content: Mapping[str, Any]) -> Act:
    """{"act": "shift", "by": "+1:00"}, {"act": "keep-clock" or "keep-moment", "zone": "Asia/Tokyo"
    or "+09:00"}, {"act": "set", "to": ISO 8601}. Raises BadInput with a sentence."""
    kind = content.get("act")
    if kind == "shift":
        return Shift(amount_of(content.get("by")))
    if kind in ("keep-clock", "keep-moment"):
        zone, name = zone_of(content.get("zone"))
        return KeepClock(zone, name) if kind == "keep-clock" else KeepMoment(zone, name)
    if kind == "set":
        return SetTo(iso_moment(str(content.get("to") or ""), "to"))
    raise BadInput(f"{kind!r} cannot be done to a time", hint=f"What can: {', '.join(KINDS)}")


def zone_of(text: object) -> tuple[tzinfo, str]:
    """A zone by its name, or a fixed offset; and how it is written. Raises BadInput."""
    name = text.strip() if isinstance(text, str) else ""
    if name.upper() in ("Z", "UTC"):
        return ZoneInfo("UTC"), "UTC"
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if offset <= timedelta(hours=14):
            signed = -offset if match[1] == "-" else offset
            return timezone(signed), f"{match[1]}{int(match[2]):02}:{int(match[3] or 0):02}"
    try:
        return ZoneInfo(name), name
    except (ValueError, OSError, LookupError) as error:
        raise BadInput(
            f"{name[:100]!r} is no time zone",
            hint="Write it as Europe/Berlin, or as an offset such as +02:00",
        ) from error


def amount_of(text: object) -> timedelta:
    """ "+1:00", "-0:05:30", "+2d 3:00", "+90s". Raises BadInput."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-") if isinstance(text, str) else ""
    match = _AMOUNT.fullmatch(plain)
    parts = match.groupdict() if match else {}
    by = timedelta(
        days=int(parts.get("days") or 0),
        hours=int(parts.get("hours") or parts.get("h") or 0),
        minutes=int(parts.get("minutes") or parts.get("m") or 0),
        seconds=int(parts.get("seconds") or parts.get("s") or 0),
    )
    if not match or not timedelta() < by <= _LARGEST:
        raise BadInput(
            f"{str(text)[:100]!r} is no amount of time",
            hint="Write it as +1:00, -0:05:30, +2d 3:00 or +90s",
        )
    return -by if parts["sign"] == "-" else by


def _plain(when: datetime) -> datetime:
    """With its offset alone, not the rules of a zone."""
    return when.replace(tzinfo=timezone(when.utcoffset() or timedelta()), fold=0)


def _written(make: Callable[[], datetime]) -> str:
    try:
        when = make()
    except OverflowError as error:
        raise _impossible() from error
    if when.year not in _YEARS:
        raise _impossible()
    return when.isoformat(timespec="milliseconds" if when.microsecond >= 1000 else "seconds")


def _impossible() -> BadInput:
    return BadInput("That leads to a year that no photo is from", hint="Nothing was changed")
