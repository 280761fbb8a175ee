"""The trash: what is in it can be restored; what is purged is gone, and asks for a second word."""

from __future__ import annotations

import base64
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from albums.curate import trash as curate
from albums.library.trash import Trashed, trashed, weight
from albums.upkeep.purge import days_left, iso
from albums.web.confirm import SECONDS, Confirmed
from albums.web.errors import errors
from albums.web.request import Called, Opened, PersonsRooms

router = APIRouter(tags=["trash"])
After = Annotated[
    str | None,
    Query(pattern=r"^[0-9TZ:.+-]{1,40}_[0-9]{1,18}$", description="`next` of the page before"),
]


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


class TrashedAsset(BaseModel):
    """An asset in the trash. Its pictures and all that is known of it are where they were."""

    sha: str = Field(examples=["9c" * 32])
    name: str = Field(examples=["beach.jpg"])
    kind: str = Field(examples=["photo"])
    size: int = Field(description="bytes")
    trashed_at: str = Field(description="UTC", examples=["2026-04-26T18:42:11+00:00"])
    trashed_by: str = Field(examples=["tailscale://galaxy-s24"])
    days_left: int | None = Field(
        description="until it goes for good; 0: within the day; null: it stays", examples=[12]
    )
    aspect: float | None = Field(description="width / height, upright", examples=[1.3333])
    thumbhash: str | None = Field(description="placeholder, base64")


class Trash(BaseModel):
    """What is in the trash, newest there first."""

    assets: list[TrashedAsset]
    total: int = Field(description="assets in the whole trash", examples=[12])
    bytes: int = Field(description="of all their originals", examples=[48112233])
    days: int = Field(description="so long it keeps them; 0: until it is emptied", examples=[30])
    next: str | None = Field(description="`after` of the next page")


@router.get("/trash", response_model=Trash)
def read_trash(
    albums: Opened,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """What was thrown away, by whom, and when it goes for good."""
    at, _, number = (after or "").rpartition("_")
    with albums.library.read() as db:
        rows = trashed(db, limit, (at, int(number)) if after else None)
        whole = weight(db)
    days = max(0, albums.settings.trash_days)
    last = rows[-1] if len(rows) == limit else None
    return {
        "assets": [_as_json(row, days) for row in rows],
        "total": whole.assets,
        "bytes": whole.bytes,
        "days": days,
        "next": f"{last.trashed_at}_{last.id}" if last else None,
    }


def _as_json(asset: Trashed, days: int) -> dict[str, Any]:
    shown = asdict(asset) | {"days_left": days_left(asset.trashed_at, days)}
    shown["thumbhash"] = base64.b64encode(asset.thumbhash).decode() if asset.thumbhash else None
    return shown


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
