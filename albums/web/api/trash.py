"""The trash: what is in it can be restored; what is purged is gone, and asks for a second word."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from albums.curate import assets as curate
from albums.library.trash import trashed
from albums.web.confirm import SECONDS, Confirmed
from albums.web.errors import errors
from albums.web.request import Called, Opened, PersonsRooms

router = APIRouter(tags=["trash"])
_AT_ONCE = 100  # assets in one transaction: uploads do not wait for a trash of thousands


class Announcement(BaseModel):
    """What the caller is about to do."""

    act: str = Field(
        max_length=300,
        description="method and path of the request that follows",
        examples=["POST /api/v1/trash/empty"],
    )


class Confirmation(BaseModel):
    """Send it with that request."""

    nonce: str = Field(description="for the header Albums-Confirm", examples=["Yx0cGv8S2dTq"])
    seconds: int = Field(description="so long it holds", examples=[SECONDS])


class Purged(BaseModel):
    """What is gone."""

    assets: int = Field(examples=[12])
    bytes: int = Field(description="freed, of originals", examples=[48112233])


@router.post("/confirmations", response_model=Confirmation)
def announce(about: Announcement, caller: Called, request: Request) -> dict[str, Any]:
    """Announce an act that cannot be undone, and get a nonce for it, once, for this caller."""
    nonce = request.app.state.confirmations.announce(caller.origin, about.act)
    return {"nonce": nonce, "seconds": SECONDS}


@router.post("/trash/empty", response_model=Purged, responses=errors(428), dependencies=[Confirmed])
def empty_trash(albums: Opened, rooms: PersonsRooms) -> Purged:
    """Delete all that is in the trash for good. Nothing brings it back by itself."""
    with albums.library.read() as db:
        shas = [asset.sha for asset in trashed(db)]
    freed = 0
    for start in range(0, len(shas), _AT_ONCE):
        freed += curate.purge(rooms, shas[start : start + _AT_ONCE], confirmed=True)
    return Purged(assets=len(shas), bytes=freed)


@router.post(
    "/assets/{sha}/purge",
    response_model=Purged,
    responses=errors(404, 409, 428),
    dependencies=[Confirmed],
)
def purge_asset(
    sha: Annotated[
        str, InPath(pattern="^[0-9a-f]{64}$", description="the whole SHA-256", examples=["9c" * 32])
    ],
    rooms: PersonsRooms,
) -> Purged:
    """Delete one asset of the trash for good. Nothing brings it back by itself."""
    return Purged(assets=1, bytes=curate.purge(rooms, [sha], confirmed=True))
