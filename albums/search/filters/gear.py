"""Filters by what it was taken with."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from albums.search.filters.filter import Filter, Valued, Where, contains, counted, each_value_of


class _Gear(Filter):
    """A name of which the value is a part, upper or lower case; exactly: just this name."""

    either: ClassVar[bool] = True
    loose: ClassVar[bool] = True

    def where(self) -> Where:
        if self.exact:
            return f"assets.{self.key} = ?", [self.value]
        # No parentheses of its own: `key` is the column, and both have an index.
        return (
            f"""assets.{self.key} in (select value from ({each_value_of(self.key)})
                where value like ? escape '\\')""",
            [contains(self.value)],
        )

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(
            db,
            f"""select {cls.key}, count(*) from assets
                where {cls.key} is not null and trashed_at is null group by {cls.key}""",
        )


class Camera(_Gear):
    key: ClassVar[str] = "camera"
    hint: ClassVar[str] = 'camera:nikon, or just this one: camera:="Nikon D850"'


class Lens(_Gear):
    key: ClassVar[str] = "lens"
    hint: ClassVar[str] = 'lens:50mm, or just this one: lens:="50mm f/1.8"'
