"""When a film was begun: which of its times is meant, in UTC or local, and why.

The time in the header of a QuickTime or MP4 film is UTC by the standard, and so it is on phones;
many cameras write their clock there. And Android writes when the film ended. Which it is, a time
that is known otherwise tells: the one in the file's name, or on the disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from albums.ingest.facts.date_tags import parse_date, parse_offset
from albums.ingest.facts.filename import Stamp
from albums.ingest.facts.gear import canonical_make, film_make
from albums.ingest.facts.instant import EAST, QUARTER, WEST
from albums.ingest.facts.moment import Moment, known_instant, with_zone
from albums.ingest.facts.offset import Hints, in_zone

# Tags that hold the camera's own clock, as FFmpeg and Apple call them; and how sure they are.
_CLOCKS = (
    ("com.apple.quicktime.creationdate", 0.92),
    ("nrtm:CreationDate", 0.92),  # Sony's cameras
    ("mdpm:DateTimeOriginal", 0.9),  # camcorders
    ("date", 0.8),
    ("©day", 0.8),
)
_ANDROID_OFFSETS = ("com.samsung.android.utc_offset", "samsung.android.utc_offset")
# Whose cameras write local time into the header. Phones and Sony's cameras keep to UTC.
_LOCAL_BY_HABIT = {
    "Canon", "Casio", "DJI", "Fujifilm", "GoPro", "Kodak", "Leica", "Nikon", "Olympus", "OM System",
    "Panasonic", "Pentax", "Ricoh", "Samsung Techwin", "Sanyo",
}  # fmt: skip
_NO_FILMS_BEFORE = 1985  # no file of this kind is older
_FROM_1970 = datetime(1970, 1, 1) - datetime(1904, 1, 1)  # some count from 1970 instead
_AT_ONCE = timedelta(seconds=10)
_PAUSES = timedelta(minutes=5)  # of a recording: it ends later than it is long
_COPYING = timedelta(minutes=2)  # between the end of a film and its time on disk
_LONGEST = 24 * 3600  # seconds of a film; more is a broken header
_SAVED_ANEW = timedelta(days=2)

BY_STANDARD = "header read as UTC, as the standard says"
BY_HABIT = "header read as local time, as cameras of {} write it"


@dataclass(frozen=True)
class _Header:
    """`clock`: what the header says, without zone."""

    clock: datetime
    length: timedelta
    make: str
    android: bool

    @property
    def begins(self) -> tuple[datetime, datetime]:
        """When the film began, if the clock is that of its beginning, and of its end."""
        return self.clock, self.clock - self.length


def film_moments(
    tags: Mapping[str, Any], stamps: Sequence[Stamp], modified_ns: int | None, hints: Hints
) -> Iterator[Moment]:
    """What the container of a film says. `tags` as `media.exif.read` gives them; `stamps` of the
    file's names, best first; `modified_ns` its time on disk."""
    container = tags.get("container") or {}
    for name, confidence in _CLOCKS:
        yield from _written(container.get(name), name, confidence, hints)
    header = _header(tags, container)
    if header:
        offset = next((o for n in _ANDROID_OFFSETS if (o := parse_offset(container.get(n)))), None)
        yield _doubted(_of_header(header, stamps, modified_ns, offset, hints), header, stamps)
    elif read := parse_date(container.get("creation_time")):  # AVI and others: the camera's clock
        when, reason = in_zone(read.when, None, hints)
        yield Moment(when, with_zone(0.7, when), f"creation_time; {reason}{read.partly}")


def _written(text: object, name: str, confidence: float, hints: Hints) -> Iterator[Moment]:
    read = parse_date(text.replace("Z", "+00:00") if isinstance(text, str) else text)
    if read is None:
        return
    if isinstance(text, str) and text.endswith("Z"):
        yield known_instant(read.when, confidence - 0.05, f"{name} in UTC", hints)
        return
    when, reason = in_zone(read.when, None, hints)
    sure = 0.3 if read.partly else confidence if when.tzinfo else confidence - 0.1
    yield Moment(when, sure, f"{name}; {reason}{read.partly}")


def length_of(tags: Mapping[str, Any]) -> timedelta:
    """Of a film; zero where it is not known."""
    seconds = (tags.get("film") or {}).get("duration")
    known = seconds if isinstance(seconds, int | float) and 0 < seconds < _LONGEST else 0
    return timedelta(seconds=known)


def _header(tags: Mapping[str, Any], container: Mapping[str, Any]) -> _Header | None:
    text = tags.get("quicktime_epoch") or container.get("creation_time")
    read = parse_date(text) if isinstance(text, str) else None
    if read is None or read.partly or read.when.tzinfo is None:
        return None
    clock = read.when.astimezone(UTC).replace(tzinfo=None)
    if clock.year < _NO_FILMS_BEFORE and clock - datetime(1904, 1, 1) > timedelta(days=1):
        clock += _FROM_1970
    return _Header(
        clock,
        length_of(tags),
        canonical_make(film_make(container)),
        any(key.startswith("com.android.") for key in container),
    )


