"""Wrong times of many assets: seen beforehand, corrected at once, taken back as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from albums.curate import corrections as curate
from albums.curate.time_acts import KINDS, act_of
from albums.library.corrections import Correction, corrections
from albums.search.query import MAX_LENGTH
from albums.web.chosen import chosen
from albums.web.errors import errors
from albums.web.request import Asking, Opened, PersonsRooms

router = APIRouter(prefix="/corrections", tags=["corrections"])
ActName = Literal["shift", "keep-clock", "keep-moment", "set"]
_SHORT = 100  # characters


class AskedCorrection(BaseModel):
    """Which assets, and what is to be done to their times."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "camera:canon year:2024", "act": "shift", "by": "+1:00", "dry_run": True},
                {"shas": ["9c" * 32], "act": "keep-clock", "zone": "Asia/Tokyo"},
            ]
        },
    )

    query: str | None = Field(None, max_length=MAX_LENGTH, description="all that it finds; or")
    shas: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] | None = Field(
        None, max_length=10_000, description="these"
    )
    act: ActName = Field(description="; ".join(f"{name}: {what}" for name, what in KINDS.items()))
    by: str | None = Field(None, max_length=_SHORT, description="of shift: +1:00, -0:05:30, +2d")
    zone: str | None = Field(
        None, max_length=_SHORT, description="of keep-clock and keep-moment: Asia/Tokyo, +09:00"
    )
    to: str | None = Field(None, max_length=_SHORT, description="of set: ISO 8601")
    dry_run: bool = Field(False, description="only say what would change")
    expected: int | None = Field(
        None, ge=0, description="`changed` of the dry run; 409 where it would be another number"
    )


class Sample(BaseModel):
    """One asset, before and after."""

    sha: str = Field(examples=["9c" * 32])
    name: str = Field(examples=["IMG_0012.JPG"])
    before: str | None = Field(examples=["2024-05-01T10:00:00"])
    after: str = Field(examples=["2024-05-01T11:00:00"])


class Corrected(BaseModel):
    """What was done, or would be."""

    id: str | None = Field(
        description="to undo it by; null: nothing was changed", examples=["3f2a91c0de"]
    )
    how: str = Field(examples=["moved by +1:00:00"])
    assets: int = Field(
        description="that were meant, with what lies in a stack with them", examples=[130]
    )
    changed: int = Field(examples=[123])
    same: int = Field(description="whose time is so already", examples=[0])
    undated: int = Field(
        description="left alone: no time is known of them, or only the day", examples=[7]
    )
    assumed: int = Field(
        description="of keep-moment: had no zone, so the library's was taken for it", examples=[0]
    )
    samples: list[Sample] = Field(description="some of the changed, spread over time")


class PastCorrection(BaseModel):
    """One correction, as the audit log has it."""

    id: str = Field(examples=["3f2a91c0de"])
    at: str = Field(description="UTC", examples=["2026-04-26T18:42:11.000+00:00"])
    actor: str = Field(examples=["tailscale://galaxy-s24"])
    act: dict[str, str] = Field(examples=[{"act": "shift", "by": "+1:00:00"}])
    how: str = Field(examples=["moved by +1:00:00"])
    query: str = Field(description="empty where assets were named", examples=["camera:canon"])
    assets: int = Field(examples=[123])
    undone_at: str | None
    left: int = Field(description="not undone: something was said of them since", examples=[0])


class PastCorrections(BaseModel):
    """The newest first."""

    corrections: list[PastCorrection]


class Undone(BaseModel):
    """What was taken back."""

    id: str = Field(examples=["3f2a91c0de"])
    assets: int = Field(examples=[123])
    left: int = Field(description="something was said of them since: they stay", examples=[0])


@router.post("", response_model=Corrected, responses=errors(404, 409))
def correct_times(
    asked: AskedCorrection, albums: Opened, asking: Asking, rooms: PersonsRooms
) -> curate.Corrected:
    """Correct all of them or none. It wins over every file, and what was before is kept."""
    act = act_of(asked.model_dump(include={"act", "by", "zone", "to"}))
    shas = chosen(asking, asked.query, asked.shas)
    if asked.dry_run:
        return curate.preview(rooms, shas, act)
    done = curate.correct(rooms, shas, act, query=asked.query or "", expected=asked.expected)
    albums.runner.nudge()
    return done


@router.get("", response_model=PastCorrections)
def list_corrections(
    albums: Opened, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> dict[str, list[Correction]]:
    """Who corrected what, and what of it was taken back."""
    with albums.library.read() as db:
        return {"corrections": corrections(db, limit)}


@router.post("/{id}/undo", response_model=Undone, responses=errors(404, 409))
def undo_correction(
    id: Annotated[
        str, Path(pattern="^[0-9a-f]{4,40}$", description="of it", examples=["3f2a91c0de"])
    ],
    albums: Opened,
    rooms: PersonsRooms,
) -> curate.Undone:
    """Take a whole correction back, except where something was said since."""
    undone = curate.undo(rooms, id)
    albums.runner.nudge()
    return undone
