"""Places with their covers, from continents down to cities, and the photos of each."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError, NotFound
from albums.library.browse import together
from albums.web.pages.atlas import At, city_cards, continents, found_at, land
from albums.web.pages.cards import ORDERS, By, exactly, in_order
from albums.web.pages.render import render
from albums.web.request import Asking, Ways

router = APIRouter()
_FIRST = 4  # cities, above all others
_UNFOLDED = 24  # cities a continent that are shown at once


@router.get("/cities/")
def cities(request: Request, ways: Ways, sort: By = "count") -> Response:
    known = ways.places()
    all_cities = city_cards(known)
    return render(
        request,
        "cities.html",
        continents=continents(known, sort, _UNFOLDED),
        countries=len({one.country for one in known}),
        cities=len(all_cities),
        first=in_order(all_cities, "count")[:_FIRST],
        sort=sort,
        orders=ORDERS,
    )


@router.get("/cities/{path:path}")
def place(
    path: str, request: Request, asking: Asking, ways: Ways, after: str | None = None
) -> Response:
    known = ways.places()
    at = found_at(path.rstrip("/"), known)
    try:
        if at is None:
            raise NotFound(f"No photo here is from {', '.join(reversed(path.split('/')))}")
        found = exactly(asking, at.exactly, after)
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)
    here = [one for one in known if at.holds(one)]
    return render(
        request,
        "place.html",
        title=at.names[-1],
        crumbs=[("Places", "/cities/"), *_above(at)],
        about=together(here, lambda one: "all").get("all"),
        inside=None if at.city else land(at.country, here, "count"),
        years=sorted(together(here, lambda one: one.year).items(), reverse=True),
        q=found.q,
        listing=found,
    )


def _above(at: At) -> list[tuple[str, str]]:
    """The name and address of what it lies in."""
    above = [At(at.country)] if at.region or at.city else []
    above += [At(at.country, at.region)] if at.region and at.city else []
    return [(one.names[-1], one.href) for one in above]
