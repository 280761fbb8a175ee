"""Which assets a query lets through: filters, quotes, minus words, and what is visible."""

from __future__ import annotations

import sqlite3
from itertools import groupby

import numpy as np

from albums.search.expression import phrase
from albums.search.filters.filter import Filter, Where
from albums.search.query import Query
from albums.search.words import Mask, ids_from

_ROWS_WITH = "select rowid from words where words match ?"
_HAS_WORDS = f"assets.id in ({_ROWS_WITH})"


def where(query: Query) -> Where:
    """A condition on `assets`, with its parameters. What is trashed is shown only when asked for;
    what is hidden is found by any question, but is not on the timeline; what lies under another in
    a stack is found by way of its top, unless such are asked for."""
    parts = _seen(query) + _narrowing(query)
    parts += [(f"not {_HAS_WORDS}", [phrase(word)]) for word in query.minus]
    return _all(parts)


def asked(query: Query) -> Where:
    """Only what the person asked for: of all assets, be they trashed, hidden or under another."""
    parts = _narrowing(query)
    return _all(parts + [(f"not {_HAS_WORDS}", [phrase(word)]) for word in query.minus])


def allowed(db: sqlite3.Connection, query: Query) -> Mask | None:
    """The same as a mask by asset id. None: everybody."""
    left_out = [ids_from(db, _ROWS_WITH, phrase(word)) for word in query.minus]
    narrowing = _narrowing(query)
    if not narrowing:
        left_out.append(ids_from(db, "select id from assets where trashed_at is not null"))
        if not any(map(len, left_out)):
            return None
    last_id = db.execute("select max(id) from assets").fetchone()[0] or 0
    mask = np.full(last_id + 1, not narrowing, np.bool_)
    if narrowing:
        condition, values = _all(_seen(query) + narrowing)
        mask[ids_from(db, f"select id from assets where {condition}", *values)] = True
    for ids in left_out:
        mask[ids[ids <= last_id]] = False
    return mask


def narrows(query: Query) -> bool:
    """Does it ask for more than words? Then `allowed` leaves out what lies under others."""
    return bool(_narrowing(query))


def _seen(query: Query) -> list[Where]:
    parts: list[Where] = []
    if not (query.asks_for("is", "stacked") or query.asks_for("is", "hidden")):
        parts.append(("assets.top_id is null", []))
    if not query.asks_for("is", "trashed"):
        parts.append(("assets.trashed_at is null", []))
    if query.empty:
        parts.append(("assets.hidden = 0", []))
    return parts


def _narrowing(query: Query) -> list[Where]:
    """The conditions that the person asked for."""
    parts: list[Where] = [(_HAS_WORDS, [phrase(quote)]) for quote in query.quotes]
    parts += [_not(f.where()) for f in query.filters if f.negated]
    wanted = [f for f in query.filters if not f.negated]
    parts += [f.where() for f in wanted if not f.either]
    alternatives = sorted((f for f in wanted if f.either), key=lambda f: f.key)
    for _, same_key in groupby(alternatives, key=lambda f: f.key):
        parts.append(_any(list(same_key)))
    return parts


def _not(condition: Where) -> Where:
    return f"not coalesce(({condition[0]}), 0)", condition[1]


def _any(filters: list[Filter]) -> Where:
    conditions = [f.where() for f in filters]
    sql = " or ".join(f"({condition})" for condition, _ in conditions)
    return f"({sql})", [value for _, values in conditions for value in values]


def _all(parts: list[Where]) -> Where:
    sql = " and ".join(f"({condition})" for condition, _ in parts) or "1"
    return sql, [value for _, values in parts for value in values]
