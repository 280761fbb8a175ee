"""The collections as lists show them: how many are in each, and its cover."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from albums.errors import AlbumsError
from albums.library.collections import every_collection
from albums.library.database import Library
from albums.search.filters.what import Collection
from albums.search.find import Page
from albums.search.query import as_typed
from albums.web.ask import Ask
from albums.web.remembered import Remembered

_LOOKED_AT = 12  # newest of a collection, to find one with a picture


@dataclass(frozen=True)
class Card:
    """A collection. `cover`: SHA-256 of an asset with a picture, or None; `query`: what fills a
    smart one; `broken`: why that cannot be answered."""

    name: str
    description: str
    created_at: str
    query: str | None
    sort: str
    assets: int
    cover: str | None
    broken: str = ""

    @property
    def href(self) -> str:
        return address(self.name)


def address(name: str) -> str:
    return f"/collections/{quote(name, safe='')}"


def question(name: str, sort: str = "newest") -> str:
    """The query that finds what is in a collection, in its order."""
    return as_typed(Collection(name)) + ("" if sort == "newest" else f" sort:{sort}")


class Collected:
    """Of one open library. Counting asks a query of each, so the numbers are remembered; which
    collections there are, and what the person says of them, is always new."""

    def __init__(self, library: Library, asking: Ask) -> None:
        self._library = library
        self._asking = asking
        self._numbers = Remembered(self._count_all)

    def cards(self) -> list[Card]:
        """By name, without regard to case."""
        numbers = self._numbers.get()
        rows = self._rows()
        missing = [row for row in rows if _known_by(row) not in numbers]
        numbers = numbers | {_known_by(row): self._count(row) for row in missing}
        cards = [_card(row, *numbers[_known_by(row)]) for row in rows]
        return sorted(cards, key=lambda card: card.name.casefold())

    def _rows(self) -> list[dict[str, Any]]:
        with self._library.read() as db:
            return _with_pictures(db, every_collection(db))

    def _count_all(self) -> dict[tuple[Any, ...], tuple[int, str | None, str]]:
        return {_known_by(row): self._count(row) for row in self._rows()}

    def _count(self, row: dict[str, Any]) -> tuple[int, str | None, str]:
        q = question(row["name"], row["sort"])
        try:
            total = self._asking.find(q, Page(1)).total
            seen = self._asking.find(f"{q} -is:hidden", Page(_LOOKED_AT)).assets
        except AlbumsError as error:
            return 0, None, error.what
        return total, next((a["sha"] for a in seen if a["thumbhash"]), None), ""


def _known_by(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["name"], row["query"], row["sort"]


def _card(row: dict[str, Any], assets: int, cover: str | None, broken: str) -> Card:
    return Card(
        row["name"], row["description"], row["created_at"], row["query"], row["sort"],
        assets, row["cover"] or cover, broken,
    )  # fmt: skip


def _with_pictures(db: sqlite3.Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A chosen cover only counts while it can be shown."""
    for row in rows:
        row["cover"] = row["cover"] if row["cover"] and _has_picture(db, row["cover"]) else None
    return rows


def _has_picture(db: sqlite3.Connection, sha: str) -> bool:
    found = db.execute(
        """select 1 from assets join pictures on asset_id = assets.id
           where sha = ? and trashed_at is null""",
        (sha,),
    )
    return found.fetchone() is not None
