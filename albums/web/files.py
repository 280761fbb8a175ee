"""Originals and pictures over HTTP: ranges, validators, and no chance for a hostile file."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import quote

import anyio
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from albums.errors import NotFound
from albums.web.errors import error_response
from albums.web.ranges import parse_range

IMMUTABLE = "private, max-age=31536000, immutable"
_CHUNK = 1 << 20
# Shown in the browser. Everything else may hold scripts, and is saved as a file instead.
_HARMLESS = ("image/", "video/", "audio/", "text/plain")
_SCRIPTED = ("image/svg",)


def file_response(
    request: Request,
    path: Path,
    mime: str,
    etag: str,
    headers: Mapping[str, str] | None = None,
    part: tuple[int, int] | None = None,
) -> Response:
    """A whole file or the ranges of it that are asked for; `part` (offset, length) as if it were
    the file. Raises NotFound when it is gone."""
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise NotFound(
            f"{path.name} is missing from the disk", hint="Restore it from a backup"
        ) from error
    offset, size = part or (0, size)
    quoted = f'"{etag}"'
    common = {"etag": quoted, "cache-control": IMMUTABLE, "accept-ranges": "bytes"}
    common |= dict(headers or {})
    if _matches(request.headers.get("if-none-match"), quoted):
        return Response(status_code=304, headers=common)
    ranges = _asked(request.headers, size, quoted)
    if ranges == []:
        refusal = error_response(
            416, "range-not-satisfiable", "The file is shorter than that", size=size
        )
        refusal.headers["content-range"] = f"bytes */{size}"
        return refusal
    return _Served(path, offset, size, ranges, mime, common)


def disposition(name: str, mime: str) -> dict[str, str]:
    """Headers that name a file, and keep what could run a script from being run here."""
    harmless = mime.startswith(_HARMLESS) and not mime.startswith(_SCRIPTED)
    kind = "inline" if harmless else "attachment"
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    return {
        "content-disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
        "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    }


def _asked(headers: Headers, size: int, etag: str) -> list[tuple[int, int]] | None:
    if headers.get("if-range", etag) != etag:
        return None
    return parse_range(headers.get("range"), size)


def _matches(header: str | None, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return "*" in tags or etag in tags


class _Served(Response):
    """Streams in large blocks; the file is only opened when the answer begins."""

    def __init__(
        self,
        path: Path,
        offset: int,
        size: int,
        ranges: list[tuple[int, int]] | None,
        mime: str,
        headers: Mapping[str, str],
    ) -> None:
        self.path = path
        self.offset = offset
        several = ranges is not None and len(ranges) > 1
        boundary = secrets.token_hex(13) if several else ""
        self.parts = _parts(ranges, size, mime, boundary)
        own = {
            "content-type": f"multipart/byteranges; boundary={boundary}" if several else mime,
            "content-length": str(_length(self.parts)),
        }
        if ranges and len(ranges) == 1:
            own["content-range"] = _content_range(*ranges[0], size)
        self.status_code = 206 if ranges else 200
        self.background = None
        self.init_headers({**headers, **own})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await Response(status_code=self.status_code, headers=self.headers)(scope, receive, send)
            return
        streaming = StreamingResponse(self._content(), self.status_code, headers=self.headers)
        await streaming(scope, receive, send)

    async def _content(self) -> AsyncIterator[bytes]:
        file = await anyio.to_thread.run_sync(os.open, self.path, os.O_RDONLY)
        try:
            for before, start, end in self.parts:
                if before:
                    yield before
                while start < end:
                    block = await anyio.to_thread.run_sync(
                        os.pread, file, min(_CHUNK, end - start), self.offset + start
                    )
                    if not block:
                        raise OSError(f"{self.path.name} became shorter while it was sent")
                    start += len(block)
                    yield block
        finally:
            os.close(file)


# Bytes to send first, then the span of the file.
_Part = tuple[bytes, int, int]


def _parts(
    ranges: list[tuple[int, int]] | None, size: int, mime: str, boundary: str
) -> list[_Part]:
    if not ranges:
        return [(b"", 0, size)]
    if len(ranges) == 1:
        return [(b"", *ranges[0])]
    parts: list[_Part] = []
    for start, end in ranges:
        head = (
            f"\r\n--{boundary}\r\ncontent-type: {mime}\r\n"
            f"content-range: {_content_range(start, end, size)}\r\n\r\n"
        )
        parts.append((head.encode(), start, end))
    return [*parts, (f"\r\n--{boundary}--\r\n".encode(), 0, 0)]


def _content_range(start: int, end: int, size: int) -> str:
    return f"bytes {start}-{end - 1}/{size}"


def _length(parts: list[_Part]) -> int:
    return sum(len(before) + end - start for before, start, end in parts)
