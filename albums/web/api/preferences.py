"""What the person likes, and how many assets have which look."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from albums.curate import preferences as curate
from albums.library.looks import LookName, counts
from albums.library.preferences import kept_out
from albums.web.request import Opened, PersonsRooms

router = APIRouter(tags=["preferences"])


class CountedLook(BaseModel):
    """A look and how many assets have it. `is:` and its name finds them."""

    look: LookName = Field(examples=["screenshot"])
    assets: int = Field(description="outside the trash, hidden or not", examples=[312])
    kept_out: bool = Field(description="the timeline does not show them")


class Looks(BaseModel):
    """All looks that the box knows."""

    looks: list[CountedLook]


class Preferences(BaseModel):
    """What the person likes, for the whole library."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kept_out_of_timeline": ["screenshot", "meme"]}]}
    )

    kept_out_of_timeline: list[LookName] = Field(
        max_length=100,
        description="what has one of these looks is found, but is not on the timeline; what the "
        "person said of one asset (`hidden`) wins",
    )


@router.get("/looks", response_model=Looks)
def list_looks(albums: Opened) -> dict[str, Any]:
    """Screenshots, receipts, documents and memes: how many there are."""
    with albums.library.read() as db:
        return {"looks": counts(db)}


@router.get("/preferences", response_model=Preferences)
def show_preferences(albums: Opened) -> dict[str, Any]:
    """What the person likes."""
    with albums.library.read() as db:
        return {"kept_out_of_timeline": kept_out(db)}


@router.put("/preferences", response_model=Preferences)
def set_preferences(preferences: Preferences, rooms: PersonsRooms) -> dict[str, Any]:
    """Takes effect on the whole library at once, and is undone by sending what was there before."""
    looks = curate.keep_out_of_timeline(rooms, preferences.kept_out_of_timeline)
    return {"kept_out_of_timeline": looks}
