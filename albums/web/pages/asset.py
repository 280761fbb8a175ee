"""One asset, large, with all that is known of it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import NotFound
from albums.library.assets import asset_by_sha
from albums.library.detail import detail
from albums.web.pages.render import render
from albums.web.request import Opened

router = APIRouter()


@router.get("/assets/{sha}")
def asset(sha: str, request: Request, albums: Opened) -> Response:
    try:
        with albums.library.read() as db:
            found = detail(db, albums.ledger, asset_by_sha(db, sha), albums.shelf.space())
    except NotFound as error:
        return render(request, "error.html", error.status, error=error)
    return render(request, "asset.html", asset=found)
