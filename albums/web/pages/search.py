"""Searching: what was understood, and the results, each with the reason why."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError
from albums.web.pages.kinds import chosen_kind, kinds_of, noun
from albums.web.pages.listing import listing
from albums.web.pages.render import render
from albums.web.request import Asking

router = APIRouter()


@router.get("/search/")
def search(request: Request, asking: Asking, q: str = "", after: str | None = None) -> Response:
    try:
        found = listing(asking, q, after)
    except AlbumsError as error:
        return render(request, "search.html", error.status, q=q, error=error)
    return render(
        request,
        "search.html",
        q=q,
        listing=found,
        kinds=kinds_of(found.query),
        noun=partial(noun, chosen_kind(found.query)),
    )
