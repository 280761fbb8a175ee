"""The front page: the newest photos, or what a search found."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError
from albums.search.find import Page
from albums.web.api.status import engines
from albums.web.ask import Ask
from albums.web.pages.kinds import chosen_kind, kinds_of, noun
from albums.web.pages.render import render
from albums.web.request import Asking, Opened, Whole

router = APIRouter()
_PAGE = 120


@router.get("/")
def home(
    request: Request,
    albums: Opened,
    asking: Asking,
    overview: Whole,
    q: str = "",
    after: str | None = None,
) -> Response:
    try:
        found = _found(asking, q, after)
    except AlbumsError as error:
        found = {"results": None, "sentence": str(error), "status": error.status}
    numbers = overview.numbers()
    return render(
        request,
        "home.html",
        q=q,
        whole=numbers.assets,
        engines=engines(albums),
        working=not (albums.runner.paused or numbers.idle),
        **found,
    )


def _found(asking: Ask, q: str, after: str | None) -> dict[str, Any]:
    results = asking.find(q, Page(_PAGE, after))
    query = asking.query(q)
    return {
        "results": results,
        "sentence": results.note,
        "kinds": kinds_of(query),
        "noun": partial(noun, chosen_kind(query)),
    }
