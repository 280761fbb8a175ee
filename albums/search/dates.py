"""Dates as people write them: "2024-05", "last summer", "in May 2019", "on this day".

Days are half-open ranges of local dates. `today` and the hemisphere are always handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from albums.errors import BadInput

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # northern first month
_SHORT_MONTH = {m[:3]: i for i, m in enumerate(MONTHS, 1)} | {"sept": 9}
_MONTH_NUMBER = {m: i for i, m in enumerate(MONTHS, 1)} | _SHORT_MONTH


@dataclass(frozen=True)
class Moment:
    """When and where a query is asked: what "last summer" depends on."""

    today: date
    southern: bool = False  # hemisphere


@dataclass(frozen=True)
class Days:
    """Local days from `start` up to, not including, `end`; or the same time in every year, as a
    LIKE pattern on YYYY-MM-DD (`every`)."""

    start: date | None = None
    end: date | None = None
    every: str = ""

    def __str__(self) -> str:
        if self.every:
            return _every_in_words(self.every)
        assert self.start
        assert self.end
        return _range_in_words(self.start, self.end)


def _every_in_words(pattern: str) -> str:
    month, day = pattern[-5:-3], pattern[-2:]
    name = MONTHS[int(month) - 1].title()
    return f"{name} of any year" if day == "__" else f"{int(day)} {name} of any year"


def _range_in_words(start: date, end: date) -> str:
    last = end - timedelta(days=1)
    if start == last:
        return _day_in_words(start)
    if start.day == 1 and end.day == 1:
        if start.month == end.month == 1:
            return f"{start.year}" if last.year == start.year else f"{start.year} to {last.year}"
        if (start.year, start.month) == (last.year, last.month):
            return _month_in_words(start)
        return f"{_month_in_words(start)} to {_month_in_words(last)}"
    return f"{_day_in_words(start)} to {_day_in_words(last)}"


def _day_in_words(day: date) -> str:
    return f"{day.day} {_month_in_words(day)}"


def _month_in_words(day: date) -> str:
    return f"{MONTHS[day.month - 1].title()} {day.year}"


def days_of(text: str) -> Days:
    """A year, month or day in figures: 2024, 2024-05, 2024-05-12. Raises BadInput."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text.strip().replace("/", "-"))
    try:
        if match is None:
            raise ValueError("It is not a year, a month or a day")
        year, month, day = (int(part) if part else 0 for part in match.groups())
        if day:
            start = date(year, month, day)
            return Days(start, start + timedelta(days=1))
        return month_of(year, month) if match[2] else year_of(year)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"{text!r} is not a date",
            why=str(error),
            hint="Write 2024, 2024-05 or 2024-05-12",
        ) from error


def year_of(year: int) -> Days:
    return Days(date(year, 1, 1), date(year + 1, 1, 1))


