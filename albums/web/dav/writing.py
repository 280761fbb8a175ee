"""PUT: the body goes to the disk as it comes; only what came whole gets its name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from albums.sources.webdav import Writing
from albums.web.dav.asked import Asked
from albums.web.dav.items import etag_of, seconds_header
from albums.web.dav.places import DavRefusal
from albums.web.dav.verbs import new_entry

_BLOCK = 1 << 20  # bytes handed to the disk at once
_DIGITS = 19  # of a length in bytes
_IDLE = 60.0  # seconds that a client may be silent


async def put(asked: Asked, request: Request) -> Response:
    """Cut off, too long, or not what its checksum says: then nothing has changed."""
    length = _length(asked)
    await run_in_threadpool(_permit, asked)
    checksum = asked.headers.get("oc-checksum")
    writing = await run_in_threadpool(asked.inbox.begin, length, checksum)
    try:
        await _copy(request.stream(), writing)
        return await run_in_threadpool(_finish, asked, writing, length)
    except BaseException:
        writing.discard()
        raise


def _length(asked: Asked) -> int | None:
    """Finder says the length beside, when it sends in chunks."""
    if "content-range" in asked.headers:
        raise DavRefusal(400, "A file is sent whole, not in ranges")
    header = asked.headers.get("content-length") or asked.headers.get("x-expected-entity-length")
    if header is None:
        return None
    if not header.isascii() or not header.isdigit() or len(header) > _DIGITS:
        raise DavRefusal(400, "The length is not a number")
    return int(header)


def _permit(asked: Asked) -> None:
    entry = asked.find()
    if entry and entry.is_folder:
        raise DavRefusal(405, f"{asked.path or 'The inbox'} is a folder")
    asked.refuse_orphan(asked.path)
    asked.check(entry)
    standing = asked.locks.protecting(asked.owner, asked.path, names=entry is None)
    asked.unlock(standing)


async def _copy(body: AsyncIterator[bytes], writing: Writing) -> None:
    block = bytearray()
    while True:
        try:
            async with asyncio.timeout(_IDLE):
                chunk = await anext(body, None)
        except TimeoutError as error:
            raise DavRefusal(408, f"Nothing came for {_IDLE:.0f} seconds") from error
        if chunk:
            block += chunk
        if len(block) >= _BLOCK or (chunk is None and block):
            await run_in_threadpool(writing.add, bytes(block))
            block = bytearray()
        if chunk is None:
            return


def _finish(asked: Asked, writing: Writing, length: int | None) -> Response:
    size, sha = writing.finish(length)
    before = asked.find()
    modified = seconds_header(asked.headers.get("x-oc-mtime"))
    entry = replace(
        new_entry(asked, is_folder=False),
        size=size,
        sha=sha,
        bytes=writing.name,
        modified_ns=time.time_ns() if modified is None else modified,
        created_ns=before.created_ns if before else time.time_ns(),
        properties=before.properties if before else {},
    )
    is_locked = bool(asked.locks.on(asked.owner, asked.path))
    asked.inbox.keep(entry, taking=not is_locked)
    headers = dict.fromkeys(("etag", "oc-etag"), f'"{etag_of(sha)}"')
    if modified is not None:
        headers["x-oc-mtime"] = "accepted"
    return Response(status_code=204 if before else 201, headers=headers)
