"""Acts on many assets at once: counted beforehand, done to all or none, undone as a whole."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from albums.curate import bulk, undoing
from albums.curate.bulk_acts import KINDS, Kind
from albums.search.query import MAX_LENGTH
from albums.web.acting import act_of
from albums.web.api.corrections import Sample, Undone
from albums.web.chosen import MOST, chosen
from albums.web.errors import errors
from albums.web.request import Asking, Opened, PersonsRooms

router = APIRouter(prefix="/acts", tags=["acts"])
_SHORT = 200  # characters
Sha = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=_SHORT)]


class WhatToDo(BaseModel):
    """One act; which of the other fields it needs says its `kind`."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(description=", ".join(KINDS))
    value: bool | int | list[float] | Text | None = Field(
        None,
        description="of favourite and private: true or false; of rating: 0 to 5, or null to take "
        "it back; of place: [latitude, longitude], a city of the library, or null",
    )
    add: list[Text] | None = Field(None, description="of tags", examples=[["beach"]])
    remove: list[Text] | None = Field(None, description="of tags", examples=[["dog"]])
    collection: Text | None = Field(
        None, description="of collect, which makes it where it is new, and of uncollect"
    )
    steps: list[Text] | None = Field(None, description="of steps", examples=[["caption"]])
    act: Text | None = Field(None, description="of times: shift, keep-clock, keep-moment, set")
    by: Text | None = Field(None, description="of shift: +1:00, -0:05:30, +2d")
    zone: Text | None = Field(None, description="of keep-clock and keep-moment: Asia/Tokyo")
    to: Text | None = Field(None, description="of set: ISO 8601")


class AskedAct(BaseModel):
    """Which assets, and what is to be done to them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "query": "place:lisbon",
                    "act": {"kind": "tags", "add": ["holiday"]},
                    "dry_run": True,
                },
                {"assets": ["9c" * 32], "act": {"kind": "collect", "collection": "Lisbon"}},
            ]
        },
    )

    query: str | None = Field(
        None, max_length=MAX_LENGTH, description="all that it finds, '' is the timeline; or"
    )
    assets: list[Sha] | None = Field(None, max_length=MOST, description="these")
    without: list[Sha] = Field([], max_length=MOST, description="of the query's: not these")
    act: WhatToDo
    dry_run: bool = Field(False, description="only say what would change")
    expected: int | None = Field(
        None, ge=0, description="`changed` of the dry run; 409 where it would be another number"
    )


class Done(BaseModel):
    """What was done, or would be."""

    id: str | None = Field(
        description="to undo it by; null: there is nothing to undo", examples=["3f2a91c0de"]
    )
    kind: str = Field(examples=["tags"])
    words: str = Field(examples=["tagged beach"])
    assets: int = Field(
        description="that were meant; where a stack is treated as one, with all that lies in it",
        examples=[130],
    )
    changed: int = Field(description="that were not so already", examples=[123])
    samples: list[Sample] = Field(
        description="some of the changed, spread over time; `before` and `after` of times"
    )


class PastAct(BaseModel):
    """One act on many assets."""

    id: str = Field(examples=["3f2a91c0de"])
    at: str = Field(description="UTC", examples=["2026-04-26T18:42:11+00:00"])
    actor: str = Field(examples=["tailscale://galaxy-s24"])
    kind: str = Field(examples=["tags"])
    words: str = Field(examples=["tagged beach"])
    assets: int = Field(description="that it changed", examples=[123])
    undone_at: str | None
    left: int = Field(description="not undone: changed again since", examples=[0])


class PastActs(BaseModel):
    """The newest first."""

    acts: list[PastAct]


@router.post("", response_model=Done, responses=errors(404, 409))
def act_on_many(asked: AskedAct, albums: Opened, asking: Asking, rooms: PersonsRooms) -> bulk.Done:
    """Do one thing to many assets, all of them or none."""
    act = act_of(albums.library, asked.act.model_dump(exclude_unset=True))
    shas = chosen(asking, asked.query, asked.assets, asked.without, whole=True)
    if asked.dry_run:
        return bulk.preview(rooms, shas, act)
    done = bulk.perform(rooms, shas, act, query=asked.query or "", expected=asked.expected)
    albums.runner.nudge()
    return done


@router.get("", response_model=PastActs)
def list_acts(
    albums: Opened, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> dict[str, list[dict[str, Any]]]:
    """What was done to many assets lately, corrections of times among it, and what was undone."""
    with albums.library.read() as db:
        return {"acts": [past.as_json() for past in undoing.last_acts(db, limit)]}


@router.post("/{id}/undo", response_model=Undone, responses=errors(404, 409))
def undo_act(
    id: Annotated[
        str, Path(pattern="^[0-9a-f]{4,40}$", description="of it", examples=["3f2a91c0de"])
    ],
    albums: Opened,
    rooms: PersonsRooms,
) -> undoing.Undone:
    """Take back a whole act, except where something was changed again since."""
    undone = undoing.undo(rooms, id)
    albums.runner.nudge()
    return undone
