"""Ways into the library by name: cameras, lenses, tags, people, places and times, counted.

Counting reads everything, so the lists are remembered; which names they have changes slowly.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from albums.library import browse
from albums.library.browse import Counted, InYear, Named, together
from albums.library.database import Library
from albums.search import trips
from albums.search.memories import Memories, memories
from albums.web.remembered import Remembered

T = TypeVar("T")
_DAYS = 32  # of memories that are kept
_PICTURED = 12  # tags that have a cover


@dataclass(frozen=True)
class Tags:
    """All of them, most used first; `covers` of the first few."""

    tags: list[Named]
    covers: dict[str, str]  # SHA-256


class WaysIn:
    """Of one open library. Safe in any thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._gear = self._remembered(browse.gear)
        self._places = self._remembered(browse.places)
        self._months = self._remembered(browse.months)
        self._people = self._remembered(browse.people)
        self._tags = self._remembered(_tags)
        self._trips = self._remembered(trips.trips)
        self._of_day: dict[date, Remembered[Memories]] = {}

    def cameras(self, *, with_lens: str | None = None) -> list[Named]:
        """Most used first."""
        return _named(
            together(self._gear.get(), lambda g: g.camera if with_lens in (None, g.lens) else "")
        )

    def lenses(self, *, on_camera: str | None = None) -> list[Named]:
        """Most used first."""
        return _named(
            together(self._gear.get(), lambda g: g.lens if on_camera in (None, g.camera) else "")
        )

    def places(self) -> list[InYear]:
        """Each city in each year."""
        return self._places.get()

    def months(self) -> list[Named]:
        """Newest first."""
        return self._months.get()

    def years(self) -> list[Named]:
        """Newest first."""
        found = together(self._months.get(), lambda month: month.name[:4])
        return [Named(year, about) for year, about in found.items()]

    def people(self) -> list[Named]:
        """Most pictured first."""
        return sorted(self._people.get(), key=_most_first)

    def tags(self) -> Tags:
        return self._tags.get()

    def trips(self) -> list[trips.Trip]:
        """Latest first."""
        return self._trips.get()

    def memories(self, day: date) -> Memories:
        """What was taken on this day, and around it, in other years."""
        remembered = self._of_day.get(day)
        if remembered is None:
            if len(self._of_day) >= _DAYS:
                self._of_day.clear()
            remembered = self._of_day[day] = self._remembered(lambda db: memories(db, day))
        return remembered.get()

    def _remembered(self, read: Callable[[sqlite3.Connection], T]) -> Remembered[T]:
        return Remembered(partial(_read, self._library, read))


def _read(library: Library, read: Callable[[sqlite3.Connection], T]) -> T:
    with library.read() as db:
        return read(db)


def _tags(db: sqlite3.Connection) -> Tags:
    found = browse.tags(db)
    return Tags(found, browse.newest_with(db, [tag.name for tag in found[:_PICTURED]]))


def _named(found: dict[str, Counted]) -> list[Named]:
    return sorted((Named(name, about) for name, about in found.items()), key=_most_first)


def _most_first(named: Named) -> tuple[int, str]:
    return (-named.about.assets, named.name)
