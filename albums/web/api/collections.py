"""Collections: what people call albums."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from albums.curate import collections as curate
from albums.library.collections import all_collections
from albums.web.errors import errors
from albums.web.request import Opened, PersonsRooms

router = APIRouter(prefix="/collections", tags=["collections"])
Name = Annotated[str, Path(description="name of the collection", examples=["Summer in Lisbon"])]


class Collection(BaseModel):
    """A collection and how many assets are in it."""

    name: str = Field(examples=["Summer in Lisbon"])
    description: str
    created_at: str
    assets: int = Field(examples=[42])


class Collections(BaseModel):
    """All collections, by name."""

    collections: list[Collection]


class NewCollection(BaseModel):
    """A collection to make."""

    name: str = Field(min_length=1, max_length=200, examples=["Summer in Lisbon"])
    description: str = Field("", max_length=10_000)


class Assets(BaseModel):
    """Assets to put in or take out."""

    assets: list[Annotated[str, Field(pattern="^[0-9a-f]{6,64}$")]] = Field(
        min_length=1, max_length=10_000, examples=[["9c4a83e2f7"]]
    )


class Size(BaseModel):
    """How many assets the collection has now."""

    name: str = Field(examples=["Summer in Lisbon"])
    assets: int = Field(examples=[43])


@router.get("", response_model=Collections)
def list_collections(albums: Opened) -> dict[str, Any]:
    """Every collection. Its assets are found by the query `collection:"its name"`."""
    with albums.library.read() as db:
        return {"collections": all_collections(db)}


@router.post("", response_model=Size, status_code=201, responses=errors(409))
def create_collection(new: NewCollection, rooms: PersonsRooms) -> Size:
    """Make an empty collection."""
    return Size(name=curate.create(rooms, new.name, new.description), assets=0)


@router.delete("/{name:path}", response_model=Size, responses=errors(404))
def delete_collection(name: Name, rooms: PersonsRooms) -> Size:
    """Forget a collection. Its assets stay in the library."""
    curate.delete(rooms, name)
    return Size(name=name, assets=0)


@router.post("/{name:path}/add", response_model=Size, responses=errors(404))
def add_to_collection(name: Name, assets: Assets, rooms: PersonsRooms) -> Size:
    """Put assets at its end; those already in it stay where they are."""
    return Size(name=name, assets=curate.add(rooms, name, assets.assets))


@router.post("/{name:path}/remove", response_model=Size, responses=errors(404))
def remove_from_collection(name: Name, assets: Assets, rooms: PersonsRooms) -> Size:
    """Take assets out of it. They stay in the library."""
    return Size(name=name, assets=curate.remove(rooms, name, assets.assets))
