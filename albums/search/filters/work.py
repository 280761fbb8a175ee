"""Filters by what became of the box's work."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from albums.search.filters.filter import Filter, Valued, Where

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
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        rows = db.execute(
            "select step, assets from work_counts where state = 'failed' and assets > 0"
        )
        return [(_ANY, None), *((row["step"], row["assets"]) for row in rows)]
