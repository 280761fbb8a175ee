"""The front page: the timeline."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from albums.errors import AlbumsError
from albums.web.api.status import engines
from albums.web.pages.listing import listing, opening
from albums.web.pages.render import render
from albums.web.request import Asking, Opened, Whole

router = APIRouter()


@router.get("/")
def home(
    request: Request,
    albums: Opened,
    asking: Asking,
    overview: Whole,
    q: str = "",
    after: str | None = None,
    at: str = "",
) -> Response:
    """`at`: a year, month or day to begin with. `q`: searching was done here once, and links to it
    are kept."""
    if q:
        return RedirectResponse(f"/search/?{urlencode({'q': q})}", 301)
    try:
        shown = listing(asking, "", after or (opening(at) if at else None))
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)
    numbers = overview.numbers()
    return render(
        request,
        "home.html",
        listing=shown,
        whole=numbers.assets,
        engines=engines(albums),
        working=not (albums.runner.paused or numbers.idle),
    )
