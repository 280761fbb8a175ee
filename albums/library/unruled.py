"""The library as it would be without rules: what their conditions are asked of.

A rule that moves dates must not be asked of dates that it moved. What rules touch is little: the
rows of these assets, as they would be, lie in tables of the same names in memory, and SQLite looks
there before it looks into the library's file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, tzinfo
from urllib.parse import quote

from albums.library.facts import RULE, Claim, believed, claim_from_json
from albums.library.rule_actions import Named

Point = tuple[float, float]  # latitude, longitude
Places = Callable[[Sequence[Point]], Sequence[Named | None]]
_THESE = "in (select value from json_each(?))"
_SHADOWED = ("assets", "places")
_RULED = ("captured_at", "captured_utc", "day", "latitude", "longitude", "hidden")


@dataclass(frozen=True)
class Spoken:
    """All that is claimed of an asset, apart: what rules say, and what everybody else does."""

    rules: tuple[Claim, ...] = ()
    others: tuple[Claim, ...] = ()


def touched(db: sqlite3.Connection, asset_ids: Iterable[int] | None = None) -> set[int]:
    """Of these assets (None: of all), those of which a rule claims something."""
    if asset_ids is None:
        rows = db.execute("select distinct asset_id from claims where source = 'rule'")
    else:
        rows = db.execute(
            f"select distinct asset_id from claims where source = 'rule' and asset_id {_THESE}",
            (json.dumps(list(asset_ids)),),
        )
    return {row[0] for row in rows}


def spoken(
    db: sqlite3.Connection, asset_ids: Iterable[int], fields: Iterable[str]
) -> dict[int, Spoken]:
    """What is claimed of these fields of each asset; those of which nothing is are left out."""
    said: dict[int, tuple[list[Claim], list[Claim]]] = {}
    for row in db.execute(
        f"""select asset_id, field, source, value, confidence, detail from claims
            where asset_id {_THESE} and field {_THESE}""",
        (json.dumps(list(asset_ids)), json.dumps(list(fields))),
    ):
        claim = claim_from_json({**dict(row), "value": json.loads(row["value"])})
        said.setdefault(row["asset_id"], ([], []))[claim.source != RULE].append(claim)
    return {asset_id: Spoken(tuple(r), tuple(o)) for asset_id, (r, o) in said.items()}


def places_without_rules(said: dict[int, Spoken], places: Places) -> dict[int, Named | None]:
    """Where those assets would be whose location a rule speaks of."""
    points: dict[int, Point | None] = {}
    for asset_id, each in said.items():
        if any(claim.field == "location" for claim in each.rules):
            row = believed(each.others, UTC)
            known = row["latitude"] is not None
            points[asset_id] = (row["latitude"], row["longitude"]) if known else None
    found = iter(places([point for point in points.values() if point]))
    return {asset_id: next(found) if point else None for asset_id, point in points.items()}


@contextmanager
def without_rules(
    db: sqlite3.Connection, asset_ids: Iterable[int], places: Places, home: tzinfo
) -> Iterator[sqlite3.Connection]:
    """The library as it would be, for conditions on these assets: those that rules touch, of what
    is committed. There are no other assets in it, but those that lie under these."""
    file = next(row["file"] for row in db.execute("pragma database_list") if row["name"] == "main")
    memory = sqlite3.connect(":memory:", uri=True, isolation_level=None)
    try:
        memory.row_factory = sqlite3.Row
        memory.execute("attach ? as library", (f"file:{quote(file)}?mode=ro",))
        ids = list(asset_ids)
        _copy_rows(memory, ids)
        said = spoken(memory, ids, ("captured_at", "location", "hidden"))
        _take_back(memory, said, home)
        elsewhere = places_without_rules(said, places)
        if elsewhere:
            _put_places(memory, elsewhere)
            _copy_words(memory, elsewhere)
        yield memory
    finally:
        memory.close()


def _copy_rows(memory: sqlite3.Connection, ids: Sequence[int]) -> None:
    for table in _SHADOWED:
        [sql] = memory.execute(
            "select sql from library.sqlite_master where type = 'table' and name = ?", (table,)
        ).fetchone()
        memory.execute(sql)
    these = json.dumps(list(ids))
    memory.execute(
        f"insert into assets select * from library.assets where id {_THESE} or top_id {_THESE}",
        (these, these),
    )
    memory.execute(
        "insert into places select * from library.places where asset_id in (select id from assets)"
    )


def _take_back(memory: sqlite3.Connection, said: dict[int, Spoken], home: tzinfo) -> None:
    """What rules say of dates, locations and privacy, in the rows."""
    ruled = {asset_id: each for asset_id, each in said.items() if each.rules}
    memory.executemany(
        f"update assets set {', '.join(f'{one} = :{one}' for one in _RULED)} where id = :id",
        [believed(each.others, home) | {"id": asset_id} for asset_id, each in ruled.items()],
    )


def _put_places(memory: sqlite3.Connection, elsewhere: dict[int, Named | None]) -> None:
    memory.execute(f"delete from places where asset_id {_THESE}", (json.dumps(list(elsewhere)),))
    memory.executemany(
        "insert into places (asset_id, city, region, country, country_code) values (?, ?, ?, ?, ?)",
        [
            (asset_id, place.city, place.region, place.country, place.country_code)
            for asset_id, place in elsewhere.items()
            if place
        ],
    )


def _copy_words(memory: sqlite3.Connection, elsewhere: dict[int, Named | None]) -> None:
    """The index of words, with the places as they would be."""
    row = memory.execute("select sql from library.sqlite_master where name = 'words'").fetchone()
    if row is None:
        return
    memory.execute(row["sql"])
    memory.execute(
        """insert into words (rowid, {0}) select rowid, {0} from library.words
           where rowid in (select id from assets)""".format(
            ", ".join(c["name"] for c in memory.execute("pragma library.table_info(words)"))
        )
    )
    memory.executemany(
        "update words set place = ? where rowid = ?",
        [
            (" ".join(filter(None, (p.city, p.region, p.country))) if p else "", asset_id)
            for asset_id, p in elsewhere.items()
        ],
    )
