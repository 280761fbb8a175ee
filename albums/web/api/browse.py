"""Counted lists to browse by: tags, cameras, lenses, places, people and times.

Where counting takes long, the numbers may be some seconds old.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from albums.library.browse import Counted as Counts
from albums.library.browse import Named, together
from albums.library.continents import continent_of
from albums.web.request import Ways

router = APIRouter(tags=["browse"])
Limit = Annotated[int, Query(ge=1, le=10_000)]


class Counted(BaseModel):
    """A name and how many assets have it."""

    name: str = Field(examples=["dog"])
    assets: int = Field(examples=[317])
    first: str | None = Field(description="day of the first", examples=["2016-05-03"])
    last: str | None = Field(description="day of the latest", examples=["2024-11-12"])
    cover: str | None = Field(description="SHA-256 of an asset to stand for them")


class Tags(BaseModel):
    """Tags, most used first. `tag:"its name"` finds the assets."""

    tags: list[Counted]


class Cameras(BaseModel):
    """Cameras, most used first. `camera:="its name"` finds the assets."""

    cameras: list[Counted]


class Lenses(BaseModel):
    """Lenses, most used first. `lens:="its name"` finds the assets."""

    lenses: list[Counted]


class People(BaseModel):
    """People, most pictured first. `person:="their name"` finds the assets."""

    people: list[Counted]


class Years(BaseModel):
    """Years, newest first. `year:2024` finds the assets."""

    years: list[Counted]


class Months(BaseModel):
    """Months, newest first. `on:2024-05` finds the assets."""

    months: list[Counted]


class CountedCountry(Counted):
    """A country and how many assets were taken there."""

    country_code: str | None = Field(examples=["PT"])
    continent: str = Field(examples=["Europe"])


class Countries(BaseModel):
    """Countries, most photographed first. `country:="its name"` finds the assets."""

    countries: list[CountedCountry]


class CountedPlace(BaseModel):
    """A city and how many assets were taken there."""

    city: str | None = Field(examples=["Lisbon"])
    region: str | None
    country: str = Field(examples=["Portugal"])
    country_code: str | None = Field(examples=["PT"])
    assets: int = Field(examples=[120])
    cover: str | None = Field(description="SHA-256 of an asset to stand for them")


class Places(BaseModel):
    """Places, most photographed first. `city:="city, region, country"` finds the assets."""

    places: list[CountedPlace]


@router.get("/tags", response_model=Tags)
def list_tags(ways: Ways, limit: Limit = 1000) -> Tags:
    """Words that the person, the files or a model gave to assets. The first few have a cover."""
    known = ways.tags()
    return Tags(tags=[_counted(tag, known.covers.get(tag.name)) for tag in known.tags[:limit]])


@router.get("/cameras", response_model=Cameras)
def list_cameras(ways: Ways, limit: Limit = 1000) -> Cameras:
    """Cameras by their canonical names."""
    return Cameras(cameras=[_counted(one) for one in ways.cameras()[:limit]])


@router.get("/lenses", response_model=Lenses)
def list_lenses(ways: Ways, limit: Limit = 1000) -> Lenses:
    """Lenses by their names."""
    return Lenses(lenses=[_counted(one) for one in ways.lenses()[:limit]])


@router.get("/people", response_model=People)
def list_people(ways: Ways, limit: Limit = 1000) -> People:
    """People by the names that files and exports gave them. No face is recognised yet."""
    return People(people=[_counted(one) for one in ways.people()[:limit]])


@router.get("/years", response_model=Years)
def list_years(ways: Ways) -> Years:
    """Years in which something was taken."""
    return Years(years=[_counted(one) for one in ways.years()])


@router.get("/months", response_model=Months)
def list_months(ways: Ways) -> Months:
    """Months in which something was taken."""
    return Months(months=[_counted(one) for one in ways.months()])


@router.get("/countries", response_model=Countries)
def list_countries(ways: Ways) -> Countries:
    """Countries, from the GPS position of assets."""
    found = together(ways.places(), lambda one: (one.country, one.country_code))
    return Countries(
        countries=[
            CountedCountry(**_shown(name, about), country_code=code, continent=continent_of(code))
            for (name, code), about in sorted(found.items(), key=lambda item: -item[1].assets)
        ]
    )


@router.get("/places", response_model=Places)
def list_places(ways: Ways, limit: Limit = 1000) -> Places:
    """Cities, from the GPS position of assets."""
    found = together(
        ways.places(), lambda one: (one.city, one.region, one.country, one.country_code)
    )
    most_first = sorted(found.items(), key=lambda item: (-item[1].assets, item[0][2], item[0][0]))
    return Places(
        places=[
            CountedPlace(
                city=city, region=region, country=country, country_code=code,
                assets=about.assets, cover=about.cover,
            )
            for (city, region, country, code), about in most_first[:limit]
        ]
    )  # fmt: skip


def _counted(named: Named, cover: str | None = None) -> Counted:
    shown = _shown(named.name, named.about)
    return Counted(**shown | {"cover": cover or shown["cover"]})


def _shown(name: str, about: Counts) -> dict[str, Any]:
    return {
        "name": name,
        "assets": about.assets,
        "first": about.first,
        "last": about.last,
        "cover": about.cover,
    }
