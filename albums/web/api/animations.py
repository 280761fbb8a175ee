"""Pictures that move, where the original is of a kind that browsers do not play."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from albums.errors import NotFound
from albums.library.assets import asset_by_sha
from albums.library.stills import still_in
from albums.web.api.assets import Sha
from albums.web.errors import errors
from albums.web.files import file_response
from albums.web.request import Leafing, Opened

router = APIRouter(prefix="/assets", tags=["assets"])
_MOVING: dict[int | str, dict[str, Any]] = {
    200: {"description": "The animation", "content": {"image/webp": {}}},
    304: {"description": "The caller has it already"},
}


@router.get("/{sha}/animation", response_class=Response, responses=_MOVING | errors(404, 422))
@router.head("/{sha}/animation", include_in_schema=False)
def read_animation(sha: Sha, request: Request, albums: Opened, leafing: Leafing) -> Response:
    """A HEIC sequence as an animated WebP. Made when it is first asked for."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
        still = still_in(db, asset)
    if still is None or still["animation"] != "animation":
        raise NotFound(f"{asset.name} has no animation", why="Its original is all there is to see")
    path = leafing.animation(asset)
    return file_response(request, path, "image/webp", f"{asset.sha}-animation")
