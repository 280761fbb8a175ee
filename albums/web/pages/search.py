"""Searching: what was understood, in parts that can be taken away, and the results."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError
from albums.library.browse import Counted, together
from albums.search.filters import BY_KEY
from albums.search.find import Page
from albums.search.query import as_typed
from albums.web.ask import Ask
from albums.web.pages.chips import dropped, fixes, parts, sorts
from albums.web.pages.kinds import chosen_kind, kinds_of, noun
from albums.web.pages.listing import Listing, listing
from albums.web.pages.render import render
from albums.web.request import Asking, Ways
from albums.web.ways_in import WaysIn

router = APIRouter()
_OF_EACH = 10  # ways to begin


@router.get("/search/")
def search(
    request: Request,
    asking: Asking,
    ways: Ways,
    q: str = "",
    after: str | None = None,
    why: bool = False,
    weak: bool = False,
) -> Response:
    """`why`: with the reason below each result; `weak`: go on after the last good match."""
    q = q.strip()
    if not q:
        return render(request, "search.html", q="", starts=_starts(ways))
    try:
        found = listing(asking, q, after, weak=weak)
    except AlbumsError as error:
        told: dict[str, Any] = {"error": error, "fixes": fixes(q, error)}
        return render(request, "search.html", error.status, q=q, **told)
    return render(request, "search.html", **_shown(asking, found, why, weak))


def _shown(asking: Ask, found: Listing, why: bool, weak: bool) -> dict[str, Any]:
    query = found.query
    asked = {"q": found.q} | ({"why": 1} if why else {}) | ({"weak": 1} if weak else {})
    return {
        "q": found.q,
        "listing": found,
        "kinds": kinds_of(query),
        "noun": partial(noun, chosen_kind(query)),
        "parts": parts(query),
        "offers": asking.offers(query) if query.words else [],
        "sorts": sorts(query),
        "dropped": [] if found.total else dropped(query, partial(_count, asking)),
        "asked": asked,
        "why": why,
        "weak": weak,
    }


def _count(asking: Ask, q: str) -> int:
    return asking.find(q, Page(1)).total


def _starts(ways: WaysIn) -> list[dict[str, Any]]:
    """Ways to begin, those with a picture."""
    cities = together(ways.places(), lambda p: (p.city and f"{p.city}, {p.country}") or "")
    tags = ways.tags()
    named = {
        "person": [(one.name, one.about) for one in ways.people()],
        "city": sorted(cities.items(), key=lambda pair: -pair[1].assets),
        "tag": [(t.name, t.about) for t in tags.tags if t.name in tags.covers],
        "camera": [(one.name, one.about) for one in ways.cameras()],
        "year": [(one.name, one.about) for one in ways.years()],
    }
    return [
        {
            "key": key,
            "heading": _HEADINGS[key],
            "ways": [_start(key, name, about, tags.covers) for name, about in found[:_OF_EACH]],
        }
        for key, found in named.items()
        if found
    ]


_HEADINGS = {
    "person": "People", "city": "Places", "tag": "What is on them", "camera": "Cameras",
    "year": "Years",
}  # fmt: skip


def _start(key: str, name: str, about: Counted, covers: dict[str, str]) -> dict[str, Any]:
    chosen = BY_KEY[key](name).exactly() if key != "year" else None
    q = f"year:{name}" if chosen is None else as_typed(chosen)
    return {
        "name": name.partition(",")[0] if key == "city" else name,
        "q": q,
        "assets": about.assets,
        "cover": covers.get(name) if key == "tag" else about.cover,
    }
