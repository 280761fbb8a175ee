"""Pictures that are made when somebody looks: the pages of a document or of a photo that has
several, and a photo in all its pixels."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from albums.errors import NotFound, Undecodable
from albums.library.assets import Asset, asset_by_sha
from albums.web.api.assets import Sha
from albums.web.errors import errors
from albums.web.files import file_response
from albums.web.request import Leafing, Opened

router = APIRouter(prefix="/assets", tags=["assets"])
_MOST = 1_000_000  # pages
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page", "content": {"image/jpeg": {}}},
    304: {"description": "The caller has it already"},
}


@router.get("/{sha}/pages/{number}", response_class=Response, responses=_PICTURE | errors(404, 422))
@router.head("/{sha}/pages/{number}", include_in_schema=False)
def read_page(
    sha: Sha,
    number: Annotated[int, Path(ge=1, le=_MOST, description="counted from 1", examples=[3])],
    request: Request,
    albums: Opened,
    leafing: Leafing,
) -> Response:
    """A page of a document, a TIFF or a HEIC, its longest edge 1600 pixels. Made when it is first
    asked for."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
    if asset.kind not in ("document", "photo"):
        raise _none(asset, number, "It has no pages")
    try:
        path = leafing.picture(asset, number)
    except Undecodable as error:
        if error.facts.get("reason") == "page":
            raise _none(asset, number, error.why) from error
        raise
    return file_response(request, path, "image/jpeg", f"{asset.sha}-page{number}")


@router.get("/{sha}/whole", response_class=Response, responses=_PICTURE | errors(404, 422))
@router.head("/{sha}/whole", include_in_schema=False)
def read_whole(sha: Sha, request: Request, albums: Opened, leafing: Leafing) -> Response:
    """A photo upright in all its pixels, also of what browsers do not show as it is: HEIC, raw
    files, TIFF. Made when it is first asked for."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
    if asset.kind != "photo":
        raise NotFound(f"{asset.name} has no whole picture", why="It is no photo")
    return file_response(request, leafing.whole(asset), "image/jpeg", f"{asset.sha}-whole")


def _none(asset: Asset, number: int, why: str) -> NotFound:
    return NotFound(f"{asset.name} has no page {number}", why=why)
