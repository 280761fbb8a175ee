"""The work of the pipeline: try again, do again, pause, go on; and what captioners write."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from albums.curate import assets as curate
from albums.curate.reprocess import reprocess
from albums.errors import BadInput, NotFound
from albums.library.captions import Written, written_since
from albums.search.query import MAX_LENGTH
from albums.web.api.assets import Reopened
from albums.web.chosen import chosen
from albums.web.errors import errors
from albums.web.request import Asking, Opened, PersonsRooms

router = APIRouter(prefix="/work", tags=["work"])


class AskedAgain(BaseModel):
    """Which steps are to be done again, and of which assets."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"steps": ["place"], "query": "has:gps"},
                {"steps": ["caption"], "failed": True},
            ]
        },
    )

    steps: list[Annotated[str, Field(max_length=50)]] = Field(
        [], max_length=100, description="names of steps; with `failed`, none means all"
    )
    query: str | None = Field(
        None, max_length=MAX_LENGTH, description="of what it finds; without it of all"
    )
    failed: bool = Field(False, description="only where they failed or ended with a warning")


class WrittenCaption(BaseModel):
    """What a captioner wrote."""

    sha: str = Field(examples=["9c" * 32])
    name: str = Field(examples=["IMG_0012.JPG"])
    title: str
    description: str
    model: str = Field(examples=["HuggingFaceTB/SmolVLM-256M-Instruct"])
    written_at: str = Field(description="UTC", examples=["2026-04-26T18:42:11+00:00"])


class WrittenCaptions(BaseModel):
    """The oldest first."""

    captions: list[WrittenCaption]


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


@router.post("/again", response_model=Reopened, responses=errors(404))
def do_again(asked: AskedAgain, albums: Opened, asking: Asking, rooms: PersonsRooms) -> Reopened:
    """Have steps done again, as if they had never been."""
    steps = asked.steps or (list(albums.ledger.plans) if asked.failed else [])
    if asked.query is not None and not asked.query.strip():
        raise BadInput("The query is empty", hint="Leave it out to mean all assets")
    shas = None if asked.query is None else chosen(asking, asked.query, None)
    pieces = reprocess(rooms, steps, shas, failed=asked.failed)
    albums.runner.nudge()
    return Reopened(pieces=pieces)


@router.get("/captions", response_model=WrittenCaptions)
def list_captions(
    albums: Opened,
    since: Annotated[
        str, Query(max_length=40, description="UTC", examples=["2026-04-26T18:42:11+00:00"])
    ],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, list[Written]]:
    """What captioners wrote then or later."""
    with albums.library.read() as db:
        return {"captions": written_since(db, since, limit)}


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
