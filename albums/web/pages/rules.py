"""Cleanup rules: what each does, and what a new one would touch before it is made."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from albums.curate import rules as curate
from albums.curate.rule_preview import Preview, expect
from albums.errors import AlbumsError
from albums.library.rule_actions import ShiftDate
from albums.library.rules import Rule, rule_of
from albums.library.when import amount
from albums.search.rows import rows_of
from albums.web.api.rules import RuleId, knowing_of, list_rules, seen_of
from albums.web.pages.render import render
from albums.web.request import Opened, PersonsRooms
from albums.web.rule_asked import rule_asked

router = APIRouter()
_TOO_LONG = 2000
_SHORT = 200


class Asked(BaseModel):
    """What the form says; times and places as they were typed."""

    q: str = Field("", max_length=_TOO_LONG)
    action: str = ""
    name: str = Field("", max_length=_SHORT)
    whose: list[str] = Field([], max_length=10)
    by: str = Field("", max_length=_SHORT)
    since: str = Field("", max_length=_SHORT)
    until: str = Field("", max_length=_SHORT)
    shown: list[str] = Field(["", ""], max_length=2)  # by the clock, at two moments ...
    right: list[str] = Field(["", ""], max_length=2)  # ... and what was right
    country: str = Field("", max_length=_SHORT)
    only: str = Field("", max_length=_TOO_LONG)
    to: str = Field("", max_length=_SHORT)
    id: str = Field("", pattern="^[0-9a-f]{0,40}$")  # of the rule that is changed
    expected: int | None = Field(None, ge=0)  # how many the dry run said
    done: str = Field("", max_length=_SHORT)  # what was done on the page before

    def rule(self, *, enabled: bool = True) -> Rule:
        """Raises BadInput."""
        said = self.model_dump() | {
            "query": self.q,
            "anchors": list(zip(self.shown, self.right, strict=False)),
            "only": [name for name in self.only.split(",") if name.strip()],
        }
        return rule_asked(said, self.id, enabled=enabled)


@router.get("/rules/")
def rules(
    request: Request,
    albums: Opened,
    asked: Annotated[Asked, Query()],
) -> Response:
    """The rules; and once the form is filled in, what it would do."""
    told, error = None, None
    if asked.action:
        try:
            told = seen_of(albums, asked.rule())
        except AlbumsError as problem:
            error = problem
    return _page(request, albums, asked, told=told, error=error)


@router.post("/rules/")
def save(
    request: Request,
    albums: Opened,
    rooms: PersonsRooms,
    asked: Annotated[Asked, Form()],
) -> Response:
    """What was shown before, if it is still the same."""
    try:
        rule = asked.rule(enabled=_enabled(albums, asked.id))
        expect(seen_of(albums, rule), asked.expected)
        if asked.id:
            curate.change(rooms, knowing_of(albums), rule)
        else:
            curate.add(rooms, knowing_of(albums), rule)
    except AlbumsError as error:
        return _page(request, albums, asked, error=error)
    albums.runner.nudge()
    return RedirectResponse(f"/rules/?done={'changed' if asked.id else 'made'}", 303)


@router.get("/rules/{id}")
def one_rule(request: Request, id: RuleId, albums: Opened) -> Response:
    """What a rule does, and the form to change it."""
    with albums.library.read() as db:
        rule = rule_of(db, id)
    told, error = None, None
    try:
        told = seen_of(albums, rule)
    except AlbumsError as problem:
        error = problem
    return _page(request, albums, _as_asked(rule), told=told, error=error, rule=rule)


@router.post("/rules/run")
def run(albums: Opened, rooms: PersonsRooms) -> Response:
    """Look again at all that rules find or touch."""
    curate.run(rooms, knowing_of(albums))
    albums.runner.nudge()
    return RedirectResponse("/rules/?done=running", 303)


@router.post("/rules/{id}")
def alter(
    request: Request,
    id: RuleId,
    act: Annotated[Literal["on", "off", "up", "down", "remove", "restore"], Form()],
    albums: Opened,
    rooms: PersonsRooms,
) -> Response:
    """One press of a button."""
    knowing, done = knowing_of(albums), ""
    try:
        if act in ("on", "off"):
            with albums.library.read() as db:
                rule = rule_of(db, id)
            curate.change(rooms, knowing, replace(rule, enabled=act == "on"))
        elif act == "up" or act == "down":
            curate.move(rooms, knowing, id, act)
        elif act == "remove":
            curate.remove(rooms, knowing, id)
            done = "removed"
        else:
            curate.take_out(rooms, id)
            done = "restored"
    except AlbumsError as error:
        return _page(request, albums, Asked(), error=error)
    albums.runner.nudge()
    return RedirectResponse(f"/rules/?done={done}" if done else "/rules/", 303)


def _enabled(albums: Opened, rule_id: str) -> bool:
    """A rule that is off stays so when it is changed."""
    if not rule_id:
        return True
    with albums.library.read() as db:
        return rule_of(db, rule_id).enabled


def _as_asked(rule: Rule) -> Asked:
    """As it would be typed."""
    said: dict[str, Any] = rule.details
    anchors = said.get("anchors") or [["", ""], ["", ""]]
    to = said.get("to_name") or ", ".join(str(degrees) for degrees in said.get("to") or ())
    by = amount(rule.does.by) if isinstance(rule.does, ShiftDate) and rule.does.by else ""
    return Asked(
        q=rule.query,
        action=rule.action,
        name=rule.name,
        whose=list(said.get("whose") or ()),
        by=by,
        since=said.get("since", ""),
        until=said.get("until", ""),
        shown=[shown for shown, _ in anchors],
        right=[right for _, right in anchors],
        country=said.get("country_name", ""),
        only=", ".join(said.get("only") or ()),
        to=to,
        id=rule.id,
    )


def _page(
    request: Request,
    albums: Opened,
    asked: Asked,
    *,
    told: Preview | None = None,
    error: AlbumsError | None = None,
    **more: Any,
) -> Response:
    with albums.library.read() as db:
        tiles = _tiles(db, told) if told else []
    return render(
        request,
        "rules.html",
        error.status if error else 200,
        asked=asked,
        error=error,
        told=told,
        tiles=tiles,
        listed=list_rules(albums),
        **more,
    )


def _tiles(db: sqlite3.Connection, told: Preview) -> list[dict[str, Any]]:
    """The samples, with what a tile shows."""
    shas = [sample.sha for sample in told.samples]
    rows = db.execute(
        "select id from assets where sha in (select value from json_each(?))", (json.dumps(shas),)
    )
    shown = {row["sha"]: row for row in rows_of(db, [row["id"] for row in rows])}
    return [
        shown[sample.sha] | {"before": sample.before, "after": sample.after}
        for sample in told.samples
        if sample.sha in shown
    ]
