"""How much a request may say where nobody streams it to the disk: it is held in memory."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 8 << 20  # bytes; ten thousand hashes are one tenth of that
_STREAMED = ("/ingest", "/upload", "/dav")  # each has limits of its own


class Bodies:
    """ASGI middleware: 413 as soon as more than LONGEST came."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streamed = scope["type"] != "http" or scope["path"].startswith(_STREAMED)
        await self.app(scope, receive if streamed else _limited(receive), send)


def _limited(receive: Receive) -> Receive:
    came = 0

    async def limited() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > LONGEST:
            raise HTTPException(413)
        return message

    return limited
