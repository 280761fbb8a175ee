"""What an endpoint may ask of its request: the open library, who is there, and over which door."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from albums.assembly import Albums
from albums.curate.rooms import Rooms
from albums.identity.access import Caller
from albums.ingest.page_pictures import PagePictures
from albums.web.ask import Ask
from albums.web.collected import Collected
from albums.web.facets import Facets
from albums.web.overview import Overview
from albums.web.ways_in import WaysIn


def opened(request: HTTPConnection) -> Albums:
    """The library that this server serves."""
    albums = request.app.state.albums
    assert isinstance(albums, Albums)
    return albums


def caller(request: HTTPConnection) -> Caller:
    """Who the gate let in."""
    found = request.scope["state"]["caller"]
    assert isinstance(found, Caller)
    return found


def who(request: HTTPConnection) -> str:
    """Who asks, as the audit log writes it: tailscale://<device>, local://<program>."""
    return caller(request).origin


Opened = Annotated[Albums, Depends(opened)]
Called = Annotated[Caller, Depends(caller)]
Who = Annotated[str, Depends(who)]


def rooms(albums: Opened, actor: Who) -> Rooms:
    """What the person's verbs need."""
    return rooms_for(albums, actor)


def rooms_for(albums: Albums, actor: str) -> Rooms:
    """The same for whoever acts in the person's name."""
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


def ways_in(request: HTTPConnection) -> WaysIn:
    """Cameras, tags, places and the like, counted."""
    ways = request.app.state.ways_in
    assert isinstance(ways, WaysIn)
    return ways


Ways = Annotated[WaysIn, Depends(ways_in)]


def faceted(request: HTTPConnection) -> Facets:
    """By which a query is narrowed."""
    facets = request.app.state.facets
    assert isinstance(facets, Facets)
    return facets


Faceted = Annotated[Facets, Depends(faceted)]


def collected(request: HTTPConnection) -> Collected:
    """The collections, counted, with covers."""
    found = request.app.state.collected
    assert isinstance(found, Collected)
    return found


Gathered = Annotated[Collected, Depends(collected)]


def leafing(request: HTTPConnection) -> PagePictures:
    """Pictures of the pages of documents."""
    pages = request.app.state.page_pictures
    assert isinstance(pages, PagePictures)
    return pages


Leafing = Annotated[PagePictures, Depends(leafing)]
