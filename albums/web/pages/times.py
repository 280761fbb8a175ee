"""Correcting times: what would change is shown first, and a whole correction can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import corrections as curate
from albums.curate.time_acts import Act, act_of
from albums.errors import AlbumsError, BadInput
from albums.library.assets import asset_by_sha
from albums.library.corrections import corrections
from albums.web.chosen import chosen
from albums.web.pages.render import render
from albums.web.request import Asking, Opened, PersonsRooms

router = APIRouter()
_LISTED = 20
_TOO_LONG = 2000


@dataclass(frozen=True)
class Asked:
    """What the form says: of a query or of one asset, an act, and how much, which zone or when."""

    q: str = ""
    sha: str = ""
    act: str = ""
    value: str = ""

    @property
    def correction(self) -> Act:
        """Raises BadInput."""
        key = {"shift": "by", "set": "to"}.get(self.act, "zone")
        return act_of({"act": self.act, key: self.value[:_TOO_LONG]})


def _in_query(q: str = "", sha: str = "", act: str = "", value: str = "") -> Asked:
    return Asked(q.strip()[:_TOO_LONG], sha, act, value.strip())


def _in_form(
    q: Annotated[str, Form()] = "",
    sha: Annotated[str, Form()] = "",
    act: Annotated[str, Form()] = "",
    value: Annotated[str, Form()] = "",
) -> Asked:
    return _in_query(q, sha, act, value)


@router.get("/times")
def times(
    request: Request,
    albums: Opened,
    asking: Asking,
    rooms: PersonsRooms,
    asked: Annotated[Asked, Depends(_in_query)],
    done: str = "",
) -> Response:
    """The form; once it is filled in, with what it would do."""
    told, error = None, None
    if asked.act:
        try:
            told = curate.preview(rooms, _shas(asking, rooms, asked), asked.correction)
        except AlbumsError as problem:
            error = problem
    return _page(request, albums, asked, told=told, error=error, done=done)


@router.post("/times")
def correct(
    request: Request,
    albums: Opened,
    asking: Asking,
    rooms: PersonsRooms,
    asked: Annotated[Asked, Depends(_in_form)],
    expected: Annotated[int, Form(ge=0)],
) -> Response:
    """What was shown before, if it is still the same."""
    try:
        shas = _shas(asking, rooms, asked)
        done = curate.correct(rooms, shas, asked.correction, query=asked.q, expected=expected)
    except AlbumsError as error:
        return _page(request, albums, asked, error=error)
    albums.runner.nudge()
    return RedirectResponse(f"/times?done={done.id or ''}", 303)


@router.post("/times/undo")
def undo(
    request: Request, albums: Opened, rooms: PersonsRooms, id: Annotated[str, Form()]
) -> Response:
    try:
        curate.undo(rooms, id)
    except AlbumsError as error:
        return _page(request, albums, Asked(), error=error)
    albums.runner.nudge()
    return RedirectResponse("/times", 303)


def _shas(asking: Asking, rooms: PersonsRooms, asked: Asked) -> list[str]:
    if asked.sha and asked.q:
        raise BadInput("One asset and a query do not go together")
    if not asked.sha:
        return chosen(asking, asked.q, None)
    with rooms.library.read() as db:
        return [asset_by_sha(db, asked.sha).sha]


def _page(
    request: Request, albums: Opened, asked: Asked, *, error: AlbumsError | None = None, **told: Any
) -> Response:
    with albums.library.read() as db:
        past = corrections(db, _LISTED)
        name = _name(albums, asked.sha)
    return render(
        request,
        "times.html",
        error.status if error else 200,
        asked=asked,
        error=error,
        past=past,
        name=name,
        zones=sorted(zone for zone in available_timezones() if "/" in zone),
        home=str(albums.tools.home),
        **told,
    )


def _name(albums: Opened, sha: str) -> str:
    """Of the one asset that is meant; '' where it is a query, or there is none such."""
    if not sha:
        return ""
    try:
        with albums.library.read() as db:
            return asset_by_sha(db, sha).name
    except AlbumsError:
        return ""
