"""The timeline: counts first, then the assets of a month or day, one array a column."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from albums.search.groups import MAX_BUCKET, By, bucket, counts
from albums.web.api.search import Text
from albums.web.request import Asking, Opened

router = APIRouter(prefix="/timeline", tags=["timeline"])


class Count(BaseModel):
    """How many assets a month or day has."""

    key: str = Field(description="2024-05, 2024-05-12 or undated", examples=["2024-05"])
    count: int = Field(examples=[31])


class Counts(BaseModel):
    """Newest first: enough to lay out the page before any photo is known."""

    total: int = Field(examples=[31])
    buckets: list[Count]


class Month(BaseModel):
    """The days of a month that have assets, newest first."""

    key: str = Field(examples=["2024-05"])
    days: list[int] = Field(description="of the month", examples=[[31, 12]])
    counts: list[int] = Field(description="assets of each of the days", examples=[[20, 11]])


class Days(BaseModel):
    """All days of a library in few bytes."""

    total: int = Field(examples=[33])
    undated: int = Field(examples=[2])
    months: list[Month]


class Bucket(BaseModel):
    """One array a column, all of one length, newest first."""

    key: str = Field(examples=["2024-05-12"])
    offset: int
    next: int | None = Field(description="offset of what is left")
    sha: list[str]
    aspect: list[float | None] = Field(description="width / height, upright", examples=[[1.3333]])
    thumbhash: list[str | None] = Field(description="placeholders, base64")
    local: list[str | None] = Field(
        description="local time, as taken", examples=[["2024-05-12T09:41:00+01:00"]]
    )
    kind: list[str]
    duration: list[float | None] = Field(description="seconds")
    favourite: list[int]
    place: list[str | None] = Field(examples=[["Lisbon, Portugal"]])
    stack: list[int] = Field(description="how many assets it stands for; 0: itself alone")
    moving: list[int] = Field(description="1: a live or motion photo")
    name: list[str | None] = Field(description="of the file, where it is shown")
    title: list[str | None] = Field(description="what was said of it", examples=[["A red boat"]])


@router.get("", response_model=Counts)
def read_timeline(
    albums: Opened,
    asking: Asking,
    by: Annotated[By, Query(description="size of a bucket")] = "month",
    query: Text = "",
) -> Response:
    """How many assets each month or day has."""
    buckets = counts(albums.library, asking.query(query), by)
    return _json({"total": sum(b["count"] for b in buckets), "buckets": buckets})


@router.get("/days", response_model=Days)
def read_days(asking: Asking, query: Text = "") -> Response:
    """How many assets each day has: a page is laid out by it."""
    return _json(asking.days(query))


@router.get("/{key}", response_model=Bucket)
def read_bucket(
    albums: Opened,
    asking: Asking,
    key: Annotated[
        str,
        Path(
            description="2024-05, 2024-05-12, 2024-05-12..2024-06-02 or undated",
            examples=["2024-05"],
        ),
    ],
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_BUCKET)] = 5_000,
    query: Text = "",
) -> Response:
    """The assets of a month, a day or some days. A heavy one comes in pieces."""
    return _json(bucket(albums.library, key, asking.query(query), offset=offset, limit=limit))


def _json(content: dict[str, Any]) -> Response:
    # Validating 70,000 rows again would take longer than reading them.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/json")
