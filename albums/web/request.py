"""What an endpoint may ask of its request: the open library, who is there, and over which door."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from albums.assembly import Albums
from albums.curate.rooms import Rooms
from albums.errors import Refused
from albums.web.ask import Ask
from albums.web.overview import Overview

_BROWSER = re.compile(r"Mozilla/")
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9._ -]{0,60}")


def opened(request: HTTPConnection) -> Albums:
    """The library that this server serves."""
    albums = request.app.state.albums
    assert isinstance(albums, Albums)
    return albums


def over_unix_socket(request: HTTPConnection) -> bool:
    """Only this machine's owner can open the socket: its file permissions say so."""
    server = request.scope.get("server")
    return request.client is None and server is not None and server[1] is None


def who(request: HTTPConnection) -> str:
    """Who asks, as the audit log writes it: local://<program>."""
    agent = request.headers.get("user-agent", "")
    product = _PRODUCT.match(agent.partition("/")[0].strip())
    if _BROWSER.match(agent):
        return "local://browser"
    return f"local://{product[0]}" if product else "local://unknown"


def local_admin(request: HTTPConnection) -> None:
    """Raises Refused unless the request came over the unix socket."""
    if not over_unix_socket(request):
        raise Refused(
            "This is only for the box's own shell",
            why="It reaches beyond the library, so no browser or device may ask for it",
            hint="Use the `albums` command on the box",
        )


Opened = Annotated[Albums, Depends(opened)]
Who = Annotated[str, Depends(who)]


def rooms(albums: Opened, actor: Who) -> Rooms:
    """What the person's verbs need."""
    return Rooms(
        albums.library,
        albums.vault,
        albums.ledger,
        albums.audit,
        albums.tools.home,
        albums.settings.library,
        actor,
    )


PersonsRooms = Annotated[Rooms, Depends(rooms)]


def ask(request: HTTPConnection) -> Ask:
    """Questions to the library."""
    asking = request.app.state.ask
    assert isinstance(asking, Ask)
    return asking


Asking = Annotated[Ask, Depends(ask)]


def overview(request: HTTPConnection) -> Overview:
    """The numbers of the whole library."""
    numbers = request.app.state.overview
    assert isinstance(numbers, Overview)
    return numbers


Whole = Annotated[Overview, Depends(overview)]
