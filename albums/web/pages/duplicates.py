"""Copies side by side: one is kept, or all are. The words for what differs are here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from albums.curate import duplicates as curate
from albums.errors import AlbumsError
from albums.library import acts
from albums.library.assets import asset_by_sha
from albums.library.duplicate_detail import shown
from albums.library.duplicate_groups import group_with
from albums.library.duplicate_pairs import STEP
from albums.web.api.duplicates import After, read_duplicates
from albums.web.pages.render import clock, moment, render, size
from albums.web.request import Opened, PersonsRooms

router = APIRouter()
_PAGE = 12
Act = Literal["merge", "keep-all", "ask", "exact", "undo"]
Shas = Annotated[list[str], Form(max_length=curate.MOST)]


@router.get("/duplicates/")
def duplicates(
    request: Request,
    albums: Opened,
    after: After = None,
    exact: bool = False,
    act: Annotated[str | None, Query(pattern="^[0-9a-f]{4,40}$")] = None,
) -> Response:
    return _page(request, albums, after, exact=exact, act=act)


@router.post("/duplicates/")
def change(
    request: Request,
    albums: Opened,
    rooms: PersonsRooms,
    act: Annotated[Act, Form()],
    keep: Annotated[str, Form(max_length=64)] = "",
    every: Shas = [],  # noqa: B006
    other: Shas = [],  # noqa: B006
    id: Annotated[str, Form(max_length=40)] = "",
    after: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """One press of a button. A group that is dealt with gives way to a line with an undo; without
    JavaScript, the page comes again."""
    in_place = "hx-request" in request.headers
    if act == "ask":
        return _page(request, albums, asking=curate.preview_exact(rooms))
    try:
        done = _act(rooms, act, keep, every, other, id)
    except AlbumsError as error:
        if in_place:
            return render(request, "parts/duplicates/trouble.html", error.status, error=error)
        return _page(request, albums, after or None, error=error)
    albums.runner.nudge()
    if in_place:
        return _part(request, albums, act, done, every[:1] or [keep], after)
    back = {"merge": f"?act={done}", "keep-all": f"?act={done}", "exact": f"?act={done}"}
    more = f"&after={after}" if after and act in back else ""
    return RedirectResponse(f"/duplicates/{back.get(act, '')}{more}", 303)


def _act(
    rooms: PersonsRooms, act: Act, keep: str, every: list[str], other: list[str], id: str
) -> str:
    """Returns the id by which it is undone."""
    if act == "merge":
        return curate.merge(rooms, keep, [sha for sha in other if sha != keep]).id or ""
    if act == "keep-all":
        return curate.keep_all(rooms, every)
    if act == "undo":
        return curate.undo(rooms, id).id
    merged = curate.merge_exact(rooms)
    while merged.left:
        merged = curate.merge_exact(rooms)
    return merged.id or ""


def _part(
    request: Request, albums: Opened, act: Act, done: str, named: list[str], after: str
) -> Response:
    """What takes the place of the group, or the group again."""
    with albums.library.read() as db:
        if act != "undo":
            past = acts.act(db, done)
            return render(request, "parts/duplicates/done.html", act=past, named=named, after=after)
        group = group_with(db, asset_by_sha(db, named[0]).id)
        found = [_with_words(g) for g in shown(db, [group] if group else [])]
    return render(
        request, "parts/duplicates/group.html", group=found[0] if found else None, after=after
    )


def _page(
    request: Request,
    albums: Opened,
    after: str | None = None,
    *,
    exact: bool = False,
    act: str | None = None,
    error: AlbumsError | None = None,
    **told: Any,
) -> Response:
    found = read_duplicates(albums, after, _PAGE, exact)
    with albums.library.read() as db:
        past = acts.act(db, act) if act else None
        states = albums.ledger.progress(db).get(STEP, {})
    return render(
        request, "duplicates.html", error.status if error else 200,
        found=found | {"groups": [_with_words(group) for group in found["groups"]]},
        act=past, after=after or "", exact=exact, error=error,
        open=states.get("open", 0) + states.get("waiting", 0), **told,
    )  # fmt: skip


# --- what differs, in words


def _with_words(group: dict[str, Any]) -> dict[str, Any]:
    """With `rows`: what it is called, and of each copy what it has there and whether it is more."""
    rows = [
        (name, _cells(group["assets"], fields[0], words))
        for name, fields, words in _ROWS
        if set(fields) & set(group["differs"])
    ]
    return group | {"rows": [(name, cells) for name, cells in rows if len(set(cells)) > 1]}


def _cells(
    copies: list[dict[str, Any]], field: str, words: Callable[[dict[str, Any]], str]
) -> list[tuple[str, bool]]:
    numbers = [copy[field] or 0 if field in _MORE else 0 for copy in copies]
    most = max(numbers) or None
    said = [words(copy) or "–" for copy in copies]
    if field == "size" and len(set(said)) == 1:  # rounded, they are the same
        said = [f"{copy['size']:,} bytes" for copy in copies]
    return [(text, number == most) for text, number in zip(said, numbers, strict=True)]


_MORE = ("pixels", "size")  # of which more is better
_BY = {
    "person": "you said so", "exif": "its EXIF", "xmp": "its XMP", "iptc": "its IPTC",
    "container": "the film itself", "name": "the name of its file", "file": "the times of its file",
    "arrival": "when it came in", "neighbours": "its EXIF, with the zone of what was near",
    "takeout": "Google Takeout", "apple": "iCloud", "flickr": "Flickr", "rule": "a rule",
    "instant": "who exported it",
}  # fmt: skip


def _pixels(copy: dict[str, Any]) -> str:
    if not copy["pixels"]:
        return ""
    return f"{copy['width']} × {copy['height']}, {copy['pixels'] / 1e6:.1f} MP"


def _format(copy: dict[str, Any]) -> str:
    name = str(copy["mime"]).rsplit("/", 1)[-1].removeprefix("x-").upper()
    extras = ["moves"] if copy["moves"] else []
    return ", ".join([name, *extras, *(["HDR"] if copy["gain_map"] else [])])


def _taken(copy: dict[str, Any]) -> str:
    if not copy["captured_at"]:
        return ""
    by = copy["captured_by"]
    return f"{moment(copy['captured_at'])} ({_BY.get(by, by)})"


def _where(copy: dict[str, Any]) -> str:
    if copy["location"] is None:
        return copy["place"] or ""
    degrees = "{:.4f}, {:.4f}".format(*copy["location"])
    return f"{copy['place']} ({degrees})" if copy["place"] else degrees


def _listed(field: str) -> Callable[[dict[str, Any]], str]:
    return lambda copy: ", ".join(copy[field])


def _plain(field: str) -> Callable[[dict[str, Any]], str]:
    return lambda copy: str(copy[field] or "")


def _said(field: str, words: str) -> Callable[[dict[str, Any]], str]:
    return lambda copy: words if copy[field] else ""


_ROWS: tuple[tuple[str, tuple[str, ...], Callable[[dict[str, Any]], str]], ...] = (
    ("Pixels", ("pixels",), _pixels),
    ("Size", ("size",), lambda copy: size(copy["size"])),
    ("Format", ("mime", "moves", "gain_map"), _format),
    ("Length", ("duration",), lambda copy: clock(copy["duration"] or 0)),
    ("Taken", ("captured_at", "captured_by"), _taken),
    ("Camera", ("camera",), _plain("camera")),
    ("Lens", ("lens",), _plain("lens")),
    ("Place", ("place", "location"), _where),
    ("Title", ("title",), _plain("title")),
    ("Words", ("description",), _plain("description")),
    ("Tags", ("tags",), _listed("tags")),
    ("People", ("people",), _listed("people")),
    ("Collections", ("collections",), _listed("collections")),
    ("Favourite", ("favourite",), _said("favourite", "yes")),
    ("Stars", ("rating",), lambda copy: "★" * (copy["rating"] or 0)),
    ("Private", ("hidden",), _said("hidden", "kept out of the timeline")),
    ("You", ("edited",), _said("edited", "said something of it")),
    ("Original", ("damaged",), _said("damaged", "damaged or missing")),
    ("Name", ("name", "folder"), lambda copy: f"{copy['folder']}/{copy['name']}".lstrip("/")),
    ("Came in", ("received_at", "origin"), lambda c: f"{moment(c['received_at'])}, {c['origin']}"),
)
