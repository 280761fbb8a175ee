"""The page that says whether every original is still what was kept, and lets it be read again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.errors import AlbumsError
from albums.upkeep.verify import Wanted
from albums.web.api.verify import TheVerifier, as_json, found
from albums.web.pages.render import render
from albums.web.request import Opened, Who

router = APIRouter()
_SHOWN = 200  # findings


@router.get("/verify")
def verify(request: Request, albums: Opened, verifier: TheVerifier) -> Response:
    return _page(request, albums, verifier)


@router.post("/verify")
def change(
    request: Request,
    act: Annotated[Literal["start", "stop"], Form()],
    albums: Opened,
    verifier: TheVerifier,
    actor: Who,
) -> Response:
    """One press of a button. What cannot be done is said above the list."""
    try:
        if act == "start":
            verifier.start(Wanted(actor=actor))
        else:
            verifier.stop()
    except AlbumsError as error:
        return _page(request, albums, verifier, error)
    return RedirectResponse("/verify", 303)


def _page(
    request: Request, albums: Opened, verifier: TheVerifier, error: AlbumsError | None = None
) -> Response:
    known = as_json(verifier)
    return render(
        request,
        "verify.html",
        error.status if error else 200,
        known=known,
        total=sum(known["found"].values()),
        findings=found(albums, _SHOWN),
        error=error,
    )
