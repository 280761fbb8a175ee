"""The inbox folder: what waits there, what was taken, and what is left and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from albums.web.request import Opened

router = APIRouter(prefix="/inbox", tags=["inbox"])


class LeftFile(BaseModel):
    """A file that stays in the inbox, and why."""

    name: str = Field(description="below the inbox", examples=["galaxy-s24/DCIM/IMG_0001.jpg"])
    why: str


class InboxState(BaseModel):
    """How the inbox is. What was taken is counted since the box started."""

    folder: str = Field(examples=["/var/lib/albums/inbox"])
    running: bool
    notified: bool = Field(description="false: changes are only looked for now and then")
    waiting: int = Field(description="files that are not whole yet, or not reached yet")
    waiting_files: list[str] = Field(description="the first thousand, below the inbox")
    taken: int = Field(description="files that are in the library and gone from the inbox")
    new: int = Field(description="of them, whose bytes were not in the library before")
    last_taken_at: str | None
    left: int
    left_files: list[LeftFile] = Field(description="the first thousand")
    trouble: str = Field(description="why nothing is taken now; empty: all is well")


@router.get("", response_model=InboxState)
def read_inbox(albums: Opened) -> dict[str, Any]:
    """What waits in the inbox, what was taken, and what is left there and why."""
    report = asdict(albums.inbox.report())
    return report | {"left_files": [{"name": n, "why": w} for n, w in report["left_files"]]}
