"""/uploads: files in pieces, as tus 1.0 has it (https://tus.io/protocols/resumable-upload).

Core, creation, creation-with-upload, checksum, expiration and termination. This file reads and
writes headers; albums/sources/tus/ does the rest.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from albums.errors import AlbumsError, BadInput
from albums.identity.access import Caller
from albums.library.known_hashes import known_hashes
from albums.library.uploads import Upload
from albums.sources.tus.pieces import Piece, Tus
from albums.sources.tus.uploads import DIGESTS
from albums.sources.tus.writing import Checksum
from albums.web.errors import error_response, said_plainly
from albums.web.request import Called, opened

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
_CONTENT_TYPE = "application/offset+octet-stream"
_LONGEST_METADATA = 16 * 1024  # bytes
_MOST_BYTES = 1 << 62
_OVERRIDES = ("PATCH", "DELETE", "HEAD")


class BadHeader(BadInput):
    """tus wants 400 for these."""

    status, code = 400, "bad-header"


class TusRoute(APIRoute):
    """Speaks the version in every answer, errors included; hears no other."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def in_version(request: Request) -> Response:
            try:
                answer = _refuse_version(request) or await handle(request)
            except AlbumsError as error:
                answer = said_plainly(error)
                if error.status == 408:
                    answer.headers["connection"] = "close"
            answer.headers["tus-resumable"] = VERSION
            answer.headers["cache-control"] = "no-store"
            return answer

        return in_version


router = APIRouter(prefix="/uploads", include_in_schema=False, route_class=TusRoute)


@router.options("")
@router.options("/")
@router.options("/{upload_id}")
async def options(request: Request) -> Response:
    """What this server can do."""
    headers = {
        "tus-version": VERSION,
        "tus-extension": EXTENSIONS,
        "tus-checksum-algorithm": ",".join(DIGESTS),
    }
    limit = _tus(request).limit
    if limit is not None:
        headers["tus-max-size"] = str(limit)
    return Response(status_code=204, headers=headers)


@router.post("")
@router.post("/")
async def create(request: Request, caller: Called, again: bool = False) -> Response:
    """Begin an upload; the body, if there is one, is its first piece or the whole of it."""
    if "upload-length" not in request.headers:
        raise BadHeader("Upload-Length is missing", hint="Say the size of the file at once")
    length = _number(request, "upload-length")
    said = _metadata(request.headers.get("upload-metadata", ""))
    if again:
        said["again"] = "true"
    upload = await _tus(request).begin(
        _owner(caller), caller.origin, length, said, _first_piece(request)
    )
    return Response(
        status_code=201, headers={"location": f"/uploads/{upload.id}"} | _progress(request, upload)
    )


@router.head("/{upload_id}")
async def look(upload_id: str, request: Request, caller: Called) -> Response:
    """How far an upload is."""
    upload = await _tus(request).look(upload_id, _owner(caller))
    headers = _progress(request, upload) | {"upload-length": str(upload.length)}
    if upload.metadata:
        headers["upload-metadata"] = _as_metadata(upload)
    return Response(status_code=200, headers=headers)


@router.patch("/{upload_id}")
async def append(upload_id: str, request: Request, caller: Called) -> Response:
    """The next piece; answered once it is synced, and once the file is kept if it was the last."""
    if (refused := _refuse_content_type(request)) is not None:
        return refused
    piece = _piece(request, _number(request, "upload-offset"))
    upload = await _tus(request).append(upload_id, _owner(caller), piece)
    return Response(status_code=204, headers=_progress(request, upload))


@router.delete("/{upload_id}")
async def end(upload_id: str, request: Request, caller: Called) -> Response:
    """Forget an upload. What is in the library already stays there."""
    await _tus(request).end(upload_id, _owner(caller))
    return Response(status_code=204)


@router.post("/{upload_id}")
async def overridden(upload_id: str, request: Request, caller: Called) -> Response:
    """For clients behind proxies that only let POST through."""
    method = request.headers.get("x-http-method-override", "").upper()
    ways = {"PATCH": append, "DELETE": end, "HEAD": look}
    if method not in ways:
        raise BadHeader(
            "X-HTTP-Method-Override is missing or not known",
            hint=f"It may be {', '.join(_OVERRIDES)}",
        )
    return await ways[method](upload_id, request, caller)


