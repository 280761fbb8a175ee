"""A question as it comes over HTTP -> results: the text is read, the chosen model is put to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np

from albums.assembly import Albums
from albums.search.dates import Moment
from albums.search.find import Meaning, Page, Results, find
from albums.search.meaning import TextVectors, Vector
from albums.search.order import Sort
from albums.search.query import Query, parse
from albums.search.smart import with_smart


class Ask:
    """Questions to one open library."""

    def __init__(self, albums: Albums) -> None:
        self._albums = albums
        self._texts = TextVectors(self._embed)

    def find(self, text: str, page: Page, sort: Sort | None = None) -> Results:
        """Raises BadInput for a query that makes no sense."""
        query = self.query(text)
        if sort:
            query = replace(query, sort=sort)
        return find(self._albums.library, query, page, self.meaning())

    def query(self, text: str) -> Query:
        """What `text` asks, today, with what smart collections in it find. Raises BadInput."""
        moment = self.moment()
        return with_smart(self._albums.library, parse(text, moment), moment, self.meaning())

    def moment(self) -> Moment:
        return Moment(datetime.now(self._albums.tools.home).date())

    def meaning(self) -> Meaning:
        """What search by meaning needs."""
        return Meaning(self._albums.meaning, self._albums.shelf.space(), self._texts)

    def _embed(self, space: str, sentence: str) -> Vector:
        embedder = self._albums.shelf.embedder(space)
        return np.asarray(embedder.embed_texts([sentence])[0], np.float32)
