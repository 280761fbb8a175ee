"""Facets: which values the assets of a query have, how many have each, and the query of those.

A facet of the whole library is held as arrays, so that counting it within a query takes
milliseconds for 200,000 assets.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from albums.search.filters import BY_KEY
from albums.search.filters.filter import Filter
from albums.search.filters.what import Has, Is
from albums.search.query import Query, as_typed
from albums.search.words import Ids, Mask

MOST = 60  # values of one facet that are told
_UNTOLD = ("trashed", "stacked", "hidden")  # are no part of what a query finds by itself


@dataclass(frozen=True)
class Facet:
    """`sql` gives each value with its assets' ids, with commas between them."""

    words: str
    sql: str
    chosen: Callable[[str], Filter]


@dataclass(frozen=True)
class Column:
    """The values of a facet in the library: asset `ids[i]` has the value `values[codes[i]]`."""

    values: list[str]
    ids: NDArray[np.int64]
    codes: NDArray[np.int32]


@dataclass(frozen=True)
class Value:
    """One value: how many assets of the query have it, and the query of just those."""

    words: str
    assets: int
    q: str


def column(db: sqlite3.Connection, name: str) -> Column:
    """The facet `name` (one of FACETS) of the whole library, be it in the trash."""
    values: list[str] = []
    parts: list[NDArray[np.int64]] = []
    for value, listed in db.execute(FACETS[name].sql):
        if value and listed:
            values.append(str(value))
            parts.append(np.unique(np.fromstring(listed, np.int64, sep=",")))
    lengths = [len(part) for part in parts]
    codes = np.repeat(np.arange(len(values), dtype=np.int32), lengths)
    return Column(values, np.concatenate(parts) if parts else np.empty(0, np.int64), codes)


def mask_of(ids: Ids) -> Mask:
    """Which ids are there, by id."""
    mask = np.zeros(int(ids.max(initial=0)) + 1, np.bool_)
    mask[ids] = True
    return mask


def count(name: str, whole: Column, within: Mask, query: Query) -> list[Value]:
    """The values among the assets that `query` finds (`within`), most first; years newest first."""
    known = whole.ids < len(within)
    codes = whole.codes[known][within[whole.ids[known]]]
    numbers = np.bincount(codes, minlength=len(whole.values))
    best = [at for at in np.argsort(-numbers, kind="stable")[:MOST].tolist() if numbers[at]]
    if name == "year":
        best.sort(key=lambda at: whole.values[at], reverse=True)
    chosen = FACETS[name].chosen
    return [
        Value(whole.values[at], int(numbers[at]), _narrowed(query, chosen(whole.values[at])))
        for at in best
    ]


def _narrowed(query: Query, chosen: Filter) -> str:
    if as_typed(chosen) in map(as_typed, query.filters):
        return str(query)
    # Where either of two would do, the value takes the place of what it was counted within.
    wider = [f for f in query.filters if chosen.either and f.key == chosen.key and not f.negated]
    kept = [f for f in query.filters if f not in wider]
    return str(replace(query, filters=(*kept, chosen)))


def _exactly(key: str) -> Callable[[str], Filter]:
    return lambda value: BY_KEY[key](value).exactly()


def _plain(key: str) -> Callable[[str], Filter]:
    return lambda value: BY_KEY[key](value)


def _of_assets(expression: str) -> str:
    return f"select {expression} as value, group_concat(id) from assets group by value"


def _of_places(expression: str) -> str:
    return f"select {expression} as value, group_concat(asset_id) from places group by value"


def _states(kind: type[Is] | type[Has]) -> str:
    return " union all ".join(
        f"select '{state}', group_concat(id) from assets where {condition}"
        for state, condition in kind.conditions.items()
        if state not in _UNTOLD
    )


FACETS: dict[str, Facet] = {
    "type": Facet("Type", _of_assets("kind"), _plain("type")),
    "year": Facet("Year", _of_assets("substr(day, 1, 4)"), _plain("year")),
    "camera": Facet("Camera", _of_assets("camera"), _exactly("camera")),
    "lens": Facet("Lens", _of_assets("lens"), _exactly("lens")),
    "country": Facet("Country", _of_places("country"), _exactly("country")),
    "city": Facet(
        "City", _of_places("iif(city = '', '', city || ', ' || country)"), _exactly("city")
    ),
    "tag": Facet("Tag", "select tag, group_concat(asset_id) from tags group by tag", _plain("tag")),
    "person": Facet(
        "Person",
        """select who.value, group_concat(asset_id) from claims, json_each(claims.value) as who
           where field = 'people' group by who.value""",
        _exactly("person"),
    ),
    "collection": Facet(
        "Collection",
        """select name, group_concat(asset_id) from collections
           join collection_assets on collection_id = collections.id group by name""",
        _plain("collection"),
    ),
    "is": Facet("Is", _states(Is), lambda value: Is(value)),
    "has": Facet("Has", _states(Has), lambda value: Has(value)),
}
