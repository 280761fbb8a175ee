"""What a rule can do to an asset, each as a value: a claim that stands above all but the person's,
or the trash. An action sees the asset as it is believed without any rule, and what rules before it
said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from albums.errors import BadInput
from albums.library.facts import PARTLY, RULE, Claim, rank
from albums.library.when import amount, iso_moment

DISTRUSTED: dict[str, tuple[str, ...]] = {
    "tags": ("exif", "xmp", "iptc", "container"),
    "name": ("name",),
    "disk": ("file",),
    "exports": ("sidecar", "takeout", "apple", "flickr", "sidecars", "instant"),
}
SAID_OF: dict[str, str] = {
    "tags": "the file's own tags",
    "name": "the file's name",
    "disk": "the file's times on disk",
    "exports": "Google, Apple, Flickr or another program",
}
_NO_TIME = "arrival"  # the source of times at which nothing was taken
_ZONED = "neighbours"  # whose times are those of others, with a zone
_YEARS = range(1826, 2201)


class Named(Protocol):
    """A place by its names; `city` and `region` may be empty."""

    @property
    def city(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def country_code(self) -> str: ...


@dataclass(frozen=True)
class Unruled:
    """An asset as it is believed without rules: what was claimed, and where that is."""

    claims: Sequence[Claim]
    place: Named | None = None

    def best(self, field: str, *, but: Sequence[str] = ("person",)) -> Claim | None:
        said = (c for c in self.claims if c.field == field and c.source not in but)
        return max(said, key=rank, default=None)


Said = Mapping[str, Claim]  # what rules before this one claim, by field


class Action(Protocol):
    """One of ACTIONS."""

    kind: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]  # of claims that it reads or makes

    def claim(self, asset: Unruled, said: Said) -> Claim | None:
        """What it says of an asset that its condition finds; None: nothing."""

    def said(self) -> str:
        """ "moved by +1:00:00"."""


@dataclass(frozen=True)
class Delete:
    """Into the trash, from which it is taken back at any time."""

    kind: ClassVar[str] = "delete"
    fields: ClassVar[tuple[str, ...]] = ()

    def claim(self, asset: Unruled, said: Said) -> Claim | None:
        return None

    def said(self) -> str:
        return "into the trash"


@dataclass(frozen=True)
class MakePrivate:
    """Off the timeline; found when it is asked for."""

    kind: ClassVar[str] = "private"
    fields: ClassVar[tuple[str, ...]] = ("hidden",)

    def claim(self, asset: Unruled, said: Said) -> Claim | None:
        return Claim("hidden", True, RULE, 1.0)

    def said(self) -> str:
        return "private, off the timeline"


@dataclass(frozen=True)
class DistrustDate:
    """What these sources say of the date does not count; the next best is believed."""

    whose: tuple[str, ...] = ("tags",)

    kind: ClassVar[str] = "distrust-date"
    fields: ClassVar[tuple[str, ...]] = ("captured_at",)

    def claim(self, asset: Unruled, said: Said) -> Claim | None:
        doubted = [source for name in self.whose for source in DISTRUSTED[name]]
        believed = asset.best("captured_at")
        clock = asset.best("captured_at", but=("person", _ZONED))
        if clock and clock.source in doubted:
            doubted.append(_ZONED)
        left = asset.best("captured_at", but=("person", *doubted))
        if believed is None or believed.source not in doubted or left is None:
            return None
        return _time(left, left.value, f"not {believed.value} of {believed.source}")

    def said(self) -> str:
        return f"the date is not taken from {' or '.join(SAID_OF[name] for name in self.whose)}"


@dataclass(frozen=True)
class ShiftDate:
    """Moved by so much; or by what two anchors say, more or less in between: a clock that runs
    fast. `since` and `until` are what the wrong clock showed, as is the first of each anchor."""

    by: timedelta = timedelta()
    anchors: tuple[tuple[datetime, datetime], ...] = ()  # shown, right
    since: str = ""
    until: str = ""

    kind: ClassVar[str] = "shift-date"
    fields: ClassVar[tuple[str, ...]] = ("captured_at",)

    def claim(self, asset: Unruled, said: Said) -> Claim | None:
        base = said.get("captured_at") or asset.best("captured_at")
        if base is None or base.source == _NO_TIME or base.detail.endswith(PARTLY):
            return None
        shown = datetime.fromisoformat(base.value)
        clock = shown.replace(tzinfo=None).isoformat(timespec="seconds")
        if (self.since and clock < self.since) or (self.until and clock > self.until):
            return None
        try:
            right = shown + self.at(shown)
        except OverflowError:
            return None
        if right.year not in _YEARS:
            return None
        precision = "milliseconds" if right.microsecond >= 1000 else "seconds"
        value = right.isoformat(timespec=precision)
        return _time(base, value, f"from {base.value} of {base.source}")

    def at(self, shown: datetime) -> timedelta:
        """By how much the clock was wrong when it showed this."""
        if not self.anchors:
            return self.by
        (first, right), (last, right_last) = self.anchors
        share = (shown.replace(tzinfo=None) - first) / (last - first)
        drift = (right_last - last) - (right - first)
        seconds = ((right - first) + drift * share).total_seconds()
        return timedelta(seconds=round(seconds))

    def said(self) -> str:
        how = f"moved by {amount(self.by)}" if not self.anchors else _drifting(self.anchors)
        between = [f"from {self.since}"] if self.since else []
        between += [f"to {self.until}"] if self.until else []
        return " ".join([how, *between])


def _drifting(anchors: Sequence[tuple[datetime, datetime]]) -> str:
    (first, right), (last, right_last) = anchors
    return (
        f"moved by {amount(right - first)} at {first.isoformat(' ', 'minutes')}, "
        f"{amount(right_last - last)} at {last.isoformat(' ', 'minutes')}, evenly in between"
    )


@dataclass(frozen=True)
class BlockPlace:
    """Where it was taken is not believed."""

    kind: ClassVar[str] = "block-place"
    fields: ClassVar[tuple[str, ...]] = ("location",)

    def claim(self, asset: Unruled, said: Said) -> Claim | None:
        return _place(asset, said, None)

    def said(self) -> str:
        return "the place is not believed"


@dataclass(frozen=True)
class CorrectPlace:
    """In this country, nothing was taken but in these cities or regions: elsewhere the place is not
    believed, or another is given."""

    country: str = ""  # ISO 3166, two letters
    country_name: str = ""
    only: tuple[str, ...] = ()
    to: tuple[float, float] | None = None  # latitude, longitude
    to_name: str = ""

    kind: ClassVar[str] = "correct-place"
    fields: ClassVar[tuple[str, ...]] = ("location",)

    def claim(self, asset: Unruled, said: Said) -> Claim | None:
        place = asset.place
        if place is None or place.country_code != self.country:
            return None
        here = {place.city.casefold(), place.region.casefold()}
        if here & {name.casefold() for name in self.only}:
            return None
        return _place(asset, said, list(self.to) if self.to else None)

    def said(self) -> str:
        only = f"only {', '.join(self.only)}" if self.only else "nothing"
        other = self.to_name or (f"{self.to[0]:g}, {self.to[1]:g}" if self.to else "no place")
        return f"{self.country_name or self.country}: {only}; the rest gets {other}"


def _time(base: Claim, value: str, why: str) -> Claim:
    partly = PARTLY if base.detail.endswith(PARTLY) else ""
    return Claim("captured_at", value, RULE, base.confidence, why + partly)


def _place(asset: Unruled, said: Said, point: list[float] | None) -> Claim | None:
    """The first rule that speaks of a place decides."""
    located = asset.best("location")
    if located is None or located.value is None or "location" in said:
        return None
    latitude, longitude = located.value
    why = f"not {latitude:.5f}, {longitude:.5f} of {located.source}"
    return Claim("location", point, RULE, 1.0, why)


# --- from what is kept


def action_of(kind: str, details: Mapping[str, Any]) -> Action:
    """An action as `Rule.details` keeps it. Raises BadInput with a sentence."""
    if kind not in ACTIONS:
        raise BadInput(f"A rule cannot {kind!r}", hint=f"What it can: {', '.join(ACTIONS)}")
    return ACTIONS[kind](details)


def _distrust(details: Mapping[str, Any]) -> Action:
    whose = tuple(details.get("whose") or ())
    if not whose or not set(whose) <= set(DISTRUSTED):
        raise BadInput("Say whose date is not believed", hint=f"One of {', '.join(DISTRUSTED)}")
    return DistrustDate(whose)


def _shift(details: Mapping[str, Any]) -> Action:
    since, until = (_clock(details.get(name)) for name in ("since", "until"))
    if since and until and since > until:
        raise BadInput(f"{since} comes after {until}")
    anchors = tuple(
        (datetime.fromisoformat(_clock(shown)), datetime.fromisoformat(_clock(right)))
        for shown, right in details.get("anchors") or ()
    )
    if anchors and (len(anchors) != 2 or anchors[0][0] >= anchors[1][0]):
        raise BadInput(
            "Two anchors are needed, the earlier one first",
            hint="For each: what the camera showed, and what was right",
        )
    by = timedelta(seconds=int(details.get("seconds") or 0))
    if bool(anchors) == bool(by):
        raise BadInput("Say by how much: an amount such as +1:00, or two anchors")
    return ShiftDate(by, anchors, since, until)


def _clock(text: object) -> str:
    """A local time, as a clock without a zone shows it; '' for nothing."""
    if not text:
        return ""
    when = datetime.fromisoformat(iso_moment(str(text), "the time"))
    return when.replace(tzinfo=None).isoformat(timespec="seconds")


def _correct(details: Mapping[str, Any]) -> Action:
    country = str(details.get("country") or "")
    if not re.fullmatch("[A-Z]{2}", country):
        raise BadInput("Say which country", hint="Its name, or its two letters: India, IN")
    to = details.get("to")
    return CorrectPlace(
        country,
        str(details.get("country_name") or ""),
        tuple(map(str, details.get("only") or ())),
        (float(to[0]), float(to[1])) if to else None,
        str(details.get("to_name") or ""),
    )


ACTIONS: dict[str, Callable[[Mapping[str, Any]], Action]] = {
    Delete.kind: lambda details: Delete(),
    DistrustDate.kind: _distrust,
    ShiftDate.kind: _shift,
    BlockPlace.kind: lambda details: BlockPlace(),
    CorrectPlace.kind: _correct,
    MakePrivate.kind: lambda details: MakePrivate(),
}