def _of_header(
    header: _Header,
    stamps: Sequence[Stamp],
    modified_ns: int | None,
    offset: timedelta | None,
    hints: Hints,
) -> Moment:
    if offset is not None:
        began = _began(header).replace(tzinfo=UTC).astimezone(timezone(offset))
        return Moment(began, 0.9, "header in UTC; offset tag")
    return (
        _beside_name(header, stamps, hints)
        or _beside_disk(header, modified_ns, hints)
        or _alone(header, hints)
    )


def _began(header: _Header) -> datetime:
    return header.begins[1] if header.android else header.clock


# --- what a second time says of the first


def _beside_name(header: _Header, stamps: Sequence[Stamp], hints: Hints) -> Moment | None:
    """A name holds when the film began: in UTC, or on the clock of who held the camera."""
    for stamp in (stamp for stamp in stamps if stamp.has_time):
        named = stamp.when.replace(tzinfo=None)
        offset = _offset(header, named, hints)
        if offset is None:
            continue
        if stamp.when.tzinfo:
            if not offset:
                return known_instant(
                    stamp.when, 0.85, "header and file name agree on this time in UTC", hints
                )
            local = stamp.when.astimezone(timezone(-offset))
            return Moment(local, 0.85, "header in local time; offset from the UTC in the file name")
        if offset:
            when = named.replace(tzinfo=timezone(offset))
            return Moment(when, 0.88, "header in UTC; offset from the local time in the file name")
        return _same_as_name(named, hints)
    return None


def _offset(header: _Header, named: datetime, hints: Hints) -> timedelta | None:
    """By how much the name's clock is ahead of the header's; None where they are of two moments."""
    ahead: list[tuple[timedelta, timedelta]] = []
    for began in header.begins:
        offset = round((named - began) / QUARTER) * QUARTER
        ahead.append((abs(named - began - offset), offset))
    for zone in (hints.zone, hints.home):  # where the film was perhaps halted meanwhile
        there = _offset_in(zone, named)
        late = header.clock + there - named if there is not None else -_AT_ONCE * 2
        if timedelta() <= late <= header.length + _PAUSES:
            ahead.append((_AT_ONCE, there or timedelta()))
    apart, offset = min(ahead, key=lambda found: found[0])
    return offset if apart <= _AT_ONCE and WEST <= offset <= EAST else None


def _same_as_name(named: datetime, hints: Hints) -> Moment:
    """Header and name show one clock: both are local, or this is where UTC is the local time."""
    there = _offset_in(hints.zone or hints.home, named)
    if there:
        when, reason = in_zone(named, None, hints)
        return Moment(
            when, with_zone(0.78, when), f"header in local time, as the file name has it; {reason}"
        )
    return known_instant(
        named.replace(tzinfo=UTC), 0.85, "header and file name agree on this time in UTC", hints
    )


def _beside_disk(header: _Header, modified_ns: int | None, hints: Hints) -> Moment | None:
    """A file is written when its film ends. A memory card keeps local times, which are read as
    UTC: that both agree says nothing, that they are a zone apart says that the header is local."""
    if not modified_ns:
        return None
    written = datetime(1970, 1, 1) + timedelta(microseconds=modified_ns // 1000)
    for zone, where in ((hints.zone, "the GPS place"), (hints.home, "this library")):
        offset = _offset_in(zone, header.clock)
        if not offset:
            continue
        late = written - (header.clock - offset)
        if -_AT_ONCE <= late <= header.length + _COPYING:
            when = header.clock.replace(tzinfo=timezone(offset))
            detail = f"header in local time, before the time on disk by the zone of {where}"
            return Moment(when, 0.8, f"{detail}; offset from the time on disk")
    return None


def _alone(header: _Header, hints: Hints) -> Moment:
    if header.make in _LOCAL_BY_HABIT and not header.android:
        when, reason = in_zone(header.clock, None, hints)
        habit = BY_HABIT.format(header.make)
        return Moment(when, with_zone(0.7, when), f"{habit}; {reason}")
    began = _began(header).replace(tzinfo=UTC)
    if header.android:
        return known_instant(began, 0.8, "header in UTC, less the film's length (Android)", hints)
    if header.make == "Apple":
        return known_instant(began, 0.8, "header in UTC, as Apple writes it", hints)
    return known_instant(began, 0.72, BY_STANDARD, hints)


def _doubted(moment: Moment, header: _Header, stamps: Sequence[Stamp]) -> Moment:
    """A film that is named before its header's time was saved anew since."""
    first = min((stamp.when.replace(tzinfo=None) for stamp in stamps), default=header.clock)
    if header.clock - header.length - first < _SAVED_ANEW:
        return moment
    return Moment(moment.when, 0.35, f"{moment.detail}; later than the file name: saved anew")


def _offset_in(zone: tzinfo | None, local: datetime) -> timedelta | None:
    return local.replace(tzinfo=zone).utcoffset() if zone else None