def month_of(year: int, month: int, months: int = 1) -> Days:
    """`months` whole months from the given one."""
    after = year * 12 + month - 1 + months
    return Days(date(year, month, 1), date(after // 12, after % 12 + 1, 1))


def days_in_words(text: str, moment: Moment) -> Days | None:
    """What a date phrase such as "last summer" means at `moment`; None where it is not one."""
    phrase = " ".join(text.lower().split()).removeprefix("in ").removeprefix("the ")
    for pattern, meaning in _PHRASES:
        if match := re.fullmatch(pattern, phrase):
            try:
                return meaning(match, moment)
            except (ValueError, OverflowError):  # 40,000 years ago
                return None
    return None


def dates_in_text(words: tuple[str, ...]) -> tuple[int, int] | None:
    """Where a date phrase that can mean nothing else stands in free text: first word, words."""
    for start in range(len(words)):
        for length in range(min(4, len(words) - start), 0, -1):
            if _PLAIN.fullmatch(" ".join(words[start : start + length]).lower()):
                return start, length
    return None


def _span(start: date, days: int) -> Days:
    return Days(start, start + timedelta(days=days))


def _ago(match: re.Match[str], moment: Moment) -> Days:
    count, unit = int(match[1]), match[2]
    length = {"day": 1, "week": 7, "month": 30, "year": 365}[unit] * count
    tomorrow = moment.today + timedelta(days=1)
    return Days(tomorrow - timedelta(days=length), tomorrow)


def _unit(match: re.Match[str], moment: Moment) -> Days:
    today, back = moment.today, int(match[1] == "last")
    if match[2] == "year":
        return year_of(today.year - back)
    if match[2] == "month":
        months = today.year * 12 + today.month - 1 - back
        return month_of(months // 12, months % 12 + 1)
    monday = today - timedelta(days=today.weekday())
    if match[2] == "week":
        return _span(monday - timedelta(days=7 * back), 7)
    saturday = monday + timedelta(days=5)
    return _span(saturday - timedelta(days=7 * back), 2)


def _season(name: str, year: int, moment: Moment) -> Days:
    """The season that begins in `year`."""
    first = _SEASONS[name]
    return month_of(year, (first + 5) % 12 + 1 if moment.southern else first, 3)


def _near_season(match: re.Match[str], moment: Moment) -> Days:
    """last: the latest that is over; this: the one we are in, or else this year's."""
    years = range(moment.today.year, moment.today.year - 3, -1)
    seasons = [_season(match[2], year, moment) for year in years]
    if match[1] == "last":
        return next(s for s in seasons if s.end and s.end <= moment.today)
    inside = [s for s in seasons if s.start and s.end and s.start <= moment.today < s.end]
    return inside[0] if inside else seasons[0]


def _last_month_named(match: re.Match[str], moment: Moment) -> Days:
    number = _MONTH_NUMBER[match[1]]
    year = moment.today.year - (number >= moment.today.month)
    return month_of(year, number)


_MONTH = "(" + "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True)) + ")"
_SEASON = f"({'|'.join(_SEASONS)})"
_PHRASES: tuple[tuple[str, Callable[[re.Match[str], Moment], Days]], ...] = (
    (r"today", lambda m, now: _span(now.today, 1)),
    (r"yesterday", lambda m, now: _span(now.today - timedelta(days=1), 1)),
    (r"(?:on )?this day", lambda m, now: Days(every=f"____-{now.today:%m-%d}")),
    (r"(last|this) (week|weekend|month|year)", _unit),
    (r"(?:last|past) (\d{1,4}) (day|week|month|year)s?", _ago),
    (rf"(last|this) {_SEASON}", _near_season),
    (rf"{_SEASON} (?:of )?(\d{{4}})", lambda m, now: _season(m[1], int(m[2]), now)),
    (rf"last {_MONTH}", _last_month_named),
    (rf"{_MONTH}", lambda m, now: Days(every=f"____-{_MONTH_NUMBER[m[1]]:02}-__")),
    (rf"{_MONTH} (?:of )?(\d{{4}})", lambda m, now: month_of(int(m[2]), _MONTH_NUMBER[m[1]])),
    (
        rf"(\d{{1,2}}) {_MONTH} (\d{{4}})",
        lambda m, now: _span(date(int(m[3]), _MONTH_NUMBER[m[2]], int(m[1])), 1),
    ),
    (r"(\d{4})", lambda m, now: year_of(int(m[1]))),
)
_YEAR = "(?:19|20)[0-9]{2}"
# "may", "fall" and "2019" alone may be meant as words.
_PLAIN = re.compile(
    rf"""yesterday | on\ this\ day
       | (?:last|this) \ (?:week|weekend|month|year|{_SEASON})
       | (?:last|past)\ \d{{1,4}}\ (?:day|week|month|year)s
       | (?:in\ )? {_MONTH}\ (?:of\ )?{_YEAR} | \d{{1,2}}\ {_MONTH}\ {_YEAR}
       | (?:in\ )? (?:the\ )? {_SEASON}\ (?:of\ )?{_YEAR}
       | last\ {_MONTH} | in\ (?:{"|".join(MONTHS)}) | in\ {_YEAR}""",
    re.VERBOSE,
)
