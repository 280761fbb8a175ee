"""Films and moving parts over HTTP: as every browser plays them, and byte for byte."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from albums.assembly import Albums
from albums.errors import NotFound
from albums.library.assets import Asset, asset_by_sha
from albums.library.moving import Moving, inside_of, moving_of
from albums.library.playable import STEP, Playable, play_state
from albums.web.api.assets import Play, Sha
from albums.web.errors import errors
from albums.web.files import disposition, file_response
from albums.web.request import Opened

router = APIRouter(prefix="/assets", tags=["assets"])
_SOON = 3  # seconds until a film that is being made is worth another look
# What is made may be made anew, under another limit: a browser asks whether it is still the same.
_ASKED_AGAIN = {"cache-control": "private, no-cache"}
_FILM: dict[int | str, dict[str, Any]] = {
    200: {"description": "The film", "content": {"video/mp4": {}, "video/webm": {}}},
    206: {"description": "The ranges asked for", "content": {"video/mp4": {}, "video/webm": {}}},
    304: {"description": "The caller has it already"},
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes", "content": {"application/octet-stream": {}}},
    206: {"description": "The ranges asked for", "content": {"application/octet-stream": {}}},
    304: {"description": "The caller has it already"},
}


class Progress(Play):
    """The same, and when to ask again."""

    retry_after: int | None = Field(description="seconds, while it is being made")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "state": "made",
                    "why": "its pictures (hevc)",
                    "width": 1920,
                    "height": 1080,
                    "size": 18_230_112,
                    "retry_after": None,
                }
            ]
        }
    )


@router.get("/{sha}/playable", response_model=Progress, responses=errors(404))
def read_playable(sha: Sha, albums: Opened) -> dict[str, Any]:
    """How far the version for browsers is. What is asked for is made next."""
    asset, moving = _film(albums, sha)
    state, why, made = _state(albums, asset, moving)
    sizes = {key: getattr(made, key, None) for key in ("width", "height", "size")}
    return {
        "state": state,
        "why": why,
        "retry_after": _SOON if state == "being made" else None,
    } | sizes


@router.get("/{sha}/play", response_class=Response, responses=_FILM | errors(404, 416))
@router.head("/{sha}/play", include_in_schema=False)
def read_play(sha: Sha, request: Request, albums: Opened) -> Response:
    """The film as every browser plays it: the original where that is so, else a version that was
    made of it; of a photo, its moving part. 404 says whether it is still being made."""
    asset, moving = _film(albums, sha)
    state, why, _ = _state(albums, asset, moving)
    if state == "being made":
        raise NotFound(f"{asset.name} is being made playable", why=why, retry_after=_SOON)
    if state == "not":
        raise NotFound(
            f"{asset.name} does not play in browsers",
            why=why,
            hint="The original is kept; save it and open it in a player",
            state=state,
        )
    if state == "as it is":
        return _as_it_is(request, albums, asset, moving)
    path = albums.vault.playables.path(moving.sha if moving else asset.sha)
    stat = path.stat()
    etag = f"{path.stem}-{stat.st_size:x}-{stat.st_mtime_ns:x}"
    headers = disposition(_named(asset.name, ".mp4"), "video/mp4") | _ASKED_AGAIN
    return file_response(request, path, "video/mp4", etag, headers)


@router.get("/{sha}/moving", response_class=Response, responses=_BYTES | errors(404, 416))
@router.head("/{sha}/moving", include_in_schema=False)
def read_moving(sha: Sha, request: Request, albums: Opened) -> Response:
    """The moving part of a live or motion photo, byte for byte."""
    asset, moving = _film(albums, sha)
    if moving is None:
        raise NotFound(f"{asset.name} has no moving part", hint="It is a film itself")
    extension = ".mov" if moving.mime == "video/quicktime" else ".mp4"
    name = _named(asset.name, extension) if moving.inside else moving.name
    return _bytes_of(request, albums, moving, name, moving.mime)


@router.get("/{sha}/still", response_class=Response, responses=_BYTES | errors(404, 416))
@router.head("/{sha}/still", include_in_schema=False)
def read_still(sha: Sha, request: Request, albums: Opened) -> Response:
    """The still of a live or motion photo without its film, byte for byte."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
        inside = inside_of(db, asset.id)
    if asset.kind != "photo":
        raise NotFound(f"{asset.name} has no still", why=f"It is a {asset.kind}")
    path = albums.vault.originals.path(asset.sha, asset.extension)
    headers = disposition(asset.name, asset.mime)
    if inside is None:
        return file_response(request, path, asset.mime, asset.sha, headers)
    part = (0, inside.still_length)
    return file_response(request, path, asset.mime, f"{asset.sha}-still", headers, part)


def _film(albums: Albums, sha: str) -> tuple[Asset, Moving | None]:
    """The asset, and what moves in it where it is a photo. Raises NotFound where nothing does."""
    with albums.library.read() as db:
        asset = asset_by_sha(db, sha)
        moving = moving_of(db, asset.id) if asset.kind == "photo" else None
    if moving is None and asset.kind != "video":
        raise NotFound(f"{asset.name} has no moving part", why=f"It is a {asset.kind}")
    return asset, moving


def _state(
    albums: Albums, asset: Asset, moving: Moving | None
) -> tuple[Literal["as it is", "made", "being made", "not"], str, Playable | None]:
    """How far it is; who asks for what is not there waits for it."""
    asset_id, sha = (moving.asset_id, moving.sha) if moving else (asset.id, asset.sha)
    with albums.library.read() as db:
        state, why, made = play_state(db, albums.ledger, asset_id)
    if state == "made" and not albums.vault.playables.path(sha).is_file():
        with albums.library.write() as db:
            albums.ledger.reopen(db, STEP, [asset_id])
        state, why = "being made", "It was deleted, and is made again"
    if state == "being made":
        albums.runner.hurry(STEP, asset_id)
    return state, why, made


def _as_it_is(request: Request, albums: Albums, asset: Asset, moving: Moving | None) -> Response:
    name, mime = (moving.name, moving.mime) if moving else (asset.name, asset.mime)
    # The same container by its newer name, which browsers know.
    mime = "video/mp4" if mime in ("video/quicktime", "video/3gpp", "video/3gpp2") else mime
    if moving:
        return _bytes_of(request, albums, moving, name, mime, _ASKED_AGAIN)
    path = albums.vault.originals.path(asset.sha, asset.extension)
    headers = disposition(name, mime) | _ASKED_AGAIN
    return file_response(request, path, mime, asset.sha, headers)


def _bytes_of(
    request: Request,
    albums: Albums,
    moving: Moving,
    name: str,
    mime: str,
    headers: dict[str, str] | None = None,
) -> Response:
    path: Path = albums.vault.originals.path(moving.sha, moving.extension)
    headers = disposition(name, mime) | (headers or {})
    if moving.inside is None:
        return file_response(request, path, mime, moving.sha, headers)
    part = (moving.inside.offset, moving.inside.length)
    return file_response(request, path, mime, f"{moving.sha}-moving", headers, part)


def _named(name: str, extension: str) -> str:
    return f"{PurePath(name).stem}{extension}"
