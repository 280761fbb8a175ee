"""Counted lists to browse by: tags, cameras, places."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from albums.library import browse
from albums.web.request import Opened

router = APIRouter(tags=["browse"])
Limit = Annotated[int, Query(ge=1, le=10_000)]


class Counted(BaseModel):
    """A name and how many assets have it."""

    name: str = Field(examples=["dog"])
    assets: int = Field(examples=[317])


class Tags(BaseModel):
    """Tags, most used first. `tag:"its name"` finds the assets."""

    tags: list[Counted]


class Cameras(BaseModel):
    """Cameras, most used first. `camera:"its name"` finds the assets."""

    cameras: list[Counted]


class CountedPlace(BaseModel):
    """A city and how many assets were taken there."""

    city: str | None = Field(examples=["Lisbon"])
    region: str | None
    country: str = Field(examples=["Portugal"])
    country_code: str | None = Field(examples=["PT"])
    assets: int = Field(examples=[120])


class Places(BaseModel):
    """Places, most photographed first. `place:"its name"` finds the assets."""

    places: list[CountedPlace]


@router.get("/tags", response_model=Tags)
def list_tags(albums: Opened, limit: Limit = 1000) -> dict[str, Any]:
    """Words that the person, the files or a model gave to assets."""
    with albums.library.read() as db:
        return {"tags": browse.tags(db, limit)}


@router.get("/cameras", response_model=Cameras)
def list_cameras(albums: Opened, limit: Limit = 1000) -> dict[str, Any]:
    """Cameras by their canonical names."""
    with albums.library.read() as db:
        return {"cameras": browse.cameras(db, limit)}


@router.get("/places", response_model=Places)
def list_places(albums: Opened, limit: Limit = 1000) -> dict[str, Any]:
    """Cities, from the GPS position of assets."""
    with albums.library.read() as db:
        return {"places": browse.places(db, limit)}
