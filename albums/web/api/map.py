"""The map: where the assets of a query lie, and the names of cities around them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from albums.ingest.facts.gazetteer import gazetteer
from albums.search.area import Area
from albums.search.map import MAX_ZOOM, clusters
from albums.web.api.search import Text
from albums.web.positions import Positions
from albums.web.request import Opened

router = APIRouter(prefix="/map", tags=["map"])
_CITIES = 60
South = Annotated[float, Query(ge=-90, le=90, description="degrees")]
West = Annotated[float, Query(ge=-180, le=180, description="degrees; more than `east`: over 180")]


class Bounds(BaseModel):
    """Degrees. `west` > `east` goes on over the antimeridian."""

    south: float = Field(examples=[38.69])
    west: float = Field(examples=[-9.21])
    north: float = Field(examples=[38.78])
    east: float = Field(examples=[-9.1])


class ClusterOnMap(BaseModel):
    """Assets that are near each other on the screen. One alone is its own `cover`."""

    latitude: float = Field(examples=[38.7139])
    longitude: float = Field(examples=[-9.1394])
    count: int = Field(examples=[31])
    cover: str = Field(description="SHA-256 of the newest", examples=["9c4a83e2f7"])
    picture: bool = Field(description="has that one a picture?")
    area: Bounds = Field(description="the smallest that holds all of them")


class OnMap(BaseModel):
    """What a part of the map shows."""

    total: int = Field(description="assets of the query with a position, anywhere")
    clusters: list[ClusterOnMap] = Field(description="largest first")


class City(BaseModel):
    """A place to find one's way by."""

    name: str = Field(examples=["Lisbon"])
    latitude: float
    longitude: float


class Cities(BaseModel):
    """Those with most people first."""

    cities: list[City]


def positions(request: Request) -> Positions:
    """Where assets lie."""
    found = request.app.state.positions
    assert isinstance(found, Positions)
    return found


@router.get("", response_model=OnMap)
def read_map(
    request: Request,
    albums: Opened,
    query: Text = "",
    south: South = -90,
    west: West = -180,
    north: South = 90,
    east: West = 180,
    zoom: Annotated[float, Query(ge=0, le=24, description="0: the world is 512 pixels wide")] = 1,
) -> dict[str, Any]:
    """Assets with a position, near ones together."""
    points = positions(request).of(query)
    area = Area(min(south, north), west, max(south, north), east)
    found = clusters(albums.library, points, area, min(zoom, MAX_ZOOM))
    return {"total": len(points), "clusters": [asdict(cluster) for cluster in found]}


@router.get("/cities", response_model=Cities)
def read_cities(
    south: South = -90, west: West = -180, north: South = 90, east: West = 180,
    limit: Annotated[int, Query(ge=1, le=500)] = _CITIES,
) -> dict[str, Any]:  # fmt: skip
    """The largest cities of a part of the map, from the gazetteer that names the places."""
    beyond = 360 * (west > east)
    found = gazetteer().largest((south, north), (west, east + beyond), limit)
    return {"cities": [dict(zip(City.model_fields, city, strict=True)) for city in found]}
