"""The models that look at the photos: which are here, which is chosen, and how far it has come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from albums.errors import AlbumsError
from albums.ml.samples import samples
from albums.web.pages.render import render
from albums.web.pages.work import StepNow, steps_now
from albums.web.request import Opened, Whole

router = APIRouter()
_KINDS = {
    "embedder": "Finding by meaning",
    "captioner": "Describing",
    "reader": "Reading what is written",
}
_STEPS = ("embed", "ocr", "caption")


@router.get("/models/")
def models(request: Request, albums: Opened, overview: Whole, used: str = "") -> Response:
    return _page(request, albums, overview, used=used)


@router.get("/models/progress")
def progress(request: Request, overview: Whole) -> Response:
    return render(request, "parts/models_progress.html", steps=_steps(request, overview))


@router.post("/models/use")
def use(
    request: Request, albums: Opened, overview: Whole, model: Annotated[str, Form(max_length=200)]
) -> Response:
    """Chosen from now on. What it is for is done anew; until then the old results serve."""
    try:
        albums.shelf.use(model, samples(albums.settings.library / "pictures"))
    except AlbumsError as error:
        return _page(request, albums, overview, error=error)
    albums.use_models()
    return RedirectResponse(f"/models/?used={model}", 303)


def _steps(request: Request, overview: Whole) -> list[StepNow]:
    return [step for step in steps_now(request, overview.numbers().work) if step.name in _STEPS]


def _page(
    request: Request,
    albums: Opened,
    overview: Whole,
    *,
    used: str = "",
    error: AlbumsError | None = None,
) -> Response:
    rows = albums.shelf.list()
    return render(
        request,
        "models.html",
        error.status if error else 200,
        kinds=[
            (kind, words, [r for r in rows if r.kind == kind]) for kind, words in _KINDS.items()
        ],
        fixed={kind for kind in _KINDS if getattr(albums.settings, kind) != "auto"},
        steps=_steps(request, overview),
        used=used,
        error=error,
    )
