"""The shuffle: all photos in an order that the seed in the address decides."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from albums.errors import AlbumsError
from albums.search.order import MAX_SEED
from albums.web.pages.listing import listing
from albums.web.pages.render import render
from albums.web.request import Asking

router = APIRouter()


@router.get("/random")
def shuffle(request: Request, asking: Asking, seed: str = "", after: str | None = None) -> Response:
    """Without a seed another one each time; with it the same order, page by page."""
    if not seed:
        chosen = secrets.randbelow(MAX_SEED) + 1
        return RedirectResponse(f"/random?seed={chosen}", 303, {"cache-control": "no-store"})
    try:
        found = listing(asking, f"type:photo is:memory sort:random-{seed}", after)
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)
    return render(request, "random.html", listing=found)
