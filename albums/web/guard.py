"""Who may speak to the server at all, and what its pages may do.

A page of another site that the owner visits can send requests to this machine. So the Host must
be a name of this box (a foreign name that was pointed here is refused: DNS rebinding), and what
changes something must not come from another site's page.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_READING = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """ASGI middleware. `hosts` are the names by which this box may be called."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self.hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if _name(f"//{host}") not in self.hosts:
            return _refuse(
                421,
                f"This box is not called {host[:100]!r}",
                "A foreign name that leads here may be an attack from a web page",
                "Add the name to `hosts` in albums.toml if it is yours",
            )
        if method not in _READING and _from_elsewhere(headers, host):
            return _refuse(
                403, "Another site's page may not change anything here", "The request came from it"
            )
        return None


def _from_elsewhere(headers: Headers, host: str) -> bool:
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != host.lower()


def _name(url: str) -> str:
    """The host's name without port; empty when it cannot be one."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _refuse(status: int, what: str, why: str, hint: str = "") -> JSONResponse:
    body = {"code": "refused", "what": what, "why": why, "hint": hint, "facts": {}}
    return JSONResponse({"error": body}, status)
