"""Which assets a query lets through, as SQL: filters, quotes, minus words, and what is visible."""

from __future__ import annotations

from itertools import groupby

from albums.search.expression import phrase
from albums.search.filters.filter import Filter, Where
from albums.search.query import Query

_HAS_WORDS = "assets.id in (select rowid from words where words match ?)"


def where(query: Query) -> Where:
    """A condition on `assets`, with its parameters. What is trashed is shown only when asked for;
    what is hidden is found by any question, but is not on the timeline."""
    parts: list[Where] = []
    if not query.asks_for("is", "trashed"):
        parts.append(("assets.trashed_at is null", []))
    if query.empty:
        parts.append(("assets.hidden = 0", []))
    parts += narrowing(query)
    return _all(parts)


def narrowing(query: Query) -> list[Where]:
    """The conditions that the person asked for."""
    parts = [(_HAS_WORDS, [phrase(quote)]) for quote in query.quotes]
    parts += [(f"not {_HAS_WORDS}", [phrase(word)]) for word in query.minus]
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
