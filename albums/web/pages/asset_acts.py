"""What a person says of one asset on its page: plain forms, each about a few fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import assets as curate
from albums.errors import AlbumsError, BadInput
from albums.ingest.facts.gazetteer import gazetteer
from albums.web.pages.asset import asset_page
from albums.web.request import Asking, Opened, PersonsRooms

router = APIRouter()
_POINT = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]+)?)\s*[,; ]\s*([-+]?[0-9]+(?:\.[0-9]+)?)\s*")
_ZONE = re.compile(r"(?:UTC)?\s*([-+])?([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)


async def _form(request: Request) -> dict[str, str]:
    """Every field that was sent, also the empty ones: those take back what was said."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Form = Annotated[dict[str, str], Depends(_form)]


@router.post("/assets/{sha}/edit")
def edit(
    sha: str, request: Request, form: Form, albums: Opened, asking: Asking, rooms: PersonsRooms
) -> Response:
    """Fields that are not sent stay. Empty ones take back what the person said before."""
    q = form.get("q", "")
    try:
        asset = curate.edit(
            rooms,
            sha,
            _said(form),
            add=_words(form.get("tags", "")),
            remove=[form["untag"]] if form.get("untag") else [],
        )
    except AlbumsError as error:
        return asset_page(request, albums, asking, sha, q, error=error)
    albums.runner.nudge()
    return _back(asset.sha, q)


@router.post("/assets/{sha}/again")
def again(
    sha: str, request: Request, form: Form, albums: Opened, asking: Asking, rooms: PersonsRooms
) -> Response:
    """One step of the pipeline once more, or all that failed."""
    q = form.get("q", "")
    try:
        curate.retry(rooms, sha, form.get("step") or None)
    except AlbumsError as error:
        return asset_page(request, albums, asking, sha, q, error=error)
    albums.runner.nudge()
    return _back(sha, q)


def _back(sha: str, q: str) -> Response:
    query = f"?{urlencode({'q': q})}" if q else ""
    return RedirectResponse(f"/assets/{sha}{query}#info", 303)


def _said(form: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a form as `curate.edit` takes them; what is as it was (`was_title`) stays the
    word of who said it. Raises BadInput."""
    read: dict[str, Callable[[str], Any]] = {
        "title": str.strip,
        "description": str.strip,
        "rating": _rating,
        "favourite": _flag,
        "hidden": _flag,
        "location": _location,
    }
    changed = {name for name in read if name in form and form[name] != form.get(f"was_{name}")}
    said: dict[str, Any] = {name: read[name](form[name]) for name in sorted(changed)}
    if "captured_at" in form:
        said["captured_at"] = _moment(form["captured_at"], form.get("zone", ""))
    return said


def _rating(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 3 else None


def _flag(text: str) -> bool:
    return text == "1"


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _moment(local: str, zone: str) -> str | None:
    """ "2024-05-12T09:41", "+02:00" -> ISO 8601; no zone is a time that does not say its own."""
    if not local.strip():
        return None
    if not zone.strip():
        return local
    match = _ZONE.fullmatch(zone.strip())
    if match is None:
        raise BadInput(f"{zone[:40]!r} is not an offset from UTC", hint="Write it as +02:00")
    return f"{local.strip()}{match[1] or '+'}{match[2]:0>2}:{match[3] or '00'}"


def _location(text: str) -> list[float] | None:
    """ "38.72, -9.14" or the name of a city -> degrees."""
    if not text.strip():
        return None
    if match := _POINT.fullmatch(text):
        return [float(match[1]), float(match[2])]
    found = gazetteer().named(text[:200])
    if found is None:
        raise BadInput(
            f"No city is called {text.strip()[:60]!r}",
            hint='Write a city ("Porto" or "Paris, Texas") or degrees ("38.72, -9.14")',
        )
    return list(found[1])
