"""The moving part of a photo: inside its file (a motion photo), or a film of its own (a live
photo). Found by ingest/steps/moving.py and ingest/steps/companions.py."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

# For conditions on the row `assets`: the ids of photos that move.
MOVING = """select asset_id from moving_parts
            union select photo_id from companions join taken on taken.asset_id = other_id
                  where taken.part = 'film'"""


@dataclass(frozen=True)
class Inside:
    """A film inside a photo's file: bytes from its beginning, seconds."""

    offset: int
    length: int
    still_length: int  # the file up to here is the still
    mime: str
    duration: float | None
    presented: float | None  # when in the film the still was taken
    standard: str


@dataclass(frozen=True)
class Moving:
    """The asset whose file has the film, and where in it (None: all of it)."""

    kind: Literal["live", "motion"]
    asset_id: int
    sha: str
    name: str
    extension: str
    mime: str
    duration: float | None
    inside: Inside | None


def make_table(db: sqlite3.Connection) -> None:
    db.execute("""
        create table if not exists moving_parts (
            asset_id integer primary key references assets on delete cascade,
            "offset" integer not null,         -- bytes
            length integer not null,
            still_length integer not null,
            mime text not null,
            duration real,                     -- seconds
            presented real,                    -- seconds in the film
            standard text not null             -- motion photo, micro video, samsung, mpvd
        )""")


def keep_inside(db: sqlite3.Connection, asset_id: int, inside: Inside | None) -> None:
    """Replace what was known of the asset."""
    db.execute("delete from moving_parts where asset_id = ?", (asset_id,))
    if inside:
        db.execute(
            "insert into moving_parts values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                asset_id,
                inside.offset,
                inside.length,
                inside.still_length,
                inside.mime,
                inside.duration,
                inside.presented,
                inside.standard,
            ),
        )


def inside_of(db: sqlite3.Connection, asset_id: int) -> Inside | None:
    row = db.execute("select * from moving_parts where asset_id = ?", (asset_id,)).fetchone()
    if row is None:
        return None
    return Inside(**{key: row[key] for key in row.keys() if key != "asset_id"})  # noqa: SIM118


def moving_of(db: sqlite3.Connection, asset_id: int) -> Moving | None:
    """What moves in this photo; of a live photo the film, unless it alone is in the trash."""
    inside = inside_of(db, asset_id)
    if inside:
        photo = db.execute("select * from assets where id = ?", (asset_id,)).fetchone()
        return _moving("motion", photo, inside)
    film = db.execute(
        """select film.* from companions
           join taken on taken.asset_id = other_id and part = 'film'
           join assets film on film.id = other_id
           join assets photo on photo.id = photo_id
           where photo_id = ? and (film.trashed_at is null or photo.trashed_at is not null)
           order by film.id limit 1""",
        (asset_id,),
    ).fetchone()
    return _moving("live", film, None) if film else None


def _moving(kind: Literal["live", "motion"], row: sqlite3.Row, inside: Inside | None) -> Moving:
    mime, duration = row["mime"], row["duration"]
    if inside:
        mime, duration = inside.mime, inside.duration
    return Moving(
        kind, row["id"], row["sha"], row["name"], row["extension"], mime, duration, inside
    )


def shown_moving(db: sqlite3.Connection, asset_id: int) -> dict[str, Any] | None:
    """For a person: what moves in this photo."""
    moving = moving_of(db, asset_id)
    if moving is None:
        return None
    return {"kind": moving.kind, "mime": moving.mime, "duration": moving.duration}
