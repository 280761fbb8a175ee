"""The buttons of a stack on an asset's page."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import stacks as curate
from albums.errors import AlbumsError
from albums.web.pages.render import render
from albums.web.request import PersonsRooms

router = APIRouter()


@router.post("/stacks")
def change(
    request: Request,
    act: Annotated[Literal["join", "split", "dissolve", "top"], Form()],
    sha: Annotated[str, Form(max_length=64)],
    rooms: PersonsRooms,
    other: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """One press of a button; then the page of the asset again."""
    try:
        if act == "join":
            curate.join(rooms, [sha, other])
        else:
            _ACTS[act](rooms, sha)
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)
    return RedirectResponse(f"/assets/{sha}", 303)


_ACTS = {"split": curate.split, "dissolve": curate.dissolve, "top": curate.put_on_top}
