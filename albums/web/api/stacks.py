"""Stacks: what lists show as one asset, and what a person says of that."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from albums.curate import stacks as curate
from albums.library.assets import Asset, asset_by_sha
from albums.library.stacks import stack_of
from albums.web.api.assets import Sha, Stack
from albums.web.errors import errors
from albums.web.request import Opened, PersonsRooms

router = APIRouter(prefix="/stacks", tags=["stacks"])


class Together(BaseModel):
    """Assets that are to be one stack, with all that is stacked with them now."""

    assets: list[Annotated[str, Field(pattern="^[0-9a-f]{6,64}$")]] = Field(
        min_length=2, max_length=400, examples=[["9c4a83e2f7", "17d0b2a9c4"]]
    )


class Stacked(BaseModel):
    """An asset and the stack in which it lies now."""

    sha: str = Field(examples=["9c" * 32])
    stack: Stack | None = Field(description="null: it is shown by itself")


@router.get("/{sha}", response_model=Stacked, responses=errors(404))
def read_stack(sha: Sha, albums: Opened) -> dict[str, Any]:
    """With what the asset is shown as one."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
    return _answer(albums, asset)


@router.post("", response_model=Stacked, responses=errors(404, 409))
def join_stack(together: Together, albums: Opened, rooms: PersonsRooms) -> dict[str, Any]:
    """Make one stack of these assets. Nothing takes it apart but a person."""
    return _answer(albums, curate.join(rooms, together.assets))


@router.delete("/{sha}", response_model=Stacked, responses=errors(404, 409))
def split_stack(
    sha: Sha,
    albums: Opened,
    rooms: PersonsRooms,
    whole: Annotated[bool, Query(description="take the whole stack apart, not just this out")] = (
        False
    ),
) -> dict[str, Any]:
    """Take an asset out of its stack. It stays out, and in the library. A photo takes its film and
    its raw file with it."""
    asset = curate.dissolve(rooms, sha) if whole else curate.split(rooms, sha)
    return _answer(albums, asset)


@router.put("/{sha}/top", response_model=Stacked, responses=errors(404, 409))
def put_on_top(sha: Sha, albums: Opened, rooms: PersonsRooms) -> dict[str, Any]:
    """Show the stack by this asset."""
    return _answer(albums, curate.put_on_top(rooms, sha))


def _answer(albums: Opened, asset: Asset) -> dict[str, Any]:
    with albums.library.read() as db:
        return {"sha": asset.sha, "stack": stack_of(db, asset.id)}
