"""A question as it comes over HTTP -> results: the text is read, the chosen model is put to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from albums.assembly import Albums
from albums.library.database import Library
from albums.search.dates import Moment
from albums.search.find import Meaning, Page, Results, count, find, searches
from albums.search.groups import days
from albums.search.map import ids_of
from albums.search.meaning import TextVectors, Vector
from albums.search.neighbours import Neighbours, neighbours
from albums.search.order import Sort
from albums.search.query import Query, parse
from albums.search.smart import check_smart, with_smart
from albums.search.suggest import Suggestion, Vocabulary, offers, suggest, vocabulary
from albums.search.words import Ids
from albums.web.remembered import Remembered
from albums.web.unchanged import Unchanged


class Ask:
    """Questions to one open library."""

    def __init__(self, albums: Albums) -> None:
        self._albums = albums
        self._texts = TextVectors(self._embed)
        self._vocabulary = Remembered(self._values)
        self._unchanged = Unchanged(albums.library)

    def find(self, text: str, page: Page, sort: Sort | None = None) -> Results:
        """Raises BadInput for a query that makes no sense."""
        query = self.query(text)
        if sort:
            query = replace(query, sort=sort)
        if not searches(query):
            total = self._unchanged.get(("total", repr(query)), lambda: count(self.library, query))
            page = replace(page, total=total)
        return find(self._albums.library, query, page, self.meaning())

    def days(self, text: str) -> dict[str, Any]:
        """How many assets of those that `text` finds each day has (groups.days)."""
        query = self.query(text)
        return self._unchanged.get(("days", repr(query)), lambda: days(self.library, query))

    @property
    def library(self) -> Library:
        return self._albums.library

    def ids(self, text: str) -> Ids:
        """All that `text` finds, in no order. Raises BadInput."""
        with self.library.read() as db:
            return ids_of(db, self.query(text), self.meaning())

    def neighbours(self, query: Query, sha: str) -> Neighbours:
        """What comes before and after an asset in the list that `query` is. Raises NotFound."""
        albums = self._albums
        meaning = Meaning(albums.meaning, albums.shelf.space(), self._texts)
        return neighbours(albums.library, query, sha, meaning)

    def query(self, text: str) -> Query:
        """What `text` asks, today, with what smart collections in it find. Raises BadInput."""
        moment = self.moment()
        return with_smart(self._albums.library, parse(text, moment), moment, self.meaning())

    def check_smart(self, name: str, text: str) -> None:
        """Raises BadInput for a query that a collection of this name cannot have."""
        check_smart(self._albums.library, name, text, self.moment(), self.meaning())

    def moment(self) -> Moment:
        return Moment(datetime.now(self._albums.tools.home).date())

    def meaning(self) -> Meaning:
        """What search by meaning needs."""
        return Meaning(self._albums.meaning, self._albums.shelf.space(), self._texts)

    def suggestions(self, typed: str, limit: int = 8) -> list[Suggestion]:
        """How what is being typed could go on."""
        return suggest(self._vocabulary.get(), typed, self.moment(), limit)

    def offers(self, query: Query) -> list[Suggestion]:
        """Filters that plain words of a query could be."""
        return offers(self._vocabulary.get(), query, self.moment())

    def _values(self) -> Vocabulary:
        with self._albums.library.read() as db:
            return vocabulary(db)

    def _embed(self, space: str, sentence: str) -> Vector:
        embedder = self._albums.shelf.embedder(space)
        return np.asarray(embedder.embed_texts([sentence])[0], np.float32)
