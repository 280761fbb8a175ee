"""The service worker, at the root: it serves the pages that lie below it."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

router = APIRouter()
_FILE = Path(__file__).parent.parent / "static" / "service-worker.js"


@router.get("/service-worker.js")
def service_worker() -> Response:
    headers = {"cache-control": "no-cache"}
    return FileResponse(_FILE, media_type="text/javascript", headers=headers)
