"""What will keep devices out or needs the owner's hand, said while there is time."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from albums.web.worries import notices

router = APIRouter(tags=["status"])


class NoticeAnswer(BaseModel):
    """One thing that was looked at."""

    name: Literal["tailscale", "key", "certificate", "originals", "backup", "inbox"] = Field(
        examples=["key"]
    )
    state: Literal["good", "doubtful", "broken"] = Field(
        description="doubtful: will be broken if nobody does anything", examples=["doubtful"]
    )
    found: str = Field(examples=["the box's key ends on 2026-12-01, in 9 days"])
    hint: str = Field(description="what to do", examples=["Switch its expiry off"])


class Refused(BaseModel):
    """Who was sent away since the box started."""

    since: str = Field(examples=["2026-04-26T18:42:14+00:00"])
    by_kind: dict[str, int] = Field(examples=[{"stranger": 3, "funnel": 1}])


class Health(BaseModel):
    """Everything that should worry somebody."""

    notices: list[NoticeAnswer]
    refused: Refused


@router.get("/health", response_model=Health)
async def read_health(request: Request) -> dict[str, Any]:
    """Tailscale, the box's key and its certificate, 30 days ahead; whether the originals are whole;
    and who was refused."""
    tailnet, refusals = request.app.state.tailnet, request.app.state.refusals
    found = await run_in_threadpool(notices, request.app, await tailnet.status())
    return {
        "notices": [vars(notice) for notice in found],
        "refused": {
            "since": refusals.since,
            "by_kind": {kind.value: count for kind, count in refusals.by_kind.items()},
        },
    }
