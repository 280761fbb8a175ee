"""The ASGI application at /dav: finds out what is asked for and who does it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from albums.assembly import Albums
from albums.errors import AlbumsError
from albums.identity.access import Kind
from albums.library.dav_files import Entry, entries_in
from albums.sources.webdav import Inbox
from albums.web.dav import tree, verbs
from albums.web.dav.asked import Asked
from albums.web.dav.items import Item, Space, answer, http_date, item_of
from albums.web.dav.locks import Locks
from albums.web.dav.markup import Found, multistatus, parse_xml, refusal_response
from albums.web.dav.places import DavRefusal, place_of
from albums.web.dav.writing import put
from albums.web.files import disposition, file_response
from albums.web.request import caller

log = logging.getLogger(__name__)
_LONGEST_BODY = 64 * 1024  # bytes of XML
_LOOK_EVERY = 30  # seconds
_LINGER_SECONDS = 5.0
_LINGER_BYTES = 1 << 20
_READING = ("OPTIONS", "GET", "HEAD", "PROPFIND")
_VERBS: dict[str, Callable[[Asked, bytes], Response]] = {
    "MKCOL": verbs.mkcol,
    "DELETE": verbs.delete,
    "COPY": verbs.copy,
    "MOVE": verbs.move,
    "LOCK": verbs.lock,
    "UNLOCK": verbs.unlock,
    "PROPPATCH": verbs.proppatch,
}
_GREETING = (
    "This is the WebDAV address of Albums: open it with PhotoSync, FolderSync, rclone or a file "
    "manager. inbox/ takes files in; library/ shows what is there.\n"
)


class Dav:
    """Serves /dav and all below it."""

    def __init__(self, albums: Albums, inbox: Inbox) -> None:
        self._albums = albums
        self.inbox = inbox
        self._locks = Locks()
        self._closing = asyncio.Event()

    async def take_quiet(self) -> None:
        """Now and then, take in what waits in an inbox and is not worked on any more."""
        while not self._closing.is_set():
            try:
                await run_in_threadpool(self.inbox.take_quiet, self._is_locked)
            except (AlbumsError, OSError) as error:
                log.warning("what waits in the inboxes is looked at again later: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _LOOK_EVERY)

    def close(self) -> None:
        """End `take_quiet` once it has finished what it is at."""
        self._closing.set()

    def _is_locked(self, entry: Entry) -> bool:
        return bool(self._locks.on(entry.owner, entry.path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except DavRefusal as refusal:
            await _drain(request)
            response = refusal_response(refusal)
        except AlbumsError:
            await _drain(request)
            raise
        response.headers.setdefault("cache-control", "private, no-cache")
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        asked = Asked(
            request.method,
            place_of(request.scope["path"]),
            request.headers,
            caller(request),
            self.inbox,
            self._locks,
        )
        writable = asked.place.room == "inbox"
        if request.method == "OPTIONS":
            return _options(writable)
        if request.method in ("GET", "HEAD"):
            return await run_in_threadpool(self._get, asked, request)
        if request.method == "PROPFIND":
            body = await _body(request)
            return await run_in_threadpool(self._propfind, asked, body)
        if not writable:
            raise DavRefusal(403, "Only the inbox can be written to", hint="Use /dav/inbox")
        if request.method == "PUT":
            return await put(asked, request)
        if request.method not in _VERBS:
            raise DavRefusal(405, f"{request.method} is not done here")
        body = await _body(request)
        return await run_in_threadpool(_VERBS[request.method], asked, body)

    def _get(self, asked: Asked, request: Request) -> Response:
        if asked.place.room == "library":
            item, shown = tree.find(self._albums, asked.path)
            if shown:
                return tree.serve(request, self._albums, item, shown)
        elif asked.place.room == "inbox":
            entry = asked.there()
            if not entry.is_folder:
                return self._file(request, entry)
        return PlainTextResponse(_GREETING)

    def _file(self, request: Request, entry: Entry) -> Response:
        item = item_of(entry)
        headers = {
            **disposition(entry.name, item.mime),
            "last-modified": http_date(entry.modified_ns),
            "cache-control": "private, no-cache",
        }
        if entry.bytes:
            path = self.inbox.spool.path(entry.bytes)
        else:
            with self._albums.library.read() as db:
                row = db.execute(
                    "select extension from assets where sha = ? and trashed_at is null",
                    (entry.sha,),
                ).fetchone()
            if row is None:
                raise DavRefusal(404, f"{entry.name} was taken, and deleted by you since then")
            path = self._albums.vault.originals.path(entry.sha, row["extension"])
        return file_response(request, path, item.mime, item.etag, headers)

    def _propfind(self, asked: Asked, body: bytes) -> Response:
        question = parse_xml(body, "propfind")
        depth = asked.depth("infinity")
        items = self._items(asked, deep=depth != "0")
        if depth == "infinity":
            raise DavRefusal(
                403,
                "A whole tree is not listed at once",
                hint="Ask with Depth: 1",
                condition="propfind-finite-depth",
            )
        usage = shutil.disk_usage(self._albums.settings.library)
        space = Space(usage.used, usage.free)

        def found(item: Item) -> Found:
            locks = self._locks.on(asked.owner, item.path) if item.room == "inbox" else []
            return answer(question, item, locks, space)

        return multistatus((item.href, found(item)) for item in items)

    def _items(self, asked: Asked, *, deep: bool) -> list[Item]:
        """What is asked for; with `deep` also what lies directly in it."""
        if asked.place.room == "library":
            item, _ = tree.find(self._albums, asked.path)
            below = tree.children(self._albums, asked.path) if deep and item.is_folder else []
            return [item, *below]
        if asked.place.room == "inbox":
            item = item_of(asked.there())
            with self._albums.library.read() as db:
                entries = entries_in(db, asked.owner, asked.path) if deep else []
            return [item, *map(item_of, entries)]
        rooms = ["inbox"] if asked.caller.kind is Kind.UPLOADER else ["inbox", "library"]
        return [Item("", "", True), *(Item(room, "", True) for room in rooms if deep)]


def _options(writable: bool) -> Response:
    methods = [*_READING, "PUT", *_VERBS] if writable else [*_READING]
    return Response(headers={"dav": "1, 2", "ms-author-via": "DAV", "allow": ", ".join(methods)})


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BODY:
            raise DavRefusal(413, f"The body is longer than {_LONGEST_BODY} bytes")
    return bytes(body)


async def _drain(request: Request) -> None:
    """Read what a client still sends, within bounds: it may not listen before it is done."""
    if "expect" in request.headers:
        return
    left = _LINGER_BYTES
    with contextlib.suppress(TimeoutError, RuntimeError):
        async with asyncio.timeout(_LINGER_SECONDS):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return
