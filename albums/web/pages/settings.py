"""Every setting with its meaning and value; and the theme, which belongs to one browser."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.settings import CONFIG_NAME, Settings
from albums.web.pages.render import render
from albums.web.request import Opened

router = APIRouter()
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Setting:
    """`changed`: not what it is where nobody says anything."""

    name: str
    help: str
    value: str
    changed: bool


@router.get("/settings/")
def settings(request: Request, albums: Opened) -> Response:
    return render(
        request,
        "settings.html",
        settings=[_shown(albums.settings, f.name) for f in fields(Settings)],
        file=albums.settings.library / CONFIG_NAME,
        theme=request.cookies.get("theme", "system"),
    )


@router.post("/settings/theme")
def theme(
    request: Request, theme: Annotated[Literal["system", "light", "dark"], Form()]
) -> Response:
    """Kept by this browser, for this browser."""
    answer = RedirectResponse("/settings/", 303)
    if theme == "system":
        answer.delete_cookie("theme")
    else:
        secure = request.url.scheme == "https"
        answer.set_cookie("theme", theme, _YEAR, samesite="lax", secure=secure, httponly=True)
    return answer


def _shown(settings: Settings, name: str) -> Setting:
    field = next(f for f in fields(Settings) if f.name == name)
    value = getattr(settings, name)
    return Setting(name, str(field.metadata["help"]), str(value), value != field.default)
