"""The audit log, and whether it is whole."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from albums.web.request import Opened

router = APIRouter(prefix="/audit", tags=["audit"])


class AuditEntry(BaseModel):
    """One thing that happened. Its hash covers the entry and the hash of the one before."""

    id: int = Field(examples=[17])
    at: str = Field(examples=["2026-04-27T01:42:14.125+00:00"])
    actor: str = Field(examples=["tailscale://galaxy-s24"])
    action: str = Field(examples=["ingested"])
    sha: str | None
    detail: dict[str, Any] = Field(examples=[{"name": "beach.jpg", "size": 2411724}])
    previous: str
    hash: str


class AuditPage(BaseModel):
    """Entries, newest first."""

    entries: list[AuditEntry]
    next: int | None = Field(description="`before` of the next page", examples=[17])


class Finding(BaseModel):
    """Where the chain of entries is broken, and how."""

    id: int
    what: str


class AuditCheck(BaseModel):
    """Whether anything was removed or altered."""

    whole: bool = Field(examples=[True])
    findings: list[Finding] = Field(examples=[[]])


@router.get("", response_model=AuditPage)
def read_audit(
    albums: Opened,
    before: Annotated[int | None, Query(description="entries older than this id")] = None,
    sha: Annotated[str | None, Query(description="only of this asset")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """What was ingested when and from where, and every change a person made."""
    entries = albums.audit.entries(before=before, sha=sha, limit=limit)
    return {
        "entries": [entry.as_json() for entry in entries],
        "next": entries[-1].id if len(entries) == limit else None,
    }


@router.get("/check", response_model=AuditCheck)
def check_audit(albums: Opened) -> dict[str, Any]:
    """Read the whole log again, in the database and in its file."""
    findings = [vars(finding) for finding in albums.audit.check()]
    return {"whole": not findings, "findings": findings}
