"""What a search filter is: one small frozen class, found by its key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from albums.search.dates import Moment

Where = tuple[str, list[object]]  # a condition on the row `assets`, and its parameters
Valued = tuple[str, int | None]  # a value, and of how many assets


@dataclass(frozen=True)
class Filter:
    """One condition, as `key:value`. `value` is what was typed; subclasses add what it means."""

    value: str
    negated: bool = False
    exact: bool = field(default=False, kw_only=True)  # key:="…": this value and no other

    key: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()  # other keys that people type for it
    hint: ClassVar[str]  # an example of how it is written, and what it does
    either: ClassVar[bool] = False  # a photo has one of these: given twice, either will do
    loose: ClassVar[bool] = False  # finds values in which the given one is a part

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        """Raises BadInput with a sentence for the person."""
        return cls(value)

    def where(self) -> Where:
        raise NotImplementedError

    def words(self) -> str:
        """For the chip above the results."""
        return f"{self.key}: {self.value}"

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        """Values that find something here, to be suggested. Those that are always the same come
        without a number."""
        return []

    def exactly(self) -> Self:
        """This value and no other, where there is a difference."""
        return replace(self, exact=self.loose)

    def opposite(self) -> Self:
        return replace(self, negated=not self.negated)


def contains(text: str) -> str:
    """A LIKE pattern (escape '\\') for values that have `text` in them."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def tops_of(ids: str) -> str:
    """SQL for the tops of the stacks in which the assets of these ids (SQL) lie under another."""
    # The plus: SQLite is to look at these assets, not at all that lie under others.
    return f"select top_id from assets where id in ({ids}) and +top_id is not null"


def each_value_of(column: str) -> str:
    """SQL for the different values of an indexed column of `assets`.

    It leaps from value to value: as quick for a million assets as for a thousand. The index has
    what is not in the trash, so the condition has to say so.
    """
    return f"""with recursive each(value) as (
        select min({column}) from assets where trashed_at is null
        union all
        select (select min({column}) from assets
                where trashed_at is null and {column} > each.value)
        from each where value is not null)
        select value from each where value is not null
        union
        select {column} from assets where trashed_at is not null and {column} is not null"""


def always(values: Iterable[str]) -> list[Valued]:
    return [(value, None) for value in values]


def counted(db: sqlite3.Connection, sql: str) -> list[Valued]:
    """Rows of a value and a number."""
    return [(str(row[0]), row[1]) for row in db.execute(sql)]
