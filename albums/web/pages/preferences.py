"""Which looks the timeline shows, as the person likes it; their word on the look of an asset."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import assets
from albums.curate import preferences as curate
from albums.library.looks import LOOKS, LookName, counts
from albums.web.pages.render import render
from albums.web.request import Opened, PersonsRooms

router = APIRouter()


@router.get("/preferences")
def preferences(request: Request, albums: Opened, saved: bool = False) -> Response:
    with albums.library.read() as db:
        looks = counts(db)
    return render(request, "preferences.html", looks=looks, saved=saved)


@router.post("/preferences")
def save(
    rooms: PersonsRooms, shown: Annotated[list[LookName] | None, Form(max_length=100)] = None
) -> Response:
    """`shown`: the looks whose box is ticked."""
    curate.keep_out_of_timeline(rooms, set(LOOKS) - set(shown or ()))
    return RedirectResponse("/preferences?saved=true", 303)


@router.post("/assets/{sha}/look")
def correct(
    sha: str,
    look: Annotated[LookName, Form()],
    act: Annotated[Literal["is", "not"], Form()],
    rooms: PersonsRooms,
) -> Response:
    """The person knows better what it is; no machine takes that back."""
    asset = assets.edit(
        rooms,
        sha,
        add=[look] if act == "is" else [],
        remove=[look] if act == "not" else [],
    )
    return RedirectResponse(f"/assets/{asset.sha}", 303)
