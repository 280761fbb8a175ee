"""One asset, large, with all that is known of it, and what comes before and after it."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from albums.assembly import Albums
from albums.errors import AlbumsError, BadInput, NotFound
from albums.library.assets import asset_by_sha
from albums.library.coming import coming_of
from albums.library.detail import detail
from albums.search.find import Page
from albums.search.query import Query
from albums.web.ask import Ask
from albums.web.pages.exposure import exposure, gear, megapixels
from albums.web.pages.leaves import leaf, written
from albums.web.pages.render import render
from albums.web.request import Asking, Opened

router = APIRouter()
_ALIKE = 12  # in the strip below


@router.get("/assets/{sha}")
def asset(
    sha: str,
    request: Request,
    albums: Opened,
    asking: Asking,
    q: str = "",
    page: str = "",
    find: str = "",
) -> Response:
    """`q`: the list that it is shown in; none is the timeline. `page`: which one, where it has
    several. `find`: what is looked for in it, if not what `q` looks for."""
    number = int(page) if page.isdecimal() and len(page) < 9 else None
    return asset_page(request, albums, asking, sha, q, number=number, find=find)


@router.get("/assets/{sha}/similar")
def similar(sha: str, request: Request, albums: Opened, asking: Asking) -> Response:
    """What looks like it: a strip for its page, or for who followed the link all of them."""
    if "hx-request" not in request.headers:
        return RedirectResponse(f"/search/?{urlencode({'q': f'similar:{sha}'})}", 303)
    try:
        found = asking.find(f"similar:{sha}", Page(_ALIKE))
    except AlbumsError as error:
        return render(request, "parts/asset/alike.html", error.status, alike=[], q="")
    return render(request, "parts/asset/alike.html", alike=found.assets, q=f"similar:{sha}")


def asset_page(
    request: Request,
    albums: Albums,
    asking: Ask,
    sha: str,
    q: str,
    *,
    number: int | None = None,
    find: str = "",
    error: AlbumsError | None = None,
) -> Response:
    """`error`: why what the person wanted to change is as it was."""
    query = _query(asking, q)
    sought = _query(asking, find) if find.strip() else query
    try:
        with albums.library.read() as db:
            row = asset_by_sha(db, sha)
            found = detail(db, albums.ledger, row, albums.shelf.space())
            coming = coming_of(db, row.id, row.sha)
            shown = leaf(db, row.id, number, sought)
            lines = written(db, row.id, sought) if shown is None else []
        beside = asking.neighbours(query or Query(), row.sha)
    except NotFound as missing:
        return render(request, "error.html", missing.status, error=missing)
    return render(
        request,
        "asset.html",
        error.status if error else 200,
        asset=found,
        coming=coming,
        beside=beside,
        gear=gear(found),
        exposure=exposure(found["exif"]),
        megapixels=megapixels(found),
        leaf=shown,
        lines=lines,
        page=number,
        q=q,
        find=find,
        informed=request.cookies.get("informed") == "1",
        error=error,
    )


def _query(asking: Ask, text: str) -> Query | None:
    """None where nothing is looked for, or nothing that makes sense."""
    try:
        return asking.query(text) if text.strip() else None
    except BadInput:
        return None
