"""One-time addresses for this machine's browser: only the box's own shell may ask for one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from albums.errors import Conflict
from albums.identity.access import Door
from albums.identity.local import entrance
from albums.web.errors import errors

router = APIRouter(prefix="/links", tags=["links"])


class Link(BaseModel):
    """An address that opens the box to this machine's browser, once and within a day."""

    address: str = Field(examples=["http://127.0.0.1:8300/enter?token=Zk1…"])


@router.post("", response_model=Link, responses=errors(403, 409))
def make_link(request: Request) -> Link:
    """A new one-time address of the loopback door."""
    found = request.app.state.doors.address(Door.LOCAL)
    if found is None:
        raise Conflict(
            "This box has no door for this machine's browser",
            why="It was not started with `albums serve --local`",
            hint="Open it from a device of yours, or start it with --local for a first look",
        )
    host, port = found
    shown = f"[{host}]" if ":" in host else host
    return Link(address=entrance(f"http://{shown}:{port}", request.app.state.sessions.link()))
