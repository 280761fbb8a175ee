"""Search, and lists of assets: one way to read, under two names."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from albums.search.find import MAX_LIMIT, Page, Results
from albums.search.order import Sort
from albums.search.query import MAX_LENGTH
from albums.web.request import Asking

router = APIRouter(tags=["search"])
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="assets a page")]
After = Annotated[str | None, Query(description="`next` of the page before")]
Text = Annotated[
    str,
    Query(
        max_length=MAX_LENGTH,
        description='free words, "exact words", -without, and filters such as year:2024',
        examples=["dog on a beach year:2024"],
    ),
]


class Why(BaseModel):
    """What makes it a result."""

    words: list[str] = Field(description="the query's words that were found", examples=[["beach"]])
    meaning: float | None = Field(description="cosine of query and picture", examples=[0.2731])
    near: Any = Field(description="how near that is within this library; null: no meaning asked")
    filters: list[str] = Field(examples=[["taken in 2024"]])
    pages: list[int] = Field(description="of a document: where it is, best first", examples=[[3]])


class Found(BaseModel):
    """An asset as lists show it."""

    sha: str = Field(examples=["9c4a83e2f7b1d05c6e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d"])
    name: str = Field(examples=["beach.jpg"])
    captured_at: str | None = Field(examples=["2026-04-26T18:42:11-07:00"])
    place: str | None = Field(examples=["Vancouver, United States"])
    caption: str | None = Field(examples=["Two children running on a wet beach."])
    score: float | None = Field(description="null where nothing was ranked", examples=[0.8123])
    why: Why
    kind: str = Field(examples=["photo"])
    width: int | None
    height: int | None
    duration: float | None
    favourite: bool
    aspect: float | None = Field(description="width / height, upright", examples=[1.3333])
    thumbhash: str | None = Field(description="placeholder, base64")
    stack: int = Field(description="how many assets it stands for; 0: itself alone", examples=[0])


class UnderstoodPart(BaseModel):
    """A part of the query as it was understood."""

    key: str = Field(examples=["year"])
    value: str = Field(examples=["2024"])
    words: str = Field(examples=["taken in 2024"])
    applied: bool = Field(description="false: only a suggestion")


class FoundPage(BaseModel):
    """One page of results."""

    query: str = Field(examples=["dog on a beach year:2024"])
    total: int = Field(description="good matches in all", examples=[12])
    assets: list[Found]
    next: str | None = Field(description="`after` of the next page; null: no more good matches")
    understood: list[UnderstoodPart]
    engine: str | None = Field(description="model and engine that compared meanings")
    note: str = Field(description="what could not be used, and why")
    took: float = Field(description="milliseconds", examples=[8.4])


class Offer(BaseModel):
    """One way to go on."""

    text: str = Field(description="the whole query with it", examples=["dog place:Lisbon"])
    key: str = Field(examples=["place"])
    value: str = Field(description="empty: only the filter is offered", examples=["Lisbon"])
    words: str = Field(
        description="what it means, or how the filter is written", examples=["place: Lisbon"]
    )
    assets: int | None = Field(description="how many have it, where known", examples=[412])


class Offered(BaseModel):
    """Best first."""

    suggestions: list[Offer]


@router.get("/search", response_model=FoundPage)
def search(
    asking: Asking,
    q: Text = "",
    limit: Limit = 60,
    after: After = None,
    weak: Annotated[bool, Query(description="go on after the last good match")] = False,
) -> dict[str, Any]:
    """Best match first, by words and by meaning, each result with its reasons."""
    return _as_json(q, asking.find(q, Page(limit, after, weak)))


@router.get("/assets", response_model=FoundPage, tags=["assets"])
def list_assets(
    asking: Asking,
    query: Text = "",
    sort: Annotated[
        Sort | None, Query(description="order of the list, where the query does not say it")
    ] = None,
    limit: Limit = 60,
    after: After = None,
) -> dict[str, Any]:
    """Assets page by page, newest first unless asked otherwise."""
    return _as_json(query, asking.find(query, Page(limit, after), sort))


@router.get("/suggest", response_model=Offered)
def suggest(
    asking: Asking,
    q: Annotated[str, Query(max_length=MAX_LENGTH, description="what is typed so far")] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> dict[str, Any]:
    """How a query that is being typed could go on: values that this library has, and filters."""
    return {"suggestions": [vars(one) for one in asking.suggestions(q, limit)]}


def _as_json(text: str, results: Results) -> dict[str, Any]:
    return {
        "query": text,
        "total": results.total,
        "assets": results.assets,
        "next": results.next,
        "understood": [chip.as_json() for chip in results.understood],
        "engine": results.space,
        "note": results.note,
        "took": results.took,
    }
