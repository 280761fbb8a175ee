"""Filters by what became of the box's work."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from albums.search.filters.filter import Filter, Where, column

_ANY = "any"


class Failed(Filter):
    key: ClassVar[str] = "failed"
    hint: ClassVar[str] = "failed:caption or failed:any: where a step of the box failed"
    either: ClassVar[bool] = True

    def where(self) -> Where:
        ids = "select asset_id from work where state = 'failed'"
        if self.value.lower() == _ANY:
            return f"assets.id in ({ids})", []
        return f"assets.id in ({ids} and step = ?)", [self.value.lower()]

    def words(self) -> str:
        return "a step failed" if self.value.lower() == _ANY else f"the step {self.value} failed"

    @classmethod
    def suggest(cls, db: sqlite3.Connection, typed: str) -> list[str]:
        steps = column(db, "select step from work_counts where state = 'failed' and assets > 0")
        return [name for name in (_ANY, *sorted(steps)) if name.startswith(typed.lower())][:10]
