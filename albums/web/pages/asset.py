"""One asset, large, with all that is known of it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import BadInput, NotFound
from albums.library.assets import asset_by_sha
from albums.library.detail import detail
from albums.search.query import Query
from albums.web.ask import Ask
from albums.web.pages.leaves import leaf, written
from albums.web.pages.render import render
from albums.web.request import Asking, Opened

router = APIRouter()


@router.get("/assets/{sha}")
def asset(
    sha: str, request: Request, albums: Opened, asking: Asking, q: str = "", page: str = ""
) -> Response:
    """`q`: what was looked for, and `page`: which one, where it has several."""
    number = int(page) if page.isdecimal() and len(page) < 9 else None
    try:
        with albums.library.read() as db:
            row = asset_by_sha(db, sha)
            found = detail(db, albums.ledger, row, albums.shelf.space())
            query = _query(asking, q)
            shown = leaf(db, row.id, number, query)
            lines = written(db, row.id, query) if shown is None else []
    except NotFound as error:
        return render(request, "error.html", error.status, error=error)
    return render(request, "asset.html", asset=found, leaf=shown, lines=lines, page=number, q=q)


def _query(asking: Ask, text: str) -> Query | None:
    """None where nothing is looked for, or nothing that makes sense."""
    try:
        return asking.query(text) if text.strip() else None
    except BadInput:
        return None
