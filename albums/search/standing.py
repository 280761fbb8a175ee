"""Queries that stand: the condition of a rule. What they find must not depend on the day, or on
how well something fits, so they are made of filters and of words that are there or not."""

from __future__ import annotations

from datetime import date

from albums.errors import BadInput
from albums.search.conditions import asked
from albums.search.dates import Moment
from albums.search.filters.filter import Where
from albums.search.query import parse


def standing(text: str, on: date) -> Where:
    """The condition on `assets` of a query that is asked as if it were the day `on`. Raises
    BadInput with a sentence."""
    query = parse(text, Moment(on))
    if query.words:
        quoted = " ".join(f'"{word}"' for word in query.words)
        raise BadInput(
            f"A rule does not guess what is meant by {' '.join(query.words)!r}",
            why="It needs filters, or words in quotes, which are there or not",
            hint=f"Write {quoted}, or a filter such as camera:canon, place:lisbon or tag:dog",
        )
    if query.similar or query.sort:
        raise BadInput("A rule does not sort, and looks for nothing similar")
    return asked(query)
