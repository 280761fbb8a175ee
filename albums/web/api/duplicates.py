"""Copies of the same picture: found by the box, merged or told apart by a person."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from albums.curate import duplicates as curate
from albums.library.duplicate_detail import shown
from albums.library.duplicate_groups import groups, weight
from albums.web.errors import errors
from albums.web.request import Opened, PersonsRooms

router = APIRouter(prefix="/duplicates", tags=["duplicates"])
After = Annotated[
    str | None, Query(pattern="^[0-9]{1,18}_[0-9]{1,18}$", description="`next` of the page before")
]
Sha = Annotated[str, Field(pattern="^[0-9a-f]{6,64}$", examples=["9c4a83e2f7"])]


class Copy(BaseModel):
    """One of several assets that show the same."""

    sha: str = Field(examples=["9c" * 32])
    name: str = Field(examples=["beach.jpg"])
    folder: str
    kind: str = Field(examples=["photo"])
    mime: str = Field(examples=["image/jpeg"])
    size: int = Field(description="bytes")
    width: int | None = Field(description="pixels, upright")
    height: int | None
    pixels: int | None
    duration: float | None = Field(description="seconds")
    moves: bool = Field(description="a live or motion photo")
    gain_map: bool = Field(description="it is brighter on screens that can")
    captured_at: str | None = Field(examples=["2024-05-01T10:00:00"])
    captured_by: str | None = Field(description="who says so", examples=["exif", "name"])
    camera: str | None
    lens: str | None
    place: str | None = Field(examples=["Lisbon, Portugal"])
    location: list[float] | None = Field(description="degrees north and east")
    title: str | None
    description: str | None
    caption: str | None
    tags: list[str] = Field(description="that a person or its file says")
    people: list[str]
    collections: list[str]
    favourite: bool
    rating: int | None
    hidden: bool
    edited: bool = Field(description="a person said something of it")
    received_at: str = Field(description="UTC")
    origin: str = Field(examples=["tailscale://galaxy-s24"])
    damaged: bool = Field(description="its original is gone or not what it was")
    same: int | None = Field(
        description="those of a group with the same number have the very same picture"
    )
    aspect: float | None = Field(description="width / height, upright")
    thumbhash: str | None = Field(description="placeholder, base64")


class DuplicateGroup(BaseModel):
    """Each is a copy of every other. The first is the best, and proposed to be kept."""

    exact: bool = Field(description="all have the very same picture, pixel by pixel")
    spare: int = Field(description="bytes of all but the first", examples=[4811223])
    differs: list[str] = Field(description="fields that are not the same", examples=[["size"]])
    assets: list[Copy]


class DuplicatesInAll(BaseModel):
    """How much there is to tidy up."""

    groups: int = Field(examples=[12])
    spare_assets: int = Field(description="all but the best of each group", examples=[15])
    spare: int = Field(description="their bytes", examples=[48112233])
    again: int = Field(description="assets with the very picture of another", examples=[5])
    again_spare: int = Field(description="their bytes", examples=[8112233])
    groups_again: int = Field(description="groups that have such", examples=[4])


class Duplicates(BaseModel):
    """Groups of copies; those that free most come first."""

    groups: list[DuplicateGroup]
    total: DuplicatesInAll
    next: str | None = Field(description="`after` of the next page")


class WhatToMerge(BaseModel):
    """Keep one of several copies."""

    model_config = ConfigDict(extra="forbid")

    keep: Sha
    others: list[Sha] = Field(min_length=1, max_length=curate.MOST, description="to the trash")


class WhatToTellApart(BaseModel):
    """None of these is a copy of another of them."""

    model_config = ConfigDict(extra="forbid")

    assets: list[Sha] = Field(min_length=2, max_length=curate.MOST)


class ExactOnes(BaseModel):
    """Those that have the very same picture; the best of each is kept."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(False, description="only count them")


class Merged(BaseModel):
    """What was done, or would be."""

    id: str | None = Field(
        description="to undo it by, at /acts; null: nothing was done", examples=["3f2a91c0de"]
    )
    groups: int = Field(examples=[1])
    assets: int = Field(description="in the trash now", examples=[2])
    bytes: int = Field(description="of their originals", examples=[4811223])
    left: int = Field(description="groups that are still to be merged: ask again", examples=[0])


class ToldApart(BaseModel):
    """It is remembered, and can be undone."""

    id: str = Field(description="to undo it by, at /acts", examples=["3f2a91c0de"])


@router.get("", response_model=Duplicates)
def read_duplicates(
    albums: Opened,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    exact: Annotated[
        bool, Query(description="only groups with the very same picture twice")
    ] = False,
) -> dict[str, Any]:
    """Copies that lie in the library, side by side."""
    size, _, number = (after or "").partition("_")
    before = (int(size), int(number)) if after else None
    with albums.library.read() as db:
        found, last = groups(db, limit, before, exact=exact)
        return {
            "groups": shown(db, found),
            "total": weight(db),
            "next": f"{last[0]}_{last[1]}" if last else None,
        }


@router.post("/merge", response_model=Merged, responses=errors(404, 409))
def merge_duplicates(asked: WhatToMerge, albums: Opened, rooms: PersonsRooms) -> curate.Merged:
    """Keep one: it takes over collections, tags, people, words and what else was said of the
    others, which go to the trash."""
    merged = curate.merge(rooms, asked.keep, asked.others)
    albums.runner.nudge()
    return merged


@router.post("/merge-exact", response_model=Merged, responses=errors(404, 409))
def merge_exact_duplicates(asked: ExactOnes, albums: Opened, rooms: PersonsRooms) -> curate.Merged:
    """Merge some hundred sets of the very same picture. Ask again until nothing is `left`."""
    if asked.dry_run:
        return curate.preview_exact(rooms)
    merged = curate.merge_exact(rooms)
    albums.runner.nudge()
    return merged


@router.post("/not-duplicates", response_model=ToldApart, responses=errors(404, 409))
def tell_apart(asked: WhatToTellApart, rooms: PersonsRooms) -> dict[str, str]:
    """Keep all of them, and do not show them as duplicates of each other again."""
    return {"id": curate.keep_all(rooms, asked.assets)}
