"""The audit log to read: who brought or changed what, when; and whether it is whole."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from albums.web.pages.render import render
from albums.web.request import Opened

router = APIRouter()
_PAGE = 100
_MOST = 10**15


@router.get("/audit/")
def audit(
    request: Request, albums: Opened, before: str = "", sha: str = "", check: bool = False
) -> Response:
    """`before`: entries older than this id; `sha`: only of this asset; `check`: read it all."""
    older = int(before) if before.isdecimal() and int(before) < _MOST else None
    entries = albums.audit.entries(before=older, sha=sha.strip().lower() or None, limit=_PAGE)
    return render(
        request,
        "audit.html",
        entries=entries,
        next=entries[-1].id if len(entries) == _PAGE else None,
        sha=sha,
        findings=albums.audit.check() if check else None,
    )


@router.get("/audit")
def without_slash(request: Request) -> Response:
    return RedirectResponse(f"/audit/?{request.url.query}".rstrip("?"), 307)
