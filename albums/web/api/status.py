"""How the box is: what it holds, what it works on, and with which models."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from albums import __version__
from albums.web.pace import seconds_left
from albums.web.request import Opened, Whole

router = APIRouter(tags=["status"])
BASIC = "basic"
PULL = "`albums models pull` brings the models that really look at a photo"


class Totals(BaseModel):
    """The library in numbers."""

    total: int = Field(description="files outside the trash", examples=[20481])
    stacked: int = Field(
        description="of these, how many lie under another in a stack: lists show the others",
        examples=[312],
    )
    by_kind: dict[str, int] = Field(examples=[{"photo": 20111, "video": 370}])
    bytes: int
    trashed: int


class StepStatus(BaseModel):
    """One step of the pipeline over the whole library."""

    step: str = Field(examples=["caption"])
    states: dict[str, int] = Field(examples=[{"done": 20000, "open": 480, "failed": 1}])
    rate: float = Field(description="assets a second, lately", examples=[1.4])
    seconds_left: float | None = Field(description="null: not known", examples=[342.9])


class Engines(BaseModel):
    """What looks at the photos now."""

    embedder: str = Field(description="space of the vectors: model and engine")
    captioner: str = Field(description="model, engine and version of captions")
    note: str = Field(description="what better models there are, and how to get them")


class CloudCalls(BaseModel):
    """What wanted to leave this box. None of it did."""

    stopped: int = Field(examples=[0])
    since: str = Field(examples=["2026-11-21T10:00:00+00:00"])


class Status(BaseModel):
    """How the box is."""

    version: str = Field(examples=["0.1.0"])
    paused: bool
    idle: bool = Field(description="nothing is left to do now")
    assets: Totals
    work: list[StepStatus]
    engines: Engines
    cloud_calls: CloudCalls | None = Field(description="null: nothing guards this process")


@router.get("/status", response_model=Status)
def read_status(albums: Opened, overview: Whole, request: Request) -> dict[str, Any]:
    """What the box holds and how far its work is."""
    numbers = overview.numbers()
    egress = request.app.state.egress
    rates = request.app.state.pace.rates(numbers.work)
    return {
        "version": __version__,
        "paused": albums.runner.paused,
        "idle": numbers.idle,
        "assets": numbers.assets,
        "work": [
            {
                "step": step,
                "states": states,
                "rate": round(rates[step], 2),
                "seconds_left": seconds_left(states, rates[step]),
            }
            for step, states in numbers.work.items()
        ],
        "engines": engines(albums),
        "cloud_calls": egress.as_dict() if egress else None,
    }


def engines(albums: Opened) -> dict[str, str]:
    """Which models are active, and what would be better."""
    embedder, captioner = albums.shelf.space(), albums.shelf.caption_version()
    basic = embedder.startswith(BASIC) or captioner.startswith(BASIC)
    note = f"The built-in models work without a download. {PULL}" if basic else ""
    return {"embedder": embedder, "captioner": captioner, "note": note}
