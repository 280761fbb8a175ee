"""The manager: narrow by facets, choose, see what would change, change it, take it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import bulk
from albums.curate.bulk_acts import BulkAct, Times
from albums.curate.undoing import PastAct, last_acts, undo
from albums.errors import AlbumsError, BadInput
from albums.search.facets import FACETS
from albums.web.acting import act_of
from albums.web.chosen import MOST, chosen
from albums.web.pages.chips import parts
from albums.web.pages.listing import listing
from albums.web.pages.render import render
from albums.web.request import Asking, Faceted, Opened, PersonsRooms

router = APIRouter(prefix="/manage")
_PAGE = 200
_LISTED = 12  # acts
_RECENT = 12  # collections
_LONGEST = 2000  # characters
# What a button of the form is called, and the act that it stands for.
_SIMPLE: dict[str, dict[str, Any]] = {
    "favourite": {"kind": "favourite", "value": True},
    "unfavourite": {"kind": "favourite", "value": False},
    "private": {"kind": "private", "value": True},
    "public": {"kind": "private", "value": False},
    "unplace": {"kind": "place", "value": None},
    "trash": {"kind": "trash"},
    "restore": {"kind": "restore"},
}
Text = Annotated[str, Form(max_length=_LONGEST)]


@dataclass(frozen=True)
class Asked:
    """The form: of which assets, and what is to be done to them."""

    q: str
    which: str
    assets: list[str]
    without: list[str]
    act: str
    said: dict[str, str]

    def content(self) -> dict[str, Any]:
        """Of the act, as bulk_acts.py reads it. Raises BadInput."""
        said = self.said
        if self.act in _SIMPLE:
            return _SIMPLE[self.act]
        if self.act == "tags":
            return {"kind": "tags"} | {key: _listed(said[key]) for key in ("add", "remove")}
        if self.act == "rating":
            return {"kind": "rating", "value": int(said["rating"]) if said["rating"] else None}
        if self.act in ("collect", "uncollect"):
            return {"kind": self.act, "collection": said["collection"]}
        if self.act == "place":
            return {"kind": "place", "value": said["place"]}
        if self.act == "shift":
            return {"kind": "times", "act": "shift", "by": said["by"]}
        if self.act == "zone":
            return {"kind": "times", "act": "keep-clock", "zone": said["zone"]}
        if self.act == "steps":
            return {"kind": "steps", "steps": [said["step"]]}
        raise BadInput("Say what is to be done", hint="Press one of the buttons of the form")

    def fields(self) -> list[tuple[str, str]]:
        """The same form once more."""
        listed = [("assets", sha) for sha in self.assets] if self.which != "all" else []
        left_out = [("without", sha) for sha in self.without]
        plain = [("q", self.q), ("which", self.which), ("act", self.act), *self.said.items()]
        return [*plain, *listed, *left_out]


def _in_form(
    q: Text = "",
    which: Annotated[str, Form(pattern="^(chosen|all)$")] = "chosen",
    assets: Annotated[list[str], Form(max_length=MOST)] = [],  # noqa: B006 FastAPI copies it
    without: Annotated[list[str], Form(max_length=MOST)] = [],  # noqa: B006
    act: Text = "",
    add: Text = "",
    remove: Text = "",
    rating: Annotated[str, Form(pattern="^[0-5]?$")] = "",
    collection: Text = "",
    place: Text = "",
    by: Text = "",
    zone: Text = "",
    step: Text = "",
) -> Asked:
    said = {
        "add": add, "remove": remove, "rating": rating, "collection": collection,
        "place": place, "by": by, "zone": zone, "step": step,
    }  # fmt: skip
    return Asked(q.strip(), which, assets, without, act, said)


@router.get("/")
def manage(
    request: Request,
    albums: Opened,
    asking: Asking,
    facets: Faceted,
    q: str = "",
    after: str | None = None,
    facet: str = "",
    done: str = "",
) -> Response:
    """`facet`: those that are open, with commas; `done`: the act that was just done."""
    told: dict[str, Any] = {}
    try:
        found = listing(asking, q, after, _PAGE)
        told = {"listing": found, "parts": parts(found.query)}
        opened = [name for name in facet.split(",") if name in FACETS]
        told["opened"] = {name: facets.get(q, name) for name in opened}
    except AlbumsError as error:
        told = {"error": error}
    return _page(request, albums, q, done=done, facet=facet, **told)


@router.get("/facets/{name}")
def values_of_facet(
    request: Request, facets: Faceted, name: str, q: str = "", facet: str = ""
) -> Response:
    """The values of one facet, when it is opened."""
    values = facets.get(q, name)
    return render(request, "parts/manage/values.html", values=values, q=q, name=name, facet=facet)


@router.get("/collections")
def recent_collections(request: Request, albums: Opened) -> Response:
    """Those that were made last, to add to."""
    with albums.library.read() as db:
        rows = db.execute(
            "select name from collections where query is null order by id desc limit ?", (_RECENT,)
        ).fetchall()
    return render(request, "parts/manage/collections.html", names=[row["name"] for row in rows])


@router.post("/act")
def act(
    request: Request,
    albums: Opened,
    asking: Asking,
    rooms: PersonsRooms,
    asked: Annotated[Asked, Depends(_in_form)],
    first: Annotated[bool, Form()] = False,
    expected: Annotated[int | None, Form(ge=0)] = None,
) -> Response:
    """`first`: show what would change, and ask."""
    try:
        shas = _shas(asking, asked)
        wanted = act_of(albums.library, asked.content())
        if first:
            told = bulk.preview(rooms, shas, wanted)
            return render(request, "manage_preview.html", q=asked.q, told=told, asked=asked)
        done = bulk.perform(rooms, shas, wanted, query=_query(asked), expected=expected)
    except AlbumsError as error:
        return _page(request, albums, asked.q, error=error)
    albums.runner.nudge()
    return _back(asked.q, done.id or _without_id(wanted, done))


@router.post("/undo")
def take_back(
    request: Request,
    albums: Opened,
    rooms: PersonsRooms,
    id: Annotated[str, Form(max_length=40)],
    q: Text = "",
) -> Response:
    try:
        undo(rooms, id)
    except AlbumsError as error:
        return _page(request, albums, q, error=error)
    albums.runner.nudge()
    return _back(q, id)


def _back(q: str, done: str) -> Response:
    return RedirectResponse(f"/manage/?{urlencode({'q': q, 'done': done})}", 303)


def _without_id(wanted: BulkAct | Times, done: bulk.Done) -> str:
    return "steps" if wanted.kind == "steps" and done.changed else "none"


def _shas(asking: Asking, asked: Asked) -> list[str]:
    if asked.which == "all":
        return chosen(asking, asked.q, None, asked.without, whole=True)
    if not asked.assets:
        raise BadInput("Nothing is chosen", hint="Check some photos, or take all of them")
    return chosen(asking, None, asked.assets, whole=True)


def _query(asked: Asked) -> str:
    return asked.q if asked.which == "all" else ""


def _page(
    request: Request,
    albums: Opened,
    q: str,
    *,
    error: AlbumsError | None = None,
    done: str = "",
    facet: str = "",
    **told: Any,
) -> Response:
    with albums.library.read() as db:
        past = last_acts(db, _LISTED)
    return render(
        request,
        "manage.html",
        error.status if error else 200,
        q=q,
        error=error,
        facets={name: one.words for name, one in FACETS.items()},
        facet=facet,
        past=past,
        done=done,
        just=_just(past, done),
        steps=list(albums.ledger.plans),
        **told,
    )


def _just(past: list[PastAct], done: str) -> PastAct | None:
    return next((one for one in past if one.id == done), None)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
