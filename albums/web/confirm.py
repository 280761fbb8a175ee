"""A second word before what cannot be undone.

Every app and every open page on an allowed device speaks with the same identity, so one request
is not enough: the caller first says what it is about to do and gets a nonce for exactly that.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from typing import Annotated

from fastapi import Depends, Header, Request

from albums.errors import AlbumsError
from albums.web.request import Called

SECONDS = 60
_PENDING = 256


class Unconfirmed(AlbumsError):
    """It cannot be undone and was not confirmed."""

    status, exit_code, code = 428, 2, "unconfirmed"


class Confirmations:
    """What was announced and not yet done. Safe to use from any thread."""

    def __init__(self) -> None:
        self._pending: OrderedDict[str, tuple[str, str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def announce(self, origin: str, act: str) -> str:
        """A nonce with which this caller may do this one act once, within SECONDS."""
        nonce = secrets.token_urlsafe(16)
        with self._lock:
            self._pending[nonce] = origin, act, time.monotonic() + SECONDS
            if len(self._pending) > _PENDING:
                self._pending.popitem(last=False)
        return nonce

    def use(self, nonce: str, origin: str, act: str) -> None:
        """Raises Unconfirmed unless this caller announced this very act lately."""
        with self._lock:
            known = self._pending.pop(nonce, ("", "", 0.0))
        if known[:2] != (origin, act) or time.monotonic() > known[2]:
            raise Unconfirmed(
                "This cannot be undone and was not confirmed",
                why="The header Albums-Confirm holds no nonce for it, or an old one",
                hint=f'First POST /api/v1/confirmations {{"act": "{act}"}}',
            )


def confirmed(
    request: Request,
    caller: Called,
    nonce: Annotated[
        str, Header(alias="albums-confirm", description="from POST /api/v1/confirmations")
    ] = "",
) -> None:
    """A dependency of every endpoint that destroys."""
    confirmations = request.app.state.confirmations
    assert isinstance(confirmations, Confirmations)
    confirmations.use(nonce, caller.origin, f"{request.method} {request.url.path}")


Confirmed = Depends(confirmed)
