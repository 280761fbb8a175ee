"""A document to leaf through: one page at a time, with what was looked for marked on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from albums.library.documents import page_count
from albums.library.texts import pages_with
from albums.search.in_documents import MarkedLine, marked_page, phrases_of
from albums.search.query import Query


@dataclass(frozen=True)
class Leaf:
    """The page that is shown. `found`: pages that have what was looked for, in order."""

    number: int
    pages: int
    lines: Sequence[MarkedLine]
    found: Sequence[int]

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


def leaf(
    db: sqlite3.Connection, asset_id: int, number: int | None, query: Query | None
) -> Leaf | None:
    """The page `number`, else the best of those that have what was looked for, else the first.
    None where there are no pages, or they have not been read."""
    pages = page_count(db, asset_id)
    if not pages:
        return None
    phrases, found = _found(db, asset_id, query) if query else ([], [])
    shown = min(pages, max(1, number or (found[0] if found else 1)))
    return Leaf(shown, pages, marked_page(db, asset_id, shown, phrases), sorted(found))


def written(db: sqlite3.Connection, asset_id: int, query: Query | None) -> Sequence[MarkedLine]:
    """What is written on a picture, with what was looked for marked."""
    phrases = _found(db, asset_id, query)[0] if query else []
    return marked_page(db, asset_id, 1, phrases)


def _found(db: sqlite3.Connection, asset_id: int, query: Query) -> tuple[list[str], list[int]]:
    """What is looked for, and the pages that have it, best first."""
    phrases = phrases_of(query)
    found = pages_with(db, asset_id, phrases)
    if not found:
        phrases = phrases_of(query, unfinished=True)
        found = pages_with(db, asset_id, phrases)
    return phrases, found
