"""Templates, and how dates and numbers are written for people."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from fastapi.templating import Jinja2Templates
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from albums.identity.access import Refusal
from albums.identity.health import Notice
from albums.web.pages.cards import span, years
from albums.web.pages.taken import taken
from albums.web.worries import notices

_TEMPLATES = Jinja2Templates(directory=Path(__file__).parent.parent / "templates")
_SLIMMEST, _WIDEST = 5, 30  # tenths of width / height that app.css knows
_PAGES_NAMED = 5


def render(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page. It may show private photos, so nobody between us and the browser keeps it."""
    context["worries"] = lambda: _worries(request)  # not asked where nobody may see them
    response = _TEMPLATES.TemplateResponse(request, template, context, status_code=status)
    response.headers["cache-control"] = "private, no-cache"
    return response


def text_of(template: str, **context: Any) -> str:
    """A page that stands by itself, outside of any request."""
    return _TEMPLATES.get_template(template).render(**context)


def _worries(request: Request) -> list[Notice]:
    """What keeps the owner's devices out, or will, and what may be lost."""
    found = notices(request.app, request.app.state.tailnet.known())
    return [notice for notice in found if notice.state != "good"]


def refused_page(scope: Scope, refused: Refusal) -> Response:
    """What somebody at the gate reads in a browser: nothing of the library is on it."""
    return render(Request(scope), "refused.html", refused.status, refused=refused)


def moment(iso: str | None) -> str:
    """ "2024-05-12T09:41:00+01:00" -> "12 May 2024, 09:41"."""
    if not iso:
        return "no date"
    at = datetime.fromisoformat(iso)
    return f"{at.day} {at:%B} {at.year}, {at:%H:%M}"


def moment_with_zone(iso: str | None) -> str:
    """ "2024-05-12T09:41:07+01:00" -> "12 May 2024, 09:41:07 UTC+01:00"."""
    if not iso:
        return "no date"
    at = datetime.fromisoformat(iso)
    return f"{moment(iso)}:{at:%S}" + (f" UTC{iso[-6:]}" if at.tzinfo else "")


def month(iso: str | None) -> str:
    """ "2024-05-12T09:41:00" -> "May 2024"."""
    if not iso:
        return "Without a date"
    at = datetime.fromisoformat(iso)
    return f"{at:%B} {at.year}"


def by_month(assets: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Months with their assets, in the order in which they come."""
    grouped = groupby(assets, key=lambda asset: month(asset["captured_at"]))
    return [(heading, list(group)) for heading, group in grouped]


def tenths(aspect: float | None) -> int:
    """The aspect ratio as the grid's classes name it."""
    return min(_WIDEST, max(_SLIMMEST, round((aspect or 1) * 10)))


def reasons(why: dict[str, Any]) -> str:
    """ "dog, beach · near in meaning 0.31 (strong) · taken in 2024"."""
    parts = [", ".join(why["words"])]
    if why["meaning"] is not None:
        parts.append(f"near in meaning {why['meaning']:.2f} ({why['near']})")
    return " · ".join(part for part in [*parts, *why["filters"]] if part)


def on_pages(pages: list[int]) -> str:
    """ "On page 3, 7": the best few."""
    named = ", ".join(map(str, sorted(pages[:_PAGES_NAMED])))
    more = ", …" if len(pages) > _PAGES_NAMED else ""
    return f"On page {named}{more}" if pages else ""


def size(number: int) -> str:
    """ "2.4 MB"."""
    if number < 1000:
        return f"{number} bytes"
    value, units = float(number), ["kB", "MB", "GB", "TB"]
    for unit in units:
        value /= 1000
        if value < 1000 or unit == units[-1]:
            break
    return f"{value:.1f} {unit}"


def clock(seconds: float) -> str:
    """0:07, 12:40, 3:05:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """ "less than a minute", "12 minutes", "3 hours", "2 days"."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = round(seconds / length)
        if seconds >= length:
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return "less than a minute"


def days_ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def is_web(link: str | None) -> bool:
    """May it be followed? An export is from strangers, and a link of it may be a script."""
    return bool(link) and str(link).startswith(("https://", "http://"))


_TEMPLATES.env.tests |= {"web": is_web}
_TEMPLATES.env.filters |= {
    "moment": moment,
    "moment_with_zone": moment_with_zone,
    "by_month": by_month,
    "tenths": tenths,
    "reasons": reasons,
    "on_pages": on_pages,
    "size": size,
    "clock": clock,
    "duration": duration,
    "days_ago": days_ago,
    "taken": taken,
    "span": span,
    "years": years,
}
_TEMPLATES.env.trim_blocks = _TEMPLATES.env.lstrip_blocks = True
