"""Collections: all of them, and each with what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import collections as curate
from albums.curate.rooms import Rooms
from albums.errors import AlbumsError, NotFound
from albums.library.collections import one_collection, shown_in_order
from albums.search.rows import rows_of
from albums.web.api.collections import found_in
from albums.web.ask import Ask
from albums.web.collected import address, question
from albums.web.pages.chips import parts
from albums.web.pages.listing import listing
from albums.web.pages.render import render
from albums.web.request import Asking, Gathered, Opened, PersonsRooms

router = APIRouter()
_ARRANGED = 300  # photos on one page of the order by hand
Act = Literal[
    "edit", "delete", "add", "remove", "cover", "sort", "first", "earlier", "later", "freeze"
]
Text = Annotated[str, Form(max_length=10_000)]
Shas = Annotated[list[Annotated[str, Form(max_length=64)]] | None, Form(max_length=10_000)]


@dataclass(frozen=True)
class Said:
    """What a form of a collection's page says; each act uses its own."""

    name: str
    description: str
    query: str
    sort: str
    sha: list[str]
    start: int  # of the page of the order by hand that it comes from


@router.get("/collections/")
def collections(request: Request, gathered: Gathered) -> Response:
    return render(request, "collections.html", cards=gathered.cards())


@router.post("/collections/")
def create(
    request: Request,
    gathered: Gathered,
    asking: Asking,
    rooms: PersonsRooms,
    name: Text = "",
    description: Text = "",
    query: Text = "",
) -> Response:
    """With a query: a smart one."""
    try:
        if query.strip():
            asking.check_smart(name, query)
        made = curate.create(rooms, name, description, query)
    except AlbumsError as error:
        told: dict[str, Any] = {"error": error, "name": name, "query": query}
        return render(request, "collections.html", error.status, cards=gathered.cards(), **told)
    return RedirectResponse(address(made), 303)


@router.get("/collections/{name:path}")
def collection(
    request: Request,
    name: str,
    albums: Opened,
    asking: Asking,
    after: str | None = None,
    arrange: bool = False,
    start: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """With `arrange` the order by hand, from one on; a former name leads to the one of today."""
    found = _collection(albums, name)
    if found is None:
        return _unknown(request, name)
    if found["name"] != name:
        return RedirectResponse(address(found["name"]), 301)
    if arrange and found["query"] is None:
        return _arranging(request, albums, found, start)
    return _photos(request, asking, found, after)


@router.post("/collections/{name:path}")
def act(
    request: Request,
    name: str,
    act: Annotated[Act, Form()],
    albums: Opened,
    asking: Asking,
    rooms: PersonsRooms,
    called: Text = "",
    description: Text = "",
    query: Text = "",
    sort: Annotated[str, Form(max_length=10)] = "",
    sha: Shas = None,
    start: Annotated[int, Form(ge=0)] = 0,
) -> Response:
    """One press of a button. `called` is its name from now on."""
    said = Said(called, description, query, sort, sha or [], start)
    found = _collection(albums, name)
    if found is None:
        return _unknown(request, name)
    try:
        to = _ACTS[act](rooms, asking, name, said)
    except AlbumsError as error:
        return _photos(request, asking, found, error=error)
    return RedirectResponse(to, 303)


# --- what is shown


def _collection(albums: Opened, name: str) -> dict[str, Any] | None:
    with albums.library.read() as db:
        return one_collection(db, name)


def _unknown(request: Request, name: str) -> Response:
    error = NotFound(f"There is no collection called {name!r}")
    return render(request, "error.html", error.status, error=error)


def _photos(
    request: Request,
    asking: Ask,
    collection: dict[str, Any],
    after: str | None = None,
    error: AlbumsError | None = None,
) -> Response:
    shown: dict[str, Any] = {"collection": collection, "href": address(collection["name"])}
    try:
        shown["listing"] = listing(asking, question(collection["name"], collection["sort"]), after)
        if collection["query"]:
            shown["parts"] = parts(asking.query(collection["query"]))
            shown["words"] = " ".join(asking.query(collection["query"]).words)
    except AlbumsError as broken:
        error = error or broken
    status = error.status if error else 200
    return render(request, "collection.html", status, error=error, **shown)


def _arranging(
    request: Request, albums: Opened, collection: dict[str, Any], start: int
) -> Response:
    """Small tiles to be put in order. Begins with the order in which it is shown."""
    with albums.library.read() as db:
        shown = shown_in_order(db, collection["name"])
        assets = rows_of(db, list(shown.values())[start : start + _ARRANGED])
    beyond = list(shown)[start + _ARRANGED : start + _ARRANGED + 1]
    return render(
        request,
        "collection_arrange.html",
        collection=collection,
        href=address(collection["name"]),
        assets=assets,
        total=len(shown),
        start=start,
        beyond=beyond[0] if beyond else "",
        page=_ARRANGED,
    )


# --- what is done


def _edit(rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    query = " ".join(said.query.split())
    if query:
        asking.check_smart(name, query)
    news: dict[str, str | None] = {"name": said.name, "description": said.description}
    return address(curate.change(rooms, name, news | ({"query": query} if query else {})))


def _delete(rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    curate.delete(rooms, name)
    return "/collections/"


def _add(rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    curate.add(rooms, name, said.sha)
    return address(name)


def _remove(rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    curate.remove(rooms, name, said.sha)
    return _back(name, said)


def _cover(rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    curate.change(rooms, name, {"cover": next(iter(said.sha), None)})
    return _back(name, said)


def _sort(rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    curate.change(rooms, name, {"sort": said.sort})
    return address(name)


def _move(steps: int, rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    for sha in said.sha[:1]:
        curate.move_by(rooms, name, sha, steps)
    return _back(name, said)


def _back(name: str, said: Said) -> str:
    """To the page of the order by hand that the button was on."""
    at = f"#a-{said.sha[0][:12]}" if said.sha else ""
    return f"{address(name)}?arrange=1&start={said.start}{at}"


def _freeze(rooms: Rooms, asking: Ask, name: str, said: Said) -> str:
    curate.freeze(rooms, name, found_in(asking, name))
    return address(name)


_FAR = 1_000_000  # more places than any collection has
_ACTS: dict[str, Callable[[Rooms, Ask, str, Said], str]] = {
    "edit": _edit, "delete": _delete, "add": _add, "remove": _remove, "cover": _cover,
    "sort": _sort, "freeze": _freeze, "first": partial(_move, -_FAR),
    "earlier": partial(_move, -1), "later": partial(_move, 1),
}  # fmt: skip
