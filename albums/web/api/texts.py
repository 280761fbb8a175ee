"""What is written on an asset: the text of a document's pages, and text read in pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from albums.library.assets import asset_by_sha
from albums.library.texts import Page, pages_of
from albums.web.api.assets import Sha
from albums.web.errors import errors
from albums.web.request import Opened

router = APIRouter(prefix="/assets", tags=["assets"])
_MOST = 200  # pages an answer


class WrittenLine(BaseModel):
    """Text that stands together."""

    text: str = Field(examples=["Total amount 124.50"])
    box: list[float] | None = Field(
        description="left, top, right, bottom as fractions of width and height, upright; null: only"
        " the order of the lines is known",
        examples=[[0.08, 0.61, 0.55, 0.64]],
    )
    sure: float = Field(description="0..1; 1 for text that the file itself holds", examples=[0.97])
    turn: int = Field(
        description="by how many quarters to the left the page is to be turned until this stands"
        " upright",
        examples=[0],
    )


class WrittenPage(BaseModel):
    """A page with text; those without are left out. A photo has one page."""

    number: int = Field(description="from 1", examples=[1])
    lines: list[WrittenLine] = Field(description="in reading order")


class Written(BaseModel):
    """Some pages of what is written on it."""

    pages: list[WrittenPage]
    next: int | None = Field(description="`first` of the request that goes on", examples=[None])


@router.get("/{sha}/text", response_model=Written, responses=errors(404))
def read_text(
    sha: Sha,
    albums: Opened,
    first: Annotated[int, Query(ge=1, le=10**9, description="page to begin with")] = 1,
) -> Written:
    """The text of a document, and what was read in a picture, with the boxes of its lines."""
    with albums.library.read() as db:
        pages = pages_of(db, asset_by_sha(db, sha).id, first, _MOST + 1)
    following = pages[_MOST].number if len(pages) > _MOST else None
    return Written(pages=[_as_json(page) for page in pages[:_MOST]], next=following)


def _as_json(page: Page) -> WrittenPage:
    lines = [
        WrittenLine(
            text=line.text,
            box=list(line.box) if line.box else None,
            sure=line.sure,
            turn=line.turn,
        )
        for line in page.lines
    ]
    return WrittenPage(number=page.number, lines=lines)
