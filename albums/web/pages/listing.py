"""A list of photos on a page: always a query, so that the viewer can go on through it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, Literal

from albums.search.dates import days_of
from albums.search.find import Page, Results
from albums.search.query import Query
from albums.web.ask import Ask

STRIP = 24  # pictures that a page asks for at once (static/timeline.js)
_PAGE = 120
_DENSE = 3  # photos a day; with fewer, a month is one group
_PLACES = 3  # named in a heading


@dataclass(frozen=True)
class Group:
    """Photos under one heading. `month` is only there where a month begins."""

    key: str  # 2024-05-12, 2024-05 or undated
    month: str
    day: str
    places: str
    assets: list[dict[str, Any]]


@dataclass(frozen=True)
class Listing:
    """What `parts/photos.html` shows. `q` is the query's text: '' is the timeline."""

    q: str
    query: Query
    results: Results

    @property
    def assets(self) -> list[dict[str, Any]]:
        return self.results.assets

    @property
    def total(self) -> int:
        return self.results.total

    @property
    def next(self) -> str | None:
        """`after` of the next page."""
        return self.results.next

    @property
    def ranked(self) -> bool:
        """Best first, not by time."""
        return any(asset["score"] is not None for asset in self.results.assets)

    @property
    def by_time(self) -> bool:
        """Newest first, under headings."""
        query = self.query
        asked = query.words or query.quotes or query.similar
        return not asked and query.sort in (None, "newest")

    @property
    def by(self) -> Literal["day", "month"]:
        days = {_day(asset) for asset in self.assets}
        return "day" if len(self.assets) >= _DENSE * len(days) else "month"

    @property
    def groups(self) -> list[Group]:
        """In the order in which they come."""
        length = 10 if self.by == "day" else 7
        found: list[Group] = []
        month = None
        for key, assets in groupby(self.assets, key=lambda asset: _day(asset)[:length]):
            shown = list(assets)
            day = _words(key) if length == 10 and key else ""
            begins = _month(key) if key[:7] != month else ""
            found.append(Group(key or "undated", begins, day, _places(shown), shown))
            month = key[:7]
        return found

    @property
    def first_strip(self) -> str:
        """The assets whose pictures a page with scripts asks for first."""
        return ",".join(a["sha"] for a in self.assets[:STRIP] if a["thumbhash"])


def listing(
    asking: Ask, q: str = "", after: str | None = None, limit: int = _PAGE, *, weak: bool = False
) -> Listing:
    """Raises BadInput for a query that makes no sense."""
    q = q.strip()
    return Listing(q, asking.query(q), asking.find(q, Page(limit, after, weak)))


def opening(at: str) -> str:
    """`after` of the page that begins with a year, month or day (2016-05). Raises BadInput."""
    end = days_of(at).end
    assert end
    return f"t:{int(datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp())}:0"


def _day(asset: dict[str, Any]) -> str:
    return (asset["captured_at"] or "")[:10]


def _words(day: str) -> str:
    """ "2024-05-12" -> "Sun 12 May"."""
    on = date.fromisoformat(day)
    return f"{on:%a} {on.day} {on:%B}"


def _month(key: str) -> str:
    return f"{date.fromisoformat(key[:7] + '-01'):%B %Y}" if key else "Without a date"


def _places(assets: list[dict[str, Any]]) -> str:
    """The cities that most of them are from."""
    cities = Counter(a["place"].split(", ")[0] for a in assets if a["place"])
    return ", ".join(city for city, _ in cities.most_common(_PLACES))
