"""Cameras, lenses, people and tags: all of them with their covers, and the photos of each one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError
from albums.library.browse import Named
from albums.search.filters.filter import Filter
from albums.search.filters.gear import Camera, Lens
from albums.search.filters.what import Person, Tag
from albums.web.ask import Ask
from albums.web.pages.cards import ORDERS, By, Card, cards, exactly, folded, in_order
from albums.web.pages.render import render
from albums.web.request import Asking, Ways

router = APIRouter()


@dataclass(frozen=True)
class Way:
    """What a list is of, and what is said where it is empty."""

    title: str
    empty: str = ""
    hint: str = ""
    note: str = ""  # above what there is


CAMERAS = Way("Cameras", "No cameras yet", "Photos that say what took them appear here by camera.")
LENSES = Way("Lenses", "No lenses yet", "Photos that say their lens appear here by lens.")
PEOPLE = Way(
    "People",
    "Nobody is named yet",
    "People appear here by the names that photo files and Google Takeouts give. "
    "Albums does not recognise faces yet.",
    "By the names that files and Takeouts give. Albums does not recognise faces yet.",
)
TAGS = Way("Tags")
_WAYS = {"camera": CAMERAS, "lens": LENSES, "person": PEOPLE, "tag": TAGS}
_CLOUD = 1_500  # tags at once; who looks for others types
_SIZES = 9  # of the letters in the cloud


@router.get("/cameras/")
def cameras(request: Request, ways: Ways, sort: By = "count") -> Response:
    return _all(request, CAMERAS, cards("cameras", ways.cameras()), sort)


@router.get("/cameras/{name:path}")
def camera(
    name: str, request: Request, asking: Asking, ways: Ways, after: str | None = None
) -> Response:
    lenses = cards("lenses", ways.lenses(on_camera=name))
    return _one(request, asking, Camera(name), ways.cameras(), after, more=("Lenses", lenses))


@router.get("/lenses/")
def lenses(request: Request, ways: Ways, sort: By = "count") -> Response:
    return _all(request, LENSES, cards("lenses", ways.lenses()), sort)


@router.get("/lenses/{name:path}")
def lens(
    name: str, request: Request, asking: Asking, ways: Ways, after: str | None = None
) -> Response:
    cameras = cards("cameras", ways.cameras(with_lens=name))
    return _one(request, asking, Lens(name), ways.lenses(), after, more=("Cameras", cameras))


@router.get("/people/")
def people(request: Request, ways: Ways, sort: By = "count") -> Response:
    return _all(request, PEOPLE, cards("people", ways.people()), sort)


@router.get("/people/{name:path}")
def person(
    name: str, request: Request, asking: Asking, ways: Ways, after: str | None = None
) -> Response:
    return _one(request, asking, Person(name), ways.people(), after)


@router.get("/tags/")
def tags(request: Request, ways: Ways, find: str = "", sort: By = "name") -> Response:
    """`find`: only those with this in their name."""
    known = ways.tags()
    wanted = folded(find.strip())
    found = [tag for tag in known.tags if wanted in folded(tag.name)] if wanted else known.tags
    shown = cards("tags", found[:_CLOUD])
    most = max((card.about.assets for card in shown), default=1)
    return render(
        request,
        "tags.html",
        find=find,
        sort=sort,
        orders=ORDERS,
        total=len(known.tags),
        found=len(found),
        pictured=[(card, known.covers.get(card.name)) for card in cards("tags", known.tags[:12])],
        cloud=[(card, _size(card, most)) for card in in_order(shown, sort)],
    )


@router.get("/tags/{name:path}")
def tag(
    name: str, request: Request, asking: Asking, ways: Ways, after: str | None = None
) -> Response:
    return _one(request, asking, Tag(name), ways.tags().tags, after)


def _size(card: Card, most: int) -> int:
    """1 to _SIZES, each step so many times more photos than the one before."""
    share = math.log(card.about.assets) / math.log(most) if most > 1 else 0.5
    return 1 + round(share * (_SIZES - 1))


def _all(request: Request, way: Way, found: list[Card], sort: By) -> Response:
    shown = in_order(found, sort)
    return render(request, "browse.html", way=way, cards=shown, sort=sort, orders=ORDERS)


def _one(
    request: Request,
    asking: Ask,
    one: Filter,
    known: list[Named],
    after: str | None,
    more: tuple[str, list[Card]] = ("", []),
) -> Response:
    try:
        found = exactly(asking, one, after)
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)
    title = _WAYS[one.key].title
    return render(
        request,
        "browsed.html",
        title=one.value,
        crumbs=[(title, f"/{title.lower()}/")],
        about=next((named.about for named in known if named.name == one.value), None),
        more=more,
        q=found.q,
        listing=found,
    )
