"""Which asset comes before and which after another one, in the list that a query is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np

from albums.library.assets import Asset, asset_by_sha
from albums.library.database import Library
from albums.search.by_hand import ids_by_hand
from albums.search.conditions import where
from albums.search.filters.filter import Where
from albums.search.find import Meaning, Ranking, rank, searches
from albums.search.order import place_in_shuffle, shuffled
from albums.search.query import Query
from albums.search.rows import rows_of

_ID_BITS = 32  # beside the 31 of a place in the shuffle
_Place = tuple[int | None, int]  # captured_utc and id: where an asset is in the order of time


@dataclass(frozen=True)
class Neighbours:
    """SHA-256 of the assets beside one, in the order in which `find()` gives them; None at an end.

    `why`: in a search, why the asset itself is found, as `find()` says it."""

    previous: str | None
    next: str | None
    why: dict[str, Any] | None = None


def neighbours(
    library: Library, query: Query, sha: str, meaning: Meaning | None = None
) -> Neighbours:
    """An asset that is not in a list of time order has the neighbours that it would have there; one
    that lies under another in a stack those of that; one that is not in a search, or in an order by
    hand, has none.

    Raises NotFound.
    """
    with library.read() as db:
        asset = asset_by_sha(db, sha)
        if searches(query):
            return _in_search(db, query, meaning, asset)
        beside = {"random": _in_shuffle, "hand": _by_hand}.get(query.sort or "", _in_time)
        return beside(db, query, asset)


# --- in time


def _in_time(db: sqlite3.Connection, query: Query, asset: Asset) -> Neighbours:
    row = db.execute("select captured_utc, id from assets where id = ?", (asset.id,)).fetchone()
    here = (row["captured_utc"], row["id"])
    oldest = query.sort == "oldest"
    visible = where(query)
    return Neighbours(
        _before(db, visible, here, oldest=oldest), _after(db, visible, here, oldest=oldest)
    )


def _after(db: sqlite3.Connection, visible: Where, here: _Place, *, oldest: bool) -> str | None:
    """In both orders of time, what has no date comes last."""
    if here[0] is None:
        return _undated(db, visible, here[1], up=oldest)
    return _dated(db, visible, here, up=oldest) or _undated(db, visible, None, up=oldest)


def _before(db: sqlite3.Connection, visible: Where, here: _Place, *, oldest: bool) -> str | None:
    if here[0] is not None:
        return _dated(db, visible, here, up=not oldest)
    earlier = _undated(db, visible, here[1], up=not oldest)
    return earlier or _dated(db, visible, None, up=not oldest)


def _dated(db: sqlite3.Connection, visible: Where, here: _Place | None, *, up: bool) -> str | None:
    sign, direction = (">", "asc") if up else ("<", "desc")
    return _sha(
        db,
        f"""{visible[0]} and captured_utc is not null
            {f"and (captured_utc, id) {sign} (?, ?)" if here else ""}
            order by captured_utc {direction}, id {direction}""",
        [*visible[1], *(here or ())],
    )


def _undated(db: sqlite3.Connection, visible: Where, here: int | None, *, up: bool) -> str | None:
    sign, direction = (">", "asc") if up else ("<", "desc")
    return _sha(
        db,
        f"""{visible[0]} and captured_utc is null
            {f"and id {sign} ?" if here is not None else ""} order by id {direction}""",
        [*visible[1], *([here] if here is not None else [])],
    )


def _sha(db: sqlite3.Connection, condition: str, values: list[object]) -> str | None:
    # The id alone comes out of an index; the row is only read of the one.
    row = db.execute(
        f"""select sha from assets where id = (
                select id from assets where {condition} limit 1)""",
        values,
    ).fetchone()
    return row["sha"] if row else None


# --- in other orders


def _in_shuffle(db: sqlite3.Connection, query: Query, asset: Asset) -> Neighbours:
    """One look at all of them: no index has them in this order. Place and id travel as one."""
    condition, values = where(query)
    here = place_in_shuffle(query.seed, asset.id) << _ID_BITS | asset.id
    row = db.execute(
        f"""with places as materialized (
                select {shuffled(query.seed)} << {_ID_BITS} | id as place
                from assets where {condition})
            select max(case when place < {here} then place end),
                min(case when place > {here} then place end) from places""",
        values,
    ).fetchone()
    ids = [place and place & (1 << _ID_BITS) - 1 for place in row]
    before, after = (_sha(db, "id = ?", [beside]) if beside else None for beside in ids)
    return Neighbours(before, after)


def _by_hand(db: sqlite3.Connection, query: Query, asset: Asset) -> Neighbours:
    ids = ids_by_hand(db, query, where(query))
    if (top := _top(db, asset)) not in ids:
        return Neighbours(None, None)
    at = ids.index(top)
    around = [ids[place] if 0 <= place < len(ids) else None for place in (at - 1, at + 1)]
    previous, following = (_sha(db, "id = ?", [one]) if one else None for one in around)
    return Neighbours(previous, following)


def _top(db: sqlite3.Connection, asset: Asset) -> int:
    """The asset that lists show for it."""
    row = db.execute(
        "select coalesce(top_id, id) as id from assets where id = ?", (asset.id,)
    ).fetchone()
    return int(row["id"])


# --- in a search


def _in_search(
    db: sqlite3.Connection, query: Query, meaning: Meaning | None, asset: Asset
) -> Neighbours:
    """Where it is not among the good matches, it may be in the weak tail."""
    for weak in (False, True):
        ranking = rank(db, query, meaning, weak=weak)
        for asset_id in (asset.id, _top(db, asset)):
            at = np.flatnonzero(ranking.ids == asset_id)
            if len(at):
                return _beside(db, query, ranking, int(at[0]))
    return Neighbours(None, None)


def _beside(db: sqlite3.Connection, query: Query, ranking: Ranking, at: int) -> Neighbours:
    around = {place: int(ranking.ids[place]) for place in (at - 1, at, at + 1)
              if 0 <= place < len(ranking.ids)}  # fmt: skip
    rows = {row["id"]: row for row in rows_of(db, around.values())}
    shas = {place: rows[id_]["sha"] for place, id_ in around.items() if id_ in rows}
    why = ranking.why(db, query, rows[around[at]])["why"]
    return Neighbours(shas.get(at - 1), shas.get(at + 1), why)
