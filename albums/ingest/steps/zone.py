"""The zone of clocks that do not say theirs, from those that took pictures at the same time.

Its claims are by the source `neighbours`: the time that was believed before, with an offset. They
follow who is there: the first phone nearby gives one, and when its photos go it goes.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import PurePath

from albums.ingest.facts.captured import iso
from albums.ingest.facts.neighbours import (
    Told,
    doubtful_reading,
    in_offset,
    reading_beside,
    told_by,
    written,
)
from albums.ingest.facts.offset import is_by_home, is_proven, without_zone
from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset
from albums.library.facts import PARTLY, RULE, Claim, claims_of, replace_claims, settle
from albums.library.zones import (
    STEP,
    Beside,
    Clock,
    again,
    beside,
    clock_of,
    keep_clock,
    make_tables,
    seen_around,
)

SOURCE = "neighbours"
_CLOCKS = ("exif", "xmp", "iptc", "container", "name", "instant")  # sources of times of clocks
_SURE = 0.3  # confidence; a time that is hardly believed needs no zone
_MORE = 0.03  # sure than the time without its zone
_NUMBER = re.compile(r"\d{3,6}$", re.ASCII)
_EPOCH = datetime(1970, 1, 1)
_HOUR = 3600


@dataclass(frozen=True)
class _Plan:
    """What is to be written down of an asset."""

    clock: Clock | None = None
    claim: Claim | None = None


class ZoneStep:
    """Each asset is asked once what its clock says, and what it is told. Whoever comes or goes
    opens the work of those around who ask, by triggers of library/zones.py."""

    name = STEP
    lane: Lane = "io"
    batch = 128
    needs: tuple[str, ...] = ("facts",)
    follows: tuple[str, ...] = ("rules",)

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        make_tables(db)

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        with tools.library.read() as db:
            return [self._ask(db, asset, tools.home) for asset in assets]

    def _ask(self, db: sqlite3.Connection, asset: Asset, home: tzinfo) -> Outcome:
        if asset.kind not in ("photo", "video"):
            return Skipped("It is neither a photo nor a film")
        planned, told = _plan(db, asset, home), _told(db, asset.id)
        changed = planned.claim != told
        if not changed and planned.clock == clock_of(db, asset.id):
            return Done(changed=False)

        def write(db: sqlite3.Connection) -> None:
            keep_clock(db, asset.id, planned.clock)
            if _plan(db, asset, home) != planned:  # of those around, one came or went since
                again(db, asset.id)
            elif changed:
                replace_claims(db, asset.id, [SOURCE], [planned.claim] if planned.claim else [])
                settle(db, asset.id, home)

        return Done(write, changed=changed)


def _told(db: sqlite3.Connection, asset_id: int) -> Claim | None:
    claims = claims_of(db, asset_id)
    return next((claim for claim in claims if claim.source == SOURCE), None)


def _plan(db: sqlite3.Connection, asset: Asset, home: tzinfo) -> _Plan:
    said = [c for c in claims_of(db, asset.id) if c.field == "captured_at"]
    best = next((c for c in said if c.source not in ("person", RULE, SOURCE)), None)
    if best is None or best.source not in _CLOCKS or best.confidence < _SURE:
        return _Plan()
    if PARTLY in best.detail:
        return _Plan()
    clock = _clock(db, asset, best, heeded=not any(c.source in ("person", RULE) for c in said))
    if clock is None or not clock.asks:
        return _Plan(clock)
    return _Plan(clock, _claim(db, asset, best, clock, home))


def _clock(db: sqlite3.Connection, asset: Asset, best: Claim, *, heeded: bool) -> Clock | None:
    """`heeded`: a time that a person or a rule had to correct proves nothing to others."""
    when = datetime.fromisoformat(best.value)
    row = db.execute(
        "select origin, trashed_at, coalesce(camera, make, '') as device from assets where id = ?",
        (asset.id,),
    ).fetchone()
    offset = when.utcoffset()
    proven = offset is not None and is_proven(best.detail) and heeded and not row["trashed_at"]
    asks = _asks(when, best.detail)
    number = _number(asset.name) if asks != "utc" or asset.kind == "video" else None
    if not (proven or asks or number):
        return None
    utc_hour = None if offset is None else _seconds(_header(when, "utc")) // _HOUR
    seconds = _seconds(_header(when, "local"))
    return Clock(
        utc_hour if asks == "utc" and utc_hour is not None else seconds // _HOUR,
        utc_hour,
        seconds,
        offset // timedelta(minutes=1) if proven and offset is not None else None,
        row["device"],
        asks,
        f"{row['origin']}\n{asset.folder}\n{len(number)}" if number else "",
        int(number) if number else None,
    )


def _asks(when: datetime, detail: str) -> str:
    if when.tzinfo is None:
        return "local"
    return doubtful_reading(detail) or ("utc" if is_by_home(detail) else "")


def _number(name: str) -> str | None:
    match = _NUMBER.search(PurePath(name).stem)
    return match[0] if match else None


def _header(when: datetime, clock: str) -> datetime:
    """What a clock of this kind showed, without zone."""
    if clock == "utc" and when.tzinfo:
        when = when.astimezone(UTC)
    return when.replace(tzinfo=None)


def _seconds(clock: datetime) -> int:
    return (clock - _EPOCH) // timedelta(seconds=1)


# --- what it is told


def _claim(
    db: sqlite3.Connection, asset: Asset, best: Claim, clock: Clock, home: tzinfo
) -> Claim | None:
    when, detail = datetime.fromisoformat(best.value), without_zone(best.detail)
    kind = clock.asks
    other: Beside | None = None
    if doubtful_reading(best.detail) and clock.number is not None:
        other = _other_reading(db, asset.id, when, clock, home)
        if other:
            kind = "local" if clock.asks == "utc" else "utc"
            detail = f"header read as {_READ[kind]}, by {other.name} beside it"
    if not other and not (when.tzinfo is None or is_by_home(best.detail)):
        return None
    header = _header(when, clock.asks)
    told = _offset(db, header, kind, other)
    if told is None and other is None:
        return None
    value = _written(header, kind, told, home)
    why = f"{detail}; {told.why}" if told else f"{detail}; zone unknown"
    return Claim("captured_at", iso(value), SOURCE, min(best.confidence + _MORE, 0.99), why)


_READ = {"local": "local time", "utc": "UTC"}


def _other_reading(
    db: sqlite3.Connection, asset_id: int, when: datetime, clock: Clock, home: tzinfo
) -> Beside | None:
    """The photo beside a film that shows that its header is to be read the other way."""
    header = _header(when, clock.asks)
    told = _offset(db, header, "local", None)
    there = header.replace(tzinfo=home).utcoffset() or timedelta()
    usual = told.offset if told else there // timedelta(minutes=1)
    found = reading_beside(header, beside(db, asset_id, clock), usual)
    return found[1] if found and found[0] != clock.asks else None


def _offset(
    db: sqlite3.Connection, header: datetime, kind: str, other: Beside | None
) -> Told | None:
    if other and other.offset is not None:
        return Told(other.offset, f"{written(other.offset)}, the zone of that photo")
    hour = _seconds(header) // _HOUR
    return told_by(hour, kind, seen_around(db, hour))


def _written(header: datetime, kind: str, told: Told | None, home: tzinfo) -> datetime:
    if kind == "local":
        return in_offset(header, told.offset) if told else header
    moment = header.replace(tzinfo=UTC)
    if told is None:
        return moment.astimezone(home)
    return in_offset(header + timedelta(minutes=told.offset), told.offset)