def _owner(caller: Caller) -> str:
    """Who may go on with an upload: the device; on the box itself whoever is let in."""
    return caller.device or caller.door.value


def _tus(request: Request) -> Tus:
    tus = request.app.state.tus
    assert isinstance(tus, Tus)
    return tus


def _progress(request: Request, upload: Upload) -> dict[str, str]:
    """Of an upload that is done also what became of the file."""
    headers = {
        "upload-offset": str(upload.offset),
        "upload-expires": formatdate(upload.expires_at, usegmt=True),
    }
    if upload.state == "done" and upload.sha and upload.status:
        headers |= {"albums-sha256": upload.sha, "albums-status": upload.status}
        if upload.status == "deleted":
            headers |= _deleted_at(request, upload.sha)
    return headers


def _deleted_at(request: Request, sha: str) -> dict[str, str]:
    """When the owner threw away what was sent, UTC; nothing if it is here again since."""
    with opened(request).library.read() as db:
        when = known_hashes(db, [sha])[sha].deleted_at
    return {"albums-deleted-at": when} if when else {}


def _refuse_version(request: Request) -> Response | None:
    if request.method == "OPTIONS" or request.headers.get("tus-resumable") == VERSION:
        return None
    answer = error_response(
        412,
        "unknown-version",
        f"This speaks tus {VERSION}",
        hint=f"Send the header Tus-Resumable: {VERSION}",
    )
    answer.headers["tus-version"] = VERSION
    return answer


def _refuse_content_type(request: Request) -> Response | None:
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() == _CONTENT_TYPE:
        return None
    return error_response(
        415, "wrong-type", f"A piece of a file is sent as {_CONTENT_TYPE}", f"It came as {given!r}"
    )


def _first_piece(request: Request) -> Piece | None:
    """None where only the upload is begun."""
    length = request.headers.get("content-length")
    if length == "0" or (length is None and "transfer-encoding" not in request.headers):
        return None
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != _CONTENT_TYPE:
        raise BadHeader(f"A file is sent as {_CONTENT_TYPE}", why=f"It came as {given!r}")
    return _piece(request, 0)


def _piece(request: Request, offset: int) -> Piece:
    length = _number(request, "content-length") if "content-length" in request.headers else None
    return Piece(offset, request.stream(), length, _checksum(request))


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > _MOST_BYTES:
        raise BadHeader(f"{name} = {text[:100]!r} is not a number of bytes")
    return int(text)


def _checksum(request: Request) -> Checksum | None:
    given = request.headers.get("upload-checksum")
    if given is None:
        return None
    algorithm, _, encoded = given.strip().partition(" ")
    if algorithm not in DIGESTS:
        raise BadHeader(
            f"Checksums are not made with {algorithm[:40]!r} here",
            hint=f"One of {', '.join(DIGESTS)}",
        )
    digest = _decoded(encoded.strip(), "Upload-Checksum")
    if len(digest) != DIGESTS[algorithm]:
        raise BadHeader(f"Upload-Checksum is not a {algorithm}", why=f"It has {len(digest)} bytes")
    return Checksum(algorithm, digest)


def _metadata(header: str) -> dict[str, str]:
    """Pairs of key and base64, separated by commas; bytes that are not UTF-8 survive."""
    if len(header) > _LONGEST_METADATA:
        raise BadHeader(f"Upload-Metadata is longer than {_LONGEST_METADATA} bytes")
    said: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, encoded = pair.partition(" ")
        if key in said:
            raise BadHeader(f"Upload-Metadata says {key[:40]!r} twice")
        said[key] = _decoded(encoded.strip(), "Upload-Metadata").decode("utf-8", "surrogateescape")
    return said


def _as_metadata(upload: Upload) -> str:
    return ",".join(
        f"{key} {base64.b64encode(value.encode('utf-8', 'surrogateescape')).decode()}".strip()
        for key, value in upload.metadata.items()
    )


def _decoded(text: str, header: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadHeader(f"{header} is not base64", why=str(error)) from error
