"""Memories: this day and this week in other years, and trips. Each is a list of photos."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError, BadInput, NotFound
from albums.library.browse import Counted
from albums.search.dates import Moment
from albums.search.filters.when import Day
from albums.search.memories import AROUND, Memory
from albums.search.trips import Trip
from albums.web.pages.cards import Card, span
from albums.web.pages.listing import listing
from albums.web.pages.render import render
from albums.web.request import Asking, Ways

router = APIRouter()
_DAY = r"\d{4}-\d{2}-\d{2}"
_OF_ANY_YEAR = r"\d{2}-\d{2}"


@dataclass(frozen=True)
class Told:
    """A memory by its address: what it is called, and the query that finds it."""

    title: str
    q: str
    about: Counted | None = None


@router.get("/memories")
def memories(request: Request, asking: Asking, ways: Ways, on: str = "") -> Response:
    """`on`: another day than today, as 2024-05-12."""
    today = asking.moment().today
    try:
        day = date.fromisoformat(on) if on else today
    except ValueError:
        return _refused(request, BadInput(f"{on!r} is not a day", hint="Write it as 2024-05-12"))
    found = ways.memories(day)
    return render(
        request,
        "memories.html",
        day=day,
        today=today,
        day_before=day - timedelta(days=1) if day > date.min else day,
        day_after=day + timedelta(days=1) if day < date.max else day,
        of_day=[_of_year(one) for one in found.of_day],
        of_week=[_of_year(one) for one in found.of_week],
        week=(day - timedelta(days=AROUND), day + timedelta(days=AROUND)),
        trips=[_journey(trip) for trip in ways.trips()],
    )


@router.get("/memories/{key}")
def memory(
    key: str, request: Request, asking: Asking, ways: Ways, after: str | None = None
) -> Response:
    """A day (2024-05-12), days (2024-05-12..2024-05-19), or those of any year (05-12)."""
    try:
        told = _told(key, ways.trips())
        found = listing(asking, told.q, after)
        if not found.total:
            raise NotFound("There is nothing to remember then")
    except AlbumsError as error:
        return _refused(request, error)
    return render(
        request,
        "browsed.html",
        title=told.title,
        crumbs=[("Memories", "/memories")],
        about=told.about,
        more=("", []),
        listing=found,
    )


def _refused(request: Request, error: AlbumsError) -> Response:
    return render(request, "error.html", error.status, error=error)


def _told(key: str, trips: list[Trip]) -> Told:
    """Raises BadInput."""
    if re.fullmatch(rf"{_OF_ANY_YEAR}(\.\.{_OF_ANY_YEAR})?", key):
        words = Day.parse(key, Moment(date.min)).words()
        return Told(words, f"day:{key} is:memory")
    if not re.fullmatch(rf"{_DAY}(\.\.{_DAY})?", key):
        raise BadInput(f"{key!r} is no memory", hint="All of them are at /memories")
    try:
        first, last = (date.fromisoformat(day) for day in (key[:10], key[-10:]))
        end = last + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{key!r} is no memory", why=str(error)) from error
    about = Counted(0, str(first), str(last), None, 0)
    trip = next((trip for trip in trips if (trip.first, trip.last) == (first, last)), None)
    q = f"on:{first} is:memory" if first == last else f"since:{first} before:{end} is:memory"
    if trip and trip.title:
        return Told(trip.title, q, about)
    return Told(span(about), q)


def _of_year(memory: Memory) -> Card:
    """ "5 years ago"."""
    ago = "1 year ago" if memory.years == 1 else f"{memory.years} years ago"
    return Card(ago, _address(memory.first, memory.last), _about(memory))


def _journey(trip: Trip) -> Card:
    title = trip.title or "Far from home"
    return Card(title, _address(trip.first, trip.last), _about(trip))


def _about(found: Memory | Trip) -> Counted:
    return Counted(found.photos, str(found.first), str(found.last), found.cover, 0)


def _address(first: date, last: date) -> str:
    return f"/memories/{first}" if first == last else f"/memories/{first}..{last}"
