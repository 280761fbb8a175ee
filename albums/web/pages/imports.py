"""Imports as they run, and their receipts: what is proven, what is missing, what may be deleted."""

from __future__ import annotations

from threading import Event
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from albums.assembly import Albums
from albums.errors import AlbumsError, NotFound
from albums.library.import_receipts import find_receipt
from albums.sources.importing.rechecking import Recheck, check_receipt
from albums.sources.importing.reported import report
from albums.web.api.import_receipts import Checks, deletable_of, summaries
from albums.web.api.imports import TheJobs
from albums.web.pages.render import render
from albums.web.request import Opened

router = APIRouter()
_SHOWN = 500  # of each list
_REMEMBERED = 3  # imports that ended since the box started
_DOING = {
    "listing": "Looking what is there",
    "reading": "Reading and keeping",
    "matching": "Matching photos with what is said of them",
    "saying": "Writing down what is said",
    "proving": "Reading back from the disk",
    "done": "Done",
    "stopped": "Stopped",
}


@router.get("/imports")
def imports(request: Request, albums: Opened, jobs: TheJobs) -> Response:
    return render(request, "imports.html", **_known(albums, jobs))


@router.get("/imports/now")
def running(request: Request, albums: Opened, jobs: TheJobs) -> Response:
    """What of the page changes while an import runs."""
    return render(request, "parts/imports_now.html", **_known(albums, jobs))


@router.get("/imports/{number}")
def receipt(request: Request, number: int, albums: Opened, checks: Checks) -> Response:
    folder = albums.settings.library
    try:
        found = report(folder, find_receipt(folder, number), _SHOWN)
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)
    return render(request, "import.html", found=found, check=_last_check(checks, number))


@router.get("/imports/{number}/deletable")
def may_go(request: Request, number: int, albums: Opened) -> Response:
    """Asks for each photo, which takes a while: the page gets it when it is shown already."""
    try:
        found = deletable_of(albums, number)
    except NotFound as error:
        return render(request, "error.html", error.status, error=error)
    except AlbumsError as error:
        return render(request, "parts/import_deletable.html", error=error)
    return render(request, "parts/import_deletable.html", deletable=found, receipt=found.receipt)


@router.post("/imports/{number}/check")
def check(request: Request, number: int, albums: Opened, checks: Checks) -> Response:
    """Read everything from the disk again."""
    try:
        progress = Recheck(find_receipt(albums.settings.library, number))
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)

    def work(stop: Event) -> None:
        check_receipt(albums.receiver, number, progress, stop)

    checks.start(progress, work)
    return RedirectResponse(f"/imports/{number}", 303)


@router.get("/imports/{number}/check")
def checked(request: Request, number: int, checks: Checks) -> Response:
    """How far that is."""
    return render(request, "parts/import_check.html", check=_last_check(checks, number),
                  number=number)  # fmt: skip


def _known(albums: Albums, jobs: TheJobs) -> dict[str, Any]:
    all_jobs = [job.as_json() for job in jobs.all()]
    now = [job for job in all_jobs if job["running"]]
    ended = [job for job in all_jobs if not job["running"]][-_REMEMBERED:]
    return {
        "jobs": [*reversed(now), *reversed(ended)], "running": bool(now),
        "receipts": summaries(albums), "doing": _DOING,
    }  # fmt: skip


def _last_check(checks: Checks, number: int) -> dict[str, Any] | None:
    own = [job for job in checks.all() if job.progress.number == number]
    return own[-1].as_json() if own else None
