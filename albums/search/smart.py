"""Smart collections: what a saved query finds is in them, for every other query, too."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from albums.errors import BadInput
from albums.library.database import Library
from albums.search.conditions import where
from albums.search.dates import Moment
from albums.search.filters.filter import Filter, Where
from albums.search.filters.what import THESE_COLLECTIONS, Collection
from albums.search.find import Meaning, rank, searches
from albums.search.query import Query, parse

_DEEPEST = 8  # collections within collections


def with_smart(
    library: Library, query: Query, moment: Moment, meaning: Meaning | None = None
) -> Query:
    """The query with what its smart collections find today. Raises BadInput where one of them has
    itself in it, or a query that makes no sense any more."""
    if not any(isinstance(f, Collection) for f in query.filters):
        return query
    with library.read() as db:
        return _Within(db, moment, meaning).resolved(query, ())


def check_smart(
    library: Library, name: str, text: str, moment: Moment, meaning: Meaning | None = None
) -> None:
    """Raises BadInput for a query that a collection of this name cannot have."""
    with library.read() as db:
        _Within(db, moment, meaning).resolved(parse(text, moment), (name,))


class _Within:
    """One question, at one moment."""

    def __init__(self, db: sqlite3.Connection, moment: Moment, meaning: Meaning | None) -> None:
        self._db = db
        self._moment = moment
        self._meaning = meaning

    def resolved(self, query: Query, path: tuple[str, ...]) -> Query:
        """`path`: the collections that lead to this query."""
        return replace(query, filters=tuple(self._filled(f, path) for f in query.filters))

    def _filled(self, condition: Filter, path: tuple[str, ...]) -> Filter:
        if not isinstance(condition, Collection):
            return condition
        if path and condition.value.casefold() == path[0].casefold():
            raise _goes_round([*path, path[0]])  # also where it is yet to be made
        rows = self._db.execute(
            f"""select name, query from collections
                where query is not null and id in ({THESE_COLLECTIONS})""",
            [condition.value] * 2,
        )
        found = [self._found(row["name"], row["query"], path) for row in rows.fetchall()]
        return replace(condition, found=tuple(found))

    def _found(self, name: str, text: str, path: tuple[str, ...]) -> Where:
        if name in path or len(path) >= _DEEPEST:
            raise _goes_round([*path, name])
        try:
            query = parse(text, self._moment)
        except BadInput as error:
            raise BadInput(
                f"The query of the collection {name!r} makes no sense: {error.what}",
                why=error.why,
                hint=error.hint,
            ) from error
        query = self.resolved(query, (*path, name))
        if not searches(query):
            return where(query)
        ids = rank(self._db, query, self._meaning).ids
        return "assets.id in (select value from json_each(?))", [json.dumps(ids.tolist())]


def _goes_round(path: list[str]) -> BadInput:
    return BadInput(
        f"The collection {path[0]!r} cannot be filled",
        why=f"It would have itself in it: {' → '.join(path)}",
        hint=f"Take one of these collections out of the query of {path[-2]!r}",
    )
