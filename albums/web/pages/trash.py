"""The trash: what is in it, when each goes for good, and what can be done about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import trash as curate
from albums.errors import AlbumsError
from albums.library.assets import now
from albums.web.api.trash import After, read_trash
from albums.web.confirm import Confirmations
from albums.web.pages.render import render
from albums.web.request import Called, Opened, PersonsRooms

router = APIRouter()
_PAGE = 120
_EMPTY = "POST /trash/empty"


@router.get("/trash")
def trash(request: Request, albums: Opened, after: After = None) -> Response:
    return _page(request, albums, after)


@router.post("/trash")
def change(
    request: Request,
    act: Annotated[Literal["trash", "restore", "ask"], Form()],
    albums: Opened,
    caller: Called,
    rooms: PersonsRooms,
    sha: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """One press of a button. Before all goes, it is asked once more."""
    if act == "ask":
        nonce = _confirmations(request).announce(caller.origin, _EMPTY)
        return _page(request, albums, asking={"nonce": nonce, "until": now()})
    try:
        if act == "trash":
            curate.trash(rooms, [sha])
        else:
            curate.restore(rooms, [sha])
    except AlbumsError as error:
        return _page(request, albums, error=error)
    return RedirectResponse("/trash" if act == "trash" else f"/assets/{sha}", 303)


@router.post("/trash/empty")
def empty(
    request: Request,
    nonce: Annotated[str, Form(max_length=100)],
    until: Annotated[str, Form(pattern=r"^[0-9T:+-]{10,32}$")],
    albums: Opened,
    caller: Called,
    rooms: PersonsRooms,
) -> Response:
    """What was in the trash when it was asked goes for good; what came in since stays."""
    try:
        _confirmations(request).use(nonce, caller.origin, _EMPTY)
        gone = curate.empty(rooms, until, confirmed=True)
    except AlbumsError as error:
        return _page(request, albums, error=error)
    return _page(request, albums, gone=gone)


def _page(
    request: Request,
    albums: Opened,
    after: str | None = None,
    *,
    error: AlbumsError | None = None,
    **told: Any,
) -> Response:
    found = read_trash(albums, after, _PAGE)
    for asset in found["assets"]:
        asset["goes"] = goes(asset["days_left"])
    status = error.status if error else 200
    return render(request, "trash.html", status, trash=found, error=error, **told)


def goes(days_left: int | None) -> str:
    """ "goes in 12 days"."""
    if days_left is None:
        return "stays until you empty the trash"
    if days_left == 0:
        return "goes within the day"
    return f"goes in {days_left} day{'s' if days_left > 1 else ''}"


def _confirmations(request: Request) -> Confirmations:
    found = request.app.state.confirmations
    assert isinstance(found, Confirmations)
    return found
