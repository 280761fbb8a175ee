"""Where the assets of a query lie, held in memory: a map is moved many times a minute."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from threading import Lock

from albums.assembly import Albums
from albums.search.map import Located, ids_of, located
from albums.web.ask import Ask
from albums.web.remembered import Remembered

_QUERIES = 16  # that are held; a position takes 40 bytes


class Positions:
    """Of one open library. What takes long to read is some seconds old (web/remembered.py)."""

    def __init__(self, albums: Albums, ask: Ask) -> None:
        self._library = albums.library
        self._ask = ask
        self._all = Remembered(self._read)
        self._found: OrderedDict[str, Remembered[Located]] = OrderedDict()
        self._lock = Lock()

    def of(self, text: str) -> Located:
        """Raises BadInput for a query that makes no sense."""
        with self._lock:
            found = self._found.setdefault(text, Remembered(partial(self._search, text)))
            self._found.move_to_end(text)
            if len(self._found) > _QUERIES:
                self._found.popitem(last=False)
        return found.get()

    def _read(self) -> Located:
        with self._library.read() as db:
            return located(db)

    def _search(self, text: str) -> Located:
        query = self._ask.query(text)
        with self._library.read() as db:
            ids = ids_of(db, query, self._ask.meaning())
        return self._all.get().only(ids)
