"""POST /ingest: a file comes in over HTTP."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from albums.assembly import Albums
from albums.ingest.arrival import Receipt
from albums.library.detail import caption_of, text_of
from albums.sources.upload import Sender
from albums.web.api.receipts import GivenReceipt
from albums.web.errors import errors
from albums.web.request import Called, Opened

router = APIRouter(tags=["ingest"])
_LOOK_EVERY = 0.1  # seconds

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "any file"},
                        "captured_at": {
                            "type": "string",
                            "format": "date-time",
                            "description": "when it was taken, ISO 8601, with offset if known",
                            "example": "2026-04-26T18:42:11-07:00",
                        },
                    },
                }
            }
        },
    }
}


class Ingested(BaseModel):
    """The file is kept: fsynced, listed, and its work is queued."""

    sha: str = Field(description="SHA-256 of the file, hex; its name from now on")
    status: Literal["ingested", "duplicate", "deleted"] = Field(
        description="ingested: new; duplicate: kept before; deleted: the owner deleted it before, "
        "so it was not kept (send `again=true` to take it in all the same)"
    )
    caption: str | None = Field(description="what is in the picture; null until it is described")
    deleted_at: str | None = Field(
        None, description="where it is deleted: when the owner threw it away, UTC; else left out"
    )
    receipt: GivenReceipt | None = Field(
        None, description="with `receipt=true`: what a phone may rely on; else left out"
    )

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "sha": "9c4a83e2f7b1d05c6e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d",
                    "status": "ingested",
                    "caption": None,
                }
            ]
        }
    }


@router.post(
    "/ingest",
    response_model=Ingested,
    response_model_exclude_unset=True,
    openapi_extra=_FORM,
    responses=errors(413, 507)
    | {202: {"model": Ingested, "description": "Kept, but not described within `timeout`"}},
)
async def ingest(
    request: Request,
    response: Response,
    albums: Opened,
    caller: Called,
    wait: Annotated[
        Literal["caption"] | None, Query(description="answer only once this is there")
    ] = None,
    timeout: Annotated[float, Query(gt=0, le=600, description="seconds to wait at most")] = 120,
    again: Annotated[bool, Query(description="take in even what was deleted before")] = False,
    receipt: Annotated[
        bool, Query(description="read it back from the disk and give a receipt")
    ] = False,
) -> Ingested:
    """Send one file as multipart form. The answer comes once it is safely kept."""
    length = request.headers.get("content-length")
    taken = await request.app.state.uploads.receive(
        request.headers.get("content-type", ""),
        request.stream(),
        Sender(caller.origin, again),
        int(length) if length else None,
    )
    proof: dict[str, Any] = {"deleted_at": taken.deleted_at} if taken.deleted_at else {}
    if receipt and taken.status != "deleted":
        given = await run_in_threadpool(
            albums.proof.give, taken.sha, caller.origin, caller.device or ""
        )
        proof["receipt"] = GivenReceipt(**given.as_json())
    caption, finished = await _caption(albums, taken, timeout if wait else 0)
    if wait and not finished:
        response.status_code = 202
    return Ingested(sha=taken.sha, status=taken.status, caption=caption, **proof)


async def _caption(albums: Albums, receipt: Receipt, seconds: float) -> tuple[str | None, bool]:
    """The caption as soon as it is there; and whether waiting longer would be pointless."""
    if receipt.asset_id is None:
        return None, True
    deadline = time.monotonic() + seconds
    while True:
        caption, closed = await run_in_threadpool(_look, albums, receipt.asset_id)
        if caption or closed or time.monotonic() >= deadline:
            return caption, bool(caption) or closed
        await asyncio.sleep(_LOOK_EVERY)


def _look(albums: Albums, asset_id: int) -> tuple[str | None, bool]:
    with albums.library.read() as db:
        caption = text_of(caption_of(db, asset_id))
        work: dict[Any, Any] = {row["step"]: row["state"] for row in albums.ledger.of(db, asset_id)}
    return caption, work.get("caption") in ("done", "skipped", "failed", None)
