"""City, region and country of each asset that has a location. Offline."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple

from albums.ingest.facts.gazetteer import Place, gazetteer
from albums.ingest.facts.location import Point
from albums.ingest.step import Done, Lane, Outcome, Skipped, Tools
from albums.library.assets import Asset


class PlaceStep:
    """Names the believed location, whoever said it."""

    name = "place"
    lane: Lane = "io"
    batch = 256
    needs: tuple[str, ...] = ("facts",)
    follows: tuple[str, ...] = ("rules",)

    def version(self, tools: Tools) -> str:
        return "1"

    def prepare(self, db: sqlite3.Connection) -> None:
        db.execute("""
            create table if not exists places (
                asset_id integer primary key references assets on delete cascade,
                city text not null,                -- empty: too far from any
                region text not null,
                country text not null,
                country_code text not null,        -- ISO 3166, two letters
                distance_km real                   -- to the middle of the city
            )""")
        db.execute("create index if not exists places_by_city on places (country_code, city)")
        db.execute("create index if not exists places_by_name on places (country, city, region)")

    def run(self, assets: Sequence[Asset], tools: Tools) -> list[Outcome]:
        with tools.library.read() as db:
            points = [_location(db, asset.id) for asset in assets]
            known = [_place(db, asset.id) for asset in assets]
        located = [point for point in points if point]
        places = iter(gazetteer().places(located) if located else [])
        found = [next(places) if point else None for point in points]
        return [
            _outcome(*one) for one in zip((a.id for a in assets), points, found, known, strict=True)
        ]


def _outcome(
    asset_id: int, point: Point | None, place: Place | None, known: Place | None
) -> Outcome:
    if place:
        return Done(lambda db: _put(db, asset_id, place), changed=place != known)
    if known:  # the location was taken away or moved out to sea
        return Done(lambda db: _remove(db, asset_id))
    return Skipped("Its location is far from any country" if point else "It has no location")


def _put(db: sqlite3.Connection, asset_id: int, place: Place) -> None:
    db.execute(
        "insert or replace into places values (?, ?, ?, ?, ?, ?)", (asset_id, *astuple(place))
    )


def _remove(db: sqlite3.Connection, asset_id: int) -> None:
    db.execute("delete from places where asset_id = ?", (asset_id,))


def _place(db: sqlite3.Connection, asset_id: int) -> Place | None:
    row = db.execute(
        "select city, region, country, country_code, distance_km from places where asset_id = ?",
        (asset_id,),
    ).fetchone()
    return Place(*row) if row else None


def _location(db: sqlite3.Connection, asset_id: int) -> Point | None:
    row = db.execute("select latitude, longitude from assets where id = ?", (asset_id,)).fetchone()
    if row is None or row["latitude"] is None or row["longitude"] is None:
        return None
    return row["latitude"], row["longitude"]
