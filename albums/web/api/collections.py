"""Collections: what people call albums."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from albums.curate import collections as curate
from albums.library.collections import current_name
from albums.search.find import MAX_LIMIT, Page
from albums.search.query import MAX_LENGTH
from albums.web.ask import Ask
from albums.web.collected import question
from albums.web.errors import errors
from albums.web.request import Asking, Gathered, Opened, PersonsRooms

router = APIRouter(prefix="/collections", tags=["collections"])
Name = Annotated[str, Path(description="name of the collection", examples=["Summer in Lisbon"])]
Sha = Annotated[str, Field(pattern="^[0-9a-f]{6,64}$")]


class Collection(BaseModel):
    """A collection and how many assets are in it."""

    name: str = Field(examples=["Summer in Lisbon"])
    description: str
    created_at: str
    assets: int = Field(examples=[42])
    cover: str | None = Field(description="SHA-256 of the asset that stands for it")
    query: str | None = Field(description="what fills it; null: filled by hand")
    sort: str = Field(description="newest, oldest or hand", examples=["newest"])


class Collections(BaseModel):
    """All collections, by name."""

    collections: list[Collection]


class NewCollection(BaseModel):
    """A collection to make."""

    name: str = Field(min_length=1, max_length=200, examples=["Summer in Lisbon"])
    description: str = Field("", max_length=10_000)
    query: str | None = Field(
        None,
        max_length=MAX_LENGTH,
        description="a smart collection: it fills itself with what this finds",
        examples=["place:Lisbon date:summer"],
    )


class Change(BaseModel):
    """What is not said stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=200)
    description: str | None = Field(None, max_length=10_000)
    query: str | None = Field(None, min_length=1, max_length=MAX_LENGTH)
    cover: Sha | Literal[""] | None = Field(None, description="an empty one: the first, again")
    sort: Literal["newest", "oldest", "hand"] | None = None


class Assets(BaseModel):
    """Assets to put in or take out."""

    assets: list[Sha] = Field(min_length=1, max_length=10_000, examples=[["9c4a83e2f7"]])


class Moved(Assets):
    """Assets of the collection, and where they go."""

    before: Sha | None = Field(None, description="the asset they go in front of; null: to the end")


class Size(BaseModel):
    """How many assets the collection has now."""

    name: str = Field(examples=["Summer in Lisbon"])
    assets: int = Field(examples=[43])


@router.get("", response_model=Collections)
def list_collections(gathered: Gathered) -> dict[str, Any]:
    """Every collection. Its assets are found by the query `collection:"its name"`, in its order
    with `sort:` and its sort."""
    return {"collections": [vars(card) for card in gathered.cards()]}


@router.post("", response_model=Size, status_code=201, responses=errors(409))
def create_collection(new: NewCollection, asking: Asking, rooms: PersonsRooms) -> Size:
    """Make an empty collection, or a smart one."""
    if new.query:
        asking.check_smart(new.name, new.query)
    name = curate.create(rooms, new.name, new.description, new.query)
    return Size(name=name, assets=_count(asking, name))


@router.patch("/{name:path}", response_model=Size, responses=errors(404, 409))
def change_collection(name: Name, change: Change, asking: Asking, rooms: PersonsRooms) -> Size:
    """Another name, description, cover, order or query. Links to the old name go on."""
    if change.query:
        asking.check_smart(name, change.query)
    name = curate.change(rooms, name, change.model_dump(exclude_none=True))
    return Size(name=name, assets=_count(asking, name))


@router.delete("/{name:path}", response_model=Size, responses=errors(404))
def delete_collection(name: Name, rooms: PersonsRooms) -> Size:
    """Forget a collection. Its assets stay in the library."""
    curate.delete(rooms, name)
    return Size(name=name, assets=0)


@router.post("/{name:path}/add", response_model=Size, responses=errors(404, 409))
def add_to_collection(name: Name, assets: Assets, rooms: PersonsRooms) -> Size:
    """Put assets at its end; those already in it stay where they are."""
    return Size(name=name, assets=curate.add(rooms, name, assets.assets))


@router.post("/{name:path}/remove", response_model=Size, responses=errors(404, 409))
def remove_from_collection(name: Name, assets: Assets, rooms: PersonsRooms) -> Size:
    """Take assets out of it. They stay in the library."""
    return Size(name=name, assets=curate.remove(rooms, name, assets.assets))


@router.post("/{name:path}/order", response_model=Size, responses=errors(404, 409))
def order_collection(name: Name, moved: Moved, asking: Asking, rooms: PersonsRooms) -> Size:
    """Move assets of it; from now on it is shown in the order by hand."""
    curate.move(rooms, name, moved.assets, moved.before)
    return Size(name=name, assets=_count(asking, name))


@router.post("/{name:path}/freeze", response_model=Size, responses=errors(404, 409))
def freeze_collection(name: Name, albums: Opened, asking: Asking, rooms: PersonsRooms) -> Size:
    """Make a smart collection one by hand, with what its query finds now."""
    with albums.library.read() as db:
        name = current_name(db, name)
    return Size(name=name, assets=curate.freeze(rooms, name, found_in(asking, name)))


def found_in(asking: Ask, name: str) -> list[str]:
    """SHA-256 of all that is in a collection now, newest first."""
    shas: list[str] = []
    after: str | None = None
    while True:
        results = asking.find(question(name), Page(MAX_LIMIT, after))
        shas += [asset["sha"] for asset in results.assets]
        after = results.next
        if after is None:
            return shas


def _count(asking: Ask, name: str) -> int:
    return asking.find(question(name), Page(1)).total
