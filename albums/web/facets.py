"""Facets of the library, remembered: reading one takes a second, counting within it does not."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial

from albums.errors import BadInput
from albums.search.facets import FACETS, Column, Value, column, count, mask_of
from albums.search.query import Query
from albums.search.words import Mask
from albums.web.ask import Ask
from albums.web.remembered import Remembered

_QUERIES = 50  # of which is remembered what they find: a bit for each asset


class Facets:
    """Of one open library. Safe in any thread."""

    def __init__(self, asking: Ask) -> None:
        self._asking = asking
        self._lock = threading.Lock()
        self._columns = {name: Remembered(partial(self._column, name)) for name in FACETS}
        self._found: OrderedDict[str, Remembered[tuple[Query, Mask]]] = OrderedDict()

    def get(self, q: str, name: str) -> list[Value]:
        """The values of a facet among what `q` finds. Raises BadInput."""
        if name not in FACETS:
            raise BadInput(f"There is no facet {name[:50]!r}", hint=f"Facets: {', '.join(FACETS)}")
        query, mask = self._within(q.strip()).get()
        return count(name, self._columns[name].get(), mask, query)

    def _within(self, q: str) -> Remembered[tuple[Query, Mask]]:
        with self._lock:
            if q not in self._found:
                self._found[q] = Remembered(partial(self._find, q))
            self._found.move_to_end(q)
            while len(self._found) > _QUERIES:
                self._found.popitem(last=False)
            return self._found[q]

    def _find(self, q: str) -> tuple[Query, Mask]:
        return self._asking.query(q), mask_of(self._asking.ids(q))

    def _column(self, name: str) -> Column:
        with self._asking.library.read() as db:
            return column(db, name)
