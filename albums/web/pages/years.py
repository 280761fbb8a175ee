"""Years with their months, and the photos of a year."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from albums.errors import AlbumsError
from albums.library.browse import Counted, Named
from albums.search.dates import MONTHS
from albums.search.filters.when import On, Year
from albums.web.pages.cards import exactly
from albums.web.pages.render import render
from albums.web.request import Asking, Ways

router = APIRouter()


@dataclass(frozen=True)
class Month:
    """`key` is 2024-05; `about` is None where there is no photo."""

    key: str
    name: str
    about: Counted | None


@router.get("/years/")
def years(request: Request, ways: Ways) -> Response:
    months = ways.months()
    return render(
        request,
        "years.html",
        years=[(year, _months(year.name, months)) for year in ways.years()],
        total=sum(month.about.assets for month in months),
    )


@router.get("/years/{when}")
def year(
    when: str, request: Request, asking: Asking, ways: Ways, after: str | None = None
) -> Response:
    """2024, or one month of it: 2024-05."""
    kind = On if re.fullmatch(r"\d{4}-\d{2}", when) else Year
    try:
        chosen = kind.parse(when, asking.moment())
        found = exactly(asking, chosen, after)
    except AlbumsError as error:
        return render(request, "error.html", error.status, error=error)
    year = when[:4]
    known = ways.months() if kind is On else ways.years()
    names = [one.name for one in known]
    at = names.index(when) if when in names else None
    return render(
        request,
        "year.html",
        title=chosen.words(),
        crumbs=[("Years", "/years/")] + [(year, f"/years/{year}")] * (kind is On),
        about=known[at].about if at is not None else None,
        months=_months(year, ways.months()),
        chosen=when,
        later=names[at - 1] if at else None,
        earlier=names[at + 1] if at is not None and at + 1 < len(names) else None,
        q=found.q,
        listing=found,
    )


def _months(year: str, months: list[Named]) -> list[Month]:
    """All twelve."""
    about = {month.name: month.about for month in months}
    keys = [f"{year}-{number:02}" for number in range(1, 13)]
    return [
        Month(key, name.title(), about.get(key)) for key, name in zip(keys, MONTHS, strict=True)
    ]
