"""The trash: what is in it can be restored; what is purged is gone, and asks for a second word."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from albums.curate import trash as curate
from albums.upkeep.purge import iso
from albums.web.confirm import SECONDS, Confirmed
from albums.web.errors import errors
from albums.web.request import Called, PersonsRooms

router = APIRouter(tags=["trash"])


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
def empty_trash(
    rooms: PersonsRooms,
    until: Annotated[
        datetime | None, Query(description="only what was thrown away then or before")
    ] = None,
) -> curate.Purged:
    """Delete all that is in the trash for good. Nothing brings it back by itself."""
    return curate.empty(rooms, iso(until) if until else None, confirmed=True)


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
) -> curate.Purged:
    """Delete one asset of the trash for good. Nothing brings it back by itself."""
    return curate.purge(rooms, [sha], confirmed=True)
