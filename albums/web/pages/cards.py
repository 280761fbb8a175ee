"""Cards of what photos have in common: a cover, a name, how many, and from when to when."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

from albums.errors import NotFound
from albums.library.browse import Counted, Named
from albums.search.filters.filter import Filter
from albums.search.query import Query
from albums.web.ask import Ask
from albums.web.pages.listing import Listing, listing

By = Literal["count", "name", "last"]
ORDERS: tuple[tuple[By, str], ...] = (
    ("count", "Most photos"),
    ("name", "Name"),
    ("last", "Latest"),
)


@dataclass(frozen=True)
class Card:
    """One of many, and its own page."""

    name: str
    href: str
    about: Counted
    note: str = ""


def address(*names: str) -> str:
    """ "/cameras/Canon%20EOS%20R": names may have any letters in them."""
    return "/" + "/".join(quote(name, safe="") for name in names)


def cards(way: str, named: Iterable[Named]) -> list[Card]:
    return [Card(one.name, address(way, one.name), one.about) for one in named]


def in_order(found: Iterable[Card], by: By) -> list[Card]:
    """Most photos first, by name, or the one of the latest photo first."""
    orders: dict[By, Callable[[Card], Any]] = {
        "count": lambda card: (-card.about.assets, folded(card.name)),
        "name": lambda card: folded(card.name),
        "last": lambda card: _reversed(card.about.last),
    }
    return sorted(found, key=orders[by])


def folded(text: str) -> str:
    """Without case and accents: what people type, and how names are sorted."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _reversed(day: str | None) -> int:
    return -int((day or "0").replace("-", ""))


def exactly(asking: Ask, one: Filter, after: str | None) -> Listing:
    """All that a filter finds, if there is any. Raises NotFound."""
    found = listing(asking, str(Query(filters=(one.exactly(),))), after)
    if not found.total and after is None:
        raise NotFound(f"No photo here has the {one.key} {one.value}")
    return found


def span(about: Counted) -> str:
    """ "3 May 2016 – 12 November 2024"."""
    if not about.first or not about.last:
        return ""
    first, last = (date.fromisoformat(day) for day in (about.first, about.last))
    if first == last:
        return f"{last.day} {last:%B %Y}"
    if first.year != last.year:
        return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"
    if first.month != last.month:
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
    return f"{first.day}–{last.day} {last:%B %Y}"


def years(about: Counted) -> str:
    """ "2016–2024"."""
    if not about.first or not about.last:
        return ""
    first, last = about.first[:4], about.last[:4]
    return first if first == last else f"{first}–{last}"
