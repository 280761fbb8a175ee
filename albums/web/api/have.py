"""Which of these files are here? Asked by phones and importers before they send anything."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from albums.library.known_hashes import known_hashes
from albums.web.request import Opened

router = APIRouter(tags=["ingest"])
_MOST = 10_000
_HASH = "^([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})$"
_EXAMPLE = "9c4a83e2f7b1d05c6e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d"


class Hashes(BaseModel):
    """SHA-256 of files, hex; SHA-1 or MD5 for clients that only have those. They may be mixed."""

    hashes: list[Annotated[str, Field(pattern=_HASH)]] = Field(
        max_length=_MOST, examples=[[_EXAMPLE]]
    )


class Have(BaseModel):
    """What is known of each hash."""

    answers: dict[str, Literal["kept", "deleted", "unknown"]] = Field(
        description="kept: it is here; deleted: the owner deleted it, be it that it lies in the "
        "trash; unknown: send it",
        examples=[{_EXAMPLE: "deleted"}],
    )
    deleted_at: dict[str, str] = Field(
        description="of each that is deleted: when the owner threw it away, UTC",
        examples=[{_EXAMPLE: "2026-04-26T18:42:11+00:00"}],
    )


@router.post("/have", response_model=Have)
def have(hashes: Hashes, albums: Opened) -> Have:
    """Up to 10,000 hashes a request."""
    with albums.library.read() as db:
        found = known_hashes(db, hashes.hashes)
    deleted_at = {hash: known.deleted_at for hash, known in found.items() if known.deleted_at}
    return Have(answers={h: known.state for h, known in found.items()}, deleted_at=deleted_at)
