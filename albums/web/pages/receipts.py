"""The receipts that were given, and a button that reads the file again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from albums.assembly import Albums
from albums.errors import NotFound
from albums.web.pages.render import render
from albums.web.request import Opened

router = APIRouter()
_PAGE = 100


@router.get("/receipts")
def receipts(
    request: Request, albums: Opened, origin: str = "", before: int | None = None
) -> Response:
    return _page(request, albums, origin, before)


@router.post("/receipts")
def check(
    request: Request,
    albums: Opened,
    receipt_id: Annotated[str, Form(max_length=16)],
    origin: Annotated[str, Form(max_length=300)] = "",
    before: Annotated[int | None, Form()] = None,
) -> Response:
    """Read the file of one receipt again, and say what it is now above the same list."""
    try:
        receipt = albums.proof.receipts.get(receipt_id)
    except NotFound as error:
        return render(request, "error.html", error.status, error=error)
    state, _ = albums.proof.check(receipt)
    return _page(request, albums, origin, before, receipt=receipt, state=state)


def _page(
    request: Request, albums: Albums, origin: str, before: int | None, **told: Any
) -> Response:
    known = albums.proof.receipts
    shown = known.given(origin=origin or None, before=before, limit=_PAGE)
    return render(
        request,
        "receipts.html",
        receipts=shown,
        origin=origin,
        before=before,
        origins=known.origins(),
        next=shown[-1].number if len(shown) == _PAGE else None,
        **told,
    )
