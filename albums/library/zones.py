"""Whose clocks can tell others the zone, and whose ask for it.

Filled by ingest/steps/zone.py. What an asset is told depends only on which offsets were seen in
which hour, on which device: so only the first of its kind in an hour, and the last one that goes,
opens the work of those who ask nearby again.
"""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass

STEP = "zone"
REACH = 24  # hours in which others are heeded
_WIDEST = 16  # hours by which two clocks of one moment may differ, and a little
NEAR_NUMBERS = 3  # of files that count as taken beside each other


@dataclass(frozen=True)
class Clock:
    """What an asset says of its time. Hours and seconds since 1970, local where not said otherwise.

    `offset` in minutes, where it is proven; `asks`: "local" for the offset of its local time, "utc"
    for the zone that its time in UTC is to be written in; '' where it asks for nothing. `number`:
    of a file called by numbers, within `place`, its folder.
    """

    hour: int
    utc_hour: int | None
    seconds: int
    offset: int | None
    device: str
    asks: str
    place: str = ""
    number: int | None = None


@dataclass(frozen=True, order=True)
class Seen:
    """At least one asset of this device had this offset in this hour."""

    hour: int
    utc_hour: int
    offset: int
    device: str


@dataclass(frozen=True)
class Beside:
    """An asset whose file has a number near by."""

    name: str
    seconds: int
    offset: int | None


def make_tables(db: sqlite3.Connection) -> None:
    db.execute("""
        create table if not exists clocks (
            asset_id integer primary key references assets on delete cascade,
            hour integer not null,
            utc_hour integer,
            seconds integer not null,
            offset integer,                    -- minutes
            device text not null,
            asks text not null,                -- local, utc or ''
            place text not null,
            number integer
        )""")
    db.execute("""create index if not exists clocks_seen on clocks (hour, utc_hour, offset, device)
                  where offset is not null""")
    db.execute("create index if not exists clocks_asking on clocks (hour) where asks != ''")
    db.execute("""create index if not exists clocks_by_number on clocks (place, number)
                  where number is not null""")
    for name, when, row in (("come", "insert", "new"), ("gone", "delete", "old")):
        db.execute(f"""
            create trigger if not exists clocks_{name} after {when} on clocks begin
                {_REOPEN} and asset_id in (
                    select asset_id from clocks indexed by clocks_asking where asks != ''
                    and hour between {row}.hour - {REACH + _WIDEST}
                    and {row}.hour + {REACH + _WIDEST})
                and {row}.offset is not null and not exists (
                    select 1 from clocks indexed by clocks_seen where hour = {row}.hour
                    and utc_hour = {row}.utc_hour and offset = {row}.offset
                    and device = {row}.device and asset_id != {row}.asset_id);
                {_REOPEN} and asset_id in (
                    select asset_id from clocks indexed by clocks_by_number
                    where place = {row}.place and asks != '' and asset_id != {row}.asset_id
                    and number between {row}.number - {NEAR_NUMBERS}
                    and {row}.number + {NEAR_NUMBERS});
            end""")


# As `Ledger.reopen`, but what waits for its needs goes on waiting.
_REOPEN = f"""update work set state = 'open', attempts = 0, due = 0
              where step = '{STEP}' and state != 'waiting'"""


def again(db: sqlite3.Connection, asset_id: int) -> None:
    """The result of who has this asset in hand does not count: something came between."""
    db.execute(f"{_REOPEN} and asset_id = ?", (asset_id,))


def clock_of(db: sqlite3.Connection, asset_id: int) -> Clock | None:
    row = db.execute("select * from clocks where asset_id = ?", (asset_id,)).fetchone()
    return Clock(*tuple(row)[1:]) if row else None


def keep_clock(db: sqlite3.Connection, asset_id: int, clock: Clock | None) -> None:
    """Replace what is known. What is the same already stirs up nobody."""
    if clock == clock_of(db, asset_id):
        return
    db.execute("delete from clocks where asset_id = ?", (asset_id,))
    if clock:
        db.execute(
            """insert into clocks values (:asset_id, :hour, :utc_hour, :seconds, :offset, :device,
                                          :asks, :place, :number)""",
            asdict(clock) | {"asset_id": asset_id},
        )


def seen_around(db: sqlite3.Connection, hour: int) -> list[Seen]:
    """What was seen in the hours that may be near, by whichever clock."""
    rows = db.execute(
        """select distinct hour, utc_hour, offset, device from clocks indexed by clocks_seen
           where offset is not null and hour between ? and ?""",
        (hour - REACH - _WIDEST, hour + REACH + _WIDEST),
    )
    return [Seen(*row) for row in rows]


def beside(db: sqlite3.Connection, asset_id: int, clock: Clock) -> list[Beside]:
    """Photos whose files have the nearest numbers, nearest first."""
    rows = db.execute(
        """select name, seconds, offset from clocks indexed by clocks_by_number
           join assets on assets.id = asset_id
           where place = :place and number between :number - :near and :number + :near
           and asset_id != :asset_id and kind = 'photo' and clocks.number is not null
           order by abs(number - :number), number, name, sha""",
        asdict(clock) | {"asset_id": asset_id, "near": NEAR_NUMBERS},
    )
    return [Beside(*row) for row in rows]
