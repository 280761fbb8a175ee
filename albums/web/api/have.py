"""Which of these files are here? Asked by phones and importers before they send anything."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from albums.library.assets import which_of
from albums.web.request import Opened

router = APIRouter(tags=["ingest"])
_MOST = 10_000
_EXAMPLE = "9c4a83e2f7b1d05c6e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d"


class Hashes(BaseModel):
    """SHA-256 of files, hex."""

    hashes: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(
        max_length=_MOST, examples=[[_EXAMPLE]]
    )


class Have(BaseModel):
    """What is known of each hash."""

    answers: dict[str, Literal["kept", "deleted", "unknown"]] = Field(
        description="kept: it is here; deleted: the owner deleted it; unknown: send it",
        examples=[{_EXAMPLE: "kept"}],
    )


@router.post("/have", response_model=Have)
def have(hashes: Hashes, albums: Opened) -> Have:
    """Up to 10,000 hashes a request."""
    with albums.library.read() as db:
        return Have.model_validate({"answers": which_of(db, hashes.hashes)})
