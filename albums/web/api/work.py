"""The work of the pipeline: try again, pause, go on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from albums.curate import assets as curate
from albums.errors import NotFound
from albums.web.api.assets import Reopened
from albums.web.errors import errors
from albums.web.request import Opened, PersonsRooms

router = APIRouter(prefix="/work", tags=["work"])


class Paused(BaseModel):
    """Whether the work rests."""

    paused: bool = Field(examples=[True])


@router.post("/retry", response_model=Reopened, responses=errors(404))
def retry_work(
    albums: Opened,
    rooms: PersonsRooms,
    step: Annotated[str | None, Query(description="only this step", examples=["caption"])] = None,
) -> Reopened:
    """Try again what failed, of all assets."""
    if step is not None and step not in albums.ledger.plans:
        known = ", ".join(albums.ledger.plans)
        raise NotFound(f"There is no step {step!r}", hint=f"Steps: {known}")
    pieces = curate.retry(rooms, step=step)
    albums.runner.nudge()
    return Reopened(pieces=pieces)


@router.post("/pause", response_model=Paused)
def pause_work(albums: Opened) -> Paused:
    """Let each lane finish what it has in hand, then rest. Uploads are taken in all the same."""
    albums.runner.pause()
    return Paused(paused=True)


@router.post("/resume", response_model=Paused)
def resume_work(albums: Opened) -> Paused:
    """Go on."""
    albums.runner.resume()
    return Paused(paused=False)
