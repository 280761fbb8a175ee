"""Which models there are here. They are fetched and chosen by the box's own shell only."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from albums.web.errors import errors
from albums.web.request import Opened

router = APIRouter(prefix="/models", tags=["models"])


class Model(BaseModel):
    """One model of the manifest and its state here."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(examples=["clip-vit-b-32-256"])
    kind: str = Field(description="embedder, captioner or reader", examples=["embedder"])
    tier: str = Field(examples=["default"])
    state: str = Field(description="shipped, absent, partial, ready or chosen", examples=["absent"])
    licence: str = Field(examples=["MIT"])
    bytes: int | None = Field(description="size of the download; null: not known beforehand")
    dims: int | None = Field(description="of its vectors", examples=[512])
    languages: str = Field(examples=["English"])
    good_for: str = Field(examples=["search by meaning on a CPU"])


class Models(BaseModel):
    """All known models, from plainest to best within their kind."""

    models: list[Model]


class Active(BaseModel):
    """What looks at photos from now on."""

    embedder: str = Field(
        description="space of the vectors: model and engine", examples=["clip-vit-b-32-256@onnx"]
    )
    captioner: str = Field(
        description="version of the captions", examples=["florence-2-base:5ca5edf5:1"]
    )
    reader: str = Field(
        description="version of the text read in pictures", examples=["ppocr-v6-small:1"]
    )


@router.get("", response_model=Models)
def list_models(albums: Opened) -> dict[str, Any]:
    """Every known model. `albums models pull` on the box brings one."""
    return {"models": [row.as_dict() for row in albums.shelf.list()]}


@router.post(
    "/changed",
    response_model=Active,
    responses=errors(403),
)
def models_changed(albums: Opened) -> Active:
    """The shell chose or fetched a model: open again what depends on it."""
    albums.use_models()
    shelf = albums.shelf
    return Active(
        embedder=shelf.space(), captioner=shelf.caption_version(), reader=shelf.reader_version()
    )
