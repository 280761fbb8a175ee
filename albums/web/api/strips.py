"""Many small pictures in one answer: a page of photos costs one request, not hundreds."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from albums.assembly import Albums
from albums.errors import BadInput
from albums.web.errors import errors
from albums.web.files import IMMUTABLE
from albums.web.request import Opened

router = APIRouter(tags=["assets"])
MOST = 64  # pictures in one answer
_HEX = frozenset("0123456789abcdef")
_STRIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "For each asset the length of its picture in four bytes, the highest first, "
        "and the picture; length 0 where there is none (yet)",
        "content": {"application/octet-stream": {}},
    },
    304: {"description": "The caller has it already"},
}


@router.get("/strip", response_class=Response, responses=_STRIP | errors(422))
def read_strip(
    request: Request,
    albums: Opened,
    of: Annotated[
        str,
        Query(
            description=f"SHA-256 of up to {MOST} assets, with commas",
            examples=["9c4a83e2f7b1d05c6e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d"],
            max_length=MOST * 65,
        ),
    ],
    size: Annotated[Literal["300", "800"], Query(description="longest edge in pixels")] = "300",
) -> Response:
    """The pictures of many assets, one after the other, as WebP (300) or JPEG (800)."""
    shas = _shas(of)
    etag = f'"{hashlib.sha256(f"{size}:{of}".encode()).hexdigest()[:32]}"'
    whole = {"etag": etag, "cache-control": IMMUTABLE}
    if request.headers.get("if-none-match") == etag:  # only given where none was missing
        return Response(status_code=304, headers=whole)
    pictures = [_picture(albums, sha, int(size)) for sha in shas]
    body = b"".join(len(picture).to_bytes(4, "big") + picture for picture in pictures)
    headers = whole if all(pictures) else {"cache-control": "private, no-store"}
    return Response(body, media_type="application/octet-stream", headers=headers)


def _shas(text: str) -> list[str]:
    shas = text.split(",")
    if len(shas) > MOST or not all(len(sha) == 64 and _HEX.issuperset(sha) for sha in shas):
        raise BadInput(f"`of` is 1 to {MOST} hashes of 64 digits, with commas between them")
    return shas


def _picture(albums: Albums, sha: str, size: int) -> bytes:
    try:
        return albums.vault.pictures.path(sha, size).read_bytes()
    except FileNotFoundError:
        return b""
