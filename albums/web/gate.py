"""The one way in: which door, who is there, what for, and may they. Before a byte of the body."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from albums.identity.access import Caller, Door, Kind, Refusal, Route, refusal
from albums.identity.callers import Callers, Request
from albums.identity.doors import Doors
from albums.identity.refusals import Refusals
from albums.identity.tailnet import Tailnet
from albums.web.errors import error_response
from albums.web.guard import LOOPBACK, SECURITY_HEADERS, foreign_host, foreign_page
from albums.web.pages.render import refused_page
from albums.web.routes import route_of

log = logging.getLogger(__name__)

_BROWSER = re.compile(r"Mozilla/")
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9._ -]{0,60}")
_LINGER_SECONDS = 5.0
_LINGER_BYTES = 64 << 20
_AGAIN = 5  # seconds until a box that could not tell who asked may be asked again


class Gate:
    """ASGI middleware: lets through who may, with `scope["state"]["caller"]` set."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        doors: Doors,
        callers: Callers,
        tailnet: Tailnet,
        refusals: Refusals,
        names: frozenset[str],
    ) -> None:
        """`names`: by which this box may be called besides those that Tailscale gives it."""
        self.app = app
        self._doors = doors
        self._callers = callers
        self._tailnet = tailnet
        self._refusals = refusals
        self._names = names | LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        door = self._doors.find(scope.get("server"))
        if door is None or scope["type"] != "http":
            raise RuntimeError(f"no door at {scope.get('server')} for {scope['type']}")
        answer = await self._refuse(door, scope)
        if answer is None:
            await self.app(scope, receive, _with_headers(send))
        else:
            await _turn_away(answer, scope, receive, _with_headers(send))

    async def _refuse(self, door: Door, scope: Scope) -> Response | None:
        request = HTTPConnection(scope)
        method, path = scope["method"], scope["path"]
        caller = await self._callers.identify(
            Request(
                door,
                request.headers,
                scope.get("client"),
                scope["server"],
                _program(request.headers),
                request.cookies,
            )
        )
        scope.setdefault("state", {})["caller"] = caller
        refused = self._refusal(caller, method, path, request.headers)
        if refused is None:
            self._refusals.forgive(caller.peer)
            return None
        if not (caller.kind is Kind.VISITOR and route_of(method, path) is Route.OPEN):
            await self._note(caller, f"{method} {path}", refused)
        return _answer(request, refused)

    def _refusal(self, caller: Caller, method: str, path: str, headers: Headers) -> Refusal | None:
        # Who asks comes first: a stranger does not learn by which names the box goes.
        found = refusal(caller.kind, route_of(method, path))
        if found and caller.why:
            return Refusal(found.status, found.what, caller.why, found.hint)
        if found is None and caller.kind is not Kind.UNPROVEN:
            found = foreign_host(headers, self._names | self._tailnet_names())
        return found or foreign_page(method, headers)

    def _tailnet_names(self) -> set[str]:
        daemon = self._tailnet.known()
        return {*daemon.names, *daemon.addresses} if daemon else set()

    async def _note(self, caller: Caller, asked: str, refused: Refusal) -> None:
        wait = self._refusals.count(caller.kind, caller.peer)
        log.warning(
            "refused %s %s (%s, by the %s door): %s; %r",
            caller.origin,
            caller.login,
            caller.kind.value,
            caller.door.value,
            refused.what,
            asked,
        )
        await asyncio.sleep(wait)


def _answer(request: HTTPConnection, refused: Refusal) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith("/api/"):
        answer = refused_page(request.scope, refused)
    else:
        answer = error_response(refused.status, "refused", refused.what, refused.why, refused.hint)
    answer.headers["cache-control"] = "no-store"
    answer.headers["connection"] = "close"  # the body that comes is not read
    if refused.status == 503:
        answer.headers["retry-after"] = str(_AGAIN)
    return answer


async def _turn_away(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, and only then hang up on what is still being sent.

    A proxy whose upload is cut off forgets the answer: serve would say 502 instead of why.
    """

    async def hold(message: Message) -> None:
        body = message["type"] == "http.response.body"
        await send({**message, "more_body": True} if body else message)

    await answer(scope, receive, hold)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            await _ignore_body(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _ignore_body(receive: Receive) -> None:
    left = _LINGER_BYTES
    while left > 0:
        message = await receive()
        if not message.get("more_body"):
            return
        left -= len(message["body"])


def _program(headers: Headers) -> str:
    """What the client calls itself: for the audit log, never for rights."""
    agent = headers.get("user-agent", "")
    if _BROWSER.match(agent):
        return "browser"
    product = _PRODUCT.match(agent.partition("/")[0].strip())
    return product[0] if product else "unknown"


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
