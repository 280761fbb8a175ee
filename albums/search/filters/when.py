"""Filters by the local day on which something was taken."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Self

from albums.errors import BadInput
from albums.search.dates import MONTHS, Days, Moment, days_in_words, days_of, year_of
from albums.search.filters.filter import Filter, Valued, Where, always, counted

_LEAP_YEAR = 2000  # has every day


@dataclass(frozen=True)
class DayFilter(Filter):
    """Taken on one of `days`."""

    days: Days = field(default_factory=Days)

    def where(self) -> Where:
        if self.days.every:
            return "assets.day like ?", [self.days.every]
        assert self.days.start
        assert self.days.end
        return "assets.day >= ? and assets.day < ?", [
            self.days.start.isoformat(),
            self.days.end.isoformat(),
        ]

    def words(self) -> str:
        return str(self.days)


class Year(DayFilter):
    key: ClassVar[str] = "year"
    hint: ClassVar[str] = "year:2024 or year:2019..2021"
    either: ClassVar[bool] = True

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        match = re.fullmatch(r"(\d{4})(?:(?:\.\.|-)(\d{4}))?", value)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= 9998:
            raise BadInput(f"{value!r} is not a year", hint="Write year:2024 or year:2019..2021")
        return cls(value, days=Days(year_of(first).start, year_of(last).end))

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        return counted(
            db,
            """select substr(day, 1, 4), count(*) from assets
               where day is not null and trashed_at is null and top_id is null group by 1""",
        )


class On(DayFilter):
    key: ClassVar[str] = "on"
    hint: ClassVar[str] = "on:2024-05-12, on:2024-05"
    either: ClassVar[bool] = True

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        return cls(value, days=days_of(value))


class Date(DayFilter):
    key: ClassVar[str] = "date"
    also: ClassVar[tuple[str, ...]] = ("when",)
    hint: ClassVar[str] = 'date:"last summer", date:yesterday, date:"on this day", date:"may 2019"'
    either: ClassVar[bool] = True

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        days = days_in_words(value, moment) or _in_figures(value)
        if days is None:
            raise BadInput(
                f"{value!r} is not a date that Albums understands",
                hint="Write it as 2024-05-12, yesterday, last summer, may 2019 or on this day",
            )
        return cls(value, days=days)

    def words(self) -> str:
        return f"{self.value} ({self.days})"

    @classmethod
    def values(cls, db: sqlite3.Connection) -> list[Valued]:
        common = ("today", "yesterday", "last week", "last weekend", "last month", "last year")
        seasons = ("last spring", "last summer", "last autumn", "last winter", "on this day")
        return always(common + seasons)


def _in_figures(value: str) -> Days | None:
    try:
        return days_of(value)
    except BadInput:
        return None


@dataclass(frozen=True)
class Day(Filter):
    """Taken on this day, or between these days, of any year."""

    first: str = ""  # MM-DD
    last: str = ""  # earlier than `first`: over the end of the year

    key: ClassVar[str] = "day"
    hint: ClassVar[str] = "day:05-12 of any year, day:05-10..05-16"
    either: ClassVar[bool] = True

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        try:
            first, _, last = value.partition("..")
            return cls(value, False, *(_month_and_day(part) for part in (first, last or first)))
        except ValueError as error:
            raise BadInput(
                f"{value!r} is not a day of any year", hint="Write day:05-12 or day:05-10..05-16"
            ) from error

    def where(self) -> Where:
        if self.first == self.last:
            return "assets.day like ?", [f"____-{self.first}"]
        inside = "substr(assets.day, 6) >= ? {} substr(assets.day, 6) <= ?"
        return inside.format("and" if self.first < self.last else "or"), [self.first, self.last]

    def words(self) -> str:
        first, last = _in_words(self.first), _in_words(self.last)
        return f"{first if first == last else f'{first} to {last}'} of any year"


def _month_and_day(text: str) -> str:
    """ "5-2" -> "05-02". Raises ValueError."""
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    if not match:
        raise ValueError(text)
    return f"{date(_LEAP_YEAR, int(match[1]), int(match[2])):%m-%d}"


def _in_words(month_and_day: str) -> str:
    month, day = month_and_day.split("-")
    return f"{int(day)} {MONTHS[int(month) - 1].title()}"


@dataclass(frozen=True)
class Edge(Filter):
    """Taken before `edge`, or on it and later."""

    edge: date = date.min
    sign: ClassVar[str]

    def where(self) -> Where:
        return f"assets.day {self.sign} ?", [self.edge.isoformat()]

    def words(self) -> str:
        return f"{self.key} {self.value}"


def _edges(value: str, moment: Moment) -> tuple[date, date]:
    days = days_in_words(value, moment)
    if days is None or days.every:
        days = days_of(value)
    assert days.start
    assert days.end
    return days.start, days.end


class Before(Edge):
    key: ClassVar[str] = "before"
    also: ClassVar[tuple[str, ...]] = ("until",)
    hint: ClassVar[str] = "before:2020-05"
    sign: ClassVar[str] = "<"

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        return cls(value, edge=_edges(value, moment)[0])


class After(Edge):
    key: ClassVar[str] = "after"
    hint: ClassVar[str] = "after:2020-05: from June 2020 on"
    sign: ClassVar[str] = ">="

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        return cls(value, edge=_edges(value, moment)[1])


class Since(Edge):
    key: ClassVar[str] = "since"
    hint: ClassVar[str] = "since:2020-05: from May 2020 on"
    sign: ClassVar[str] = ">="

    @classmethod
    def parse(cls, value: str, moment: Moment) -> Self:
        return cls(value, edge=_edges(value, moment)[0])
