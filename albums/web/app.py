"""The server: who may speak to it, what lies under which address, and how it starts and ends."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware

from albums import __version__
from albums.assembly import Albums
from albums.curate.sidecars import said_by_person
from albums.identity.callers import Callers
from albums.identity.doors import Doors
from albums.identity.egress import guarding
from albums.identity.local import Sessions
from albums.identity.refusals import Refusals
from albums.identity.tailnet import Tailnet
from albums.identity.tailscale import LocalApi
from albums.ingest.page_pictures import PagePictures
from albums.ingest.steps.record import found_out
from albums.jobs import Jobs
from albums.library.plots import Plots, plots
from albums.sources.tus.pieces import Tus
from albums.sources.upload import Uploads
from albums.sources.webdav import Inbox
from albums.upkeep.backup import Backups
from albums.upkeep.verify import Verifier
from albums.web.api import (
    acts,
    animations,
    assets,
    audit,
    backups,
    browse,
    canonical,
    collections,
    corrections,
    devices,
    duplicates,
    exports,
    have,
    health,
    import_receipts,
    imports,
    inbox,
    ingest,
    links,
    map,
    models,
    pages,
    play,
    preferences,
    receipts,
    rules,
    search,
    stacks,
    status,
    strips,
    texts,
    timeline,
    trash,
    uploads,
    verify,
    work,
)
from albums.web.ask import Ask
from albums.web.bodies import Bodies
from albums.web.collected import Collected
from albums.web.confirm import Confirmations
from albums.web.dav.server import Dav
from albums.web.errors import add_error_handlers, errors
from albums.web.facets import Facets
from albums.web.gate import Gate
from albums.web.overview import Overview
from albums.web.pace import Pace
from albums.web.pages import asset as asset_page
from albums.web.pages import asset_acts, enter, home, pwa, shuffle
from albums.web.pages import audit as audit_page
from albums.web.pages import browse as browse_page
from albums.web.pages import cities as cities_page
from albums.web.pages import collections as collections_page
from albums.web.pages import dashboard as dashboard_page
from albums.web.pages import devices as devices_page
from albums.web.pages import duplicates as duplicates_page
from albums.web.pages import imports as imports_page
from albums.web.pages import manage as manage_page
from albums.web.pages import map as map_page
from albums.web.pages import memories as memories_page
from albums.web.pages import models as models_page
from albums.web.pages import preferences as preferences_page
from albums.web.pages import receipts as receipts_page
from albums.web.pages import rules as rules_page
from albums.web.pages import search as search_page
from albums.web.pages import settings as settings_page
from albums.web.pages import stacks as stacks_page
from albums.web.pages import times as times_page
from albums.web.pages import trash as trash_page
from albums.web.pages import upload as upload_page
from albums.web.pages import verify as verify_page
from albums.web.pages import years as years_page
from albums.web.positions import Positions
from albums.web.remembered import Remembered
from albums.web.ways_in import WaysIn

# Under /api/v1. Without it: POST /ingest and /uploads, which clients know by those names.
API: tuple[APIRouter, ...] = (
    search.router,
    timeline.router,
    map.router,
    strips.router,
    assets.router,
    play.router,
    stacks.router,
    duplicates.router,
    pages.router,
    texts.router,
    animations.router,
    collections.router,
    browse.router,
    have.router,
    work.router,
    status.router,
    health.router,
    audit.router,
    backups.router,
    imports.router,
    import_receipts.router,
    exports.router,
    canonical.router,
    inbox.router,
    models.router,
    devices.router,
    links.router,
    trash.router,
    preferences.router,
    corrections.router,
    acts.router,
    rules.router,
    receipts.router,
    verify.router,
)
PAGES: tuple[APIRouter, ...] = (
    home.router,
    search_page.router,
    collections_page.router,
    asset_page.router,
    browse_page.router,
    cities_page.router,
    years_page.router,
    memories_page.router,
    shuffle.router,
    asset_acts.router,
    devices_page.router,
    verify_page.router,
    receipts_page.router,
    imports_page.router,
    trash_page.router,
    duplicates_page.router,
    preferences_page.router,
    times_page.router,
    rules_page.router,
    stacks_page.router,
    map_page.router,
    manage_page.router,
    upload_page.router,
    pwa.router,
    dashboard_page.router,
    audit_page.router,
    models_page.router,
    settings_page.router,
    enter.router,
)
_REMEMBER_SECONDS = 5
_STATIC = Path(__file__).parent / "static"


def create_app(albums: Albums, doors: Doors, *, work: bool = False) -> FastAPI:
    """The whole site over one open library, for requests that come in by `doors`.

    With `work` the pipeline runs from start-up on. Closing `albums` is up to the caller.
    """
    app = FastAPI(
        title="Albums",
        summary="A photo cloud for one person, on a box at home",
        version=__version__,
        lifespan=_lifespan(albums, work),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # they load scripts from another origin
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses=errors(422, 500),
        # Never anything that the environment could turn into an outgoing connection.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.albums = albums
    app.state.uploads = Uploads(albums.receiver)
    app.state.tus = Tus(albums.receiver)
    app.state.dav = Dav(albums, Inbox(albums.receiver))
    app.state.imports = Jobs("import")
    app.state.receipt_checks = Jobs("check of a receipt")
    app.state.exports = Jobs("export", busy=exports.busy)
    app.state.backups = Backups(albums.library, albums.settings)
    app.state.verifier = Verifier(
        albums.library, albums.vault, albums.audit, albums.settings.library, _known_of
    )
    app.state.ask = Ask(albums)
    app.state.collected = Collected(albums.library, app.state.ask)
    app.state.overview = Overview(albums)
    app.state.ways_in = WaysIn(albums.library)
    app.state.plots = Remembered(lambda: _plots(albums))
    app.state.facets = Facets(app.state.ask)
    app.state.positions = Positions(albums, app.state.ask)
    app.state.page_pictures = PagePictures(albums.vault, albums.settings)
    app.state.pace = Pace()
    app.state.doors = doors
    app.state.tailnet = Tailnet(LocalApi(_tailscale_socket(albums)))
    app.state.devices = albums.devices
    app.state.sessions = Sessions(albums.settings.library / "sessions.json")
    app.state.refusals = Refusals()
    app.state.confirmations = Confirmations()
    app.state.egress = guarding()
    add_error_handlers(app)
    app.include_router(ingest.router)
    app.include_router(uploads.router)
    for path in ("/dav", "/dav/{path:path}"):
        app.add_route(path, app.state.dav, include_in_schema=False)
    for router in API:
        app.include_router(router, prefix="/api/v1")
    for router in PAGES:
        app.include_router(router, include_in_schema=False)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=_STATIC)), name="static")
    app.add_middleware(Bodies)
    app.add_middleware(
        Gate,
        doors=doors,
        callers=Callers(app.state.tailnet, albums.devices, app.state.sessions),
        tailnet=app.state.tailnet,
        refusals=app.state.refusals,
        names=_names(albums),
    )
    return app


def _lifespan(albums: Albums, work: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        warming = Thread(target=_warm_up, args=(app,), name="warm-up", daemon=True)
        if work:
            albums.runner.start()
            warming.start()
        remembering = asyncio.create_task(_remember_devices(albums))
        tidying = asyncio.create_task(app.state.tus.keep_tidy())
        taking = asyncio.create_task(app.state.dav.take_quiet())
        yield
        remembering.cancel()
        tidying.cancel()
        app.state.dav.close()
        await taking
        await app.state.tailnet.close()
        if work:
            await run_in_threadpool(warming.join)
        await run_in_threadpool(app.state.imports.close)
        await run_in_threadpool(app.state.receipt_checks.close)
        await run_in_threadpool(app.state.backups.close)
        await run_in_threadpool(app.state.exports.close)
        await run_in_threadpool(app.state.verifier.close)
        await run_in_threadpool(app.state.uploads.close)
        await run_in_threadpool(app.state.tus.close)
        await run_in_threadpool(app.state.page_pictures.close)

    return lifespan


def _warm_up(app: FastAPI) -> None:
    """What the first visitor of a large library would wait for."""
    app.state.albums.warm_up()
    app.state.ask.suggestions("a")
    app.state.ways_in.tags()
    app.state.ways_in.cameras()
    app.state.ways_in.trips()


async def _remember_devices(albums: Albums) -> None:
    """Who was seen when is written now and then, so that no request waits for it."""
    while True:
        await asyncio.sleep(_REMEMBER_SECONDS)
        await run_in_threadpool(albums.devices.flush)


def _plots(albums: Albums) -> Plots:
    with albums.library.read() as db:
        return plots(db)


def _known_of(db: sqlite3.Connection, asset_id: int) -> dict[str, Any]:
    """The parts of a sidecar that the database has, too."""
    return {"person": said_by_person(db, asset_id), "machine": found_out(db, asset_id)}


def _names(albums: Albums) -> frozenset[str]:
    """By which the owner says that this box is called."""
    named = {name.strip().lower() for name in albums.settings.hosts.split(",")}
    return frozenset({albums.settings.host.lower(), *named} - {""})


def _tailscale_socket(albums: Albums) -> Path | None:
    given = albums.settings.tailscale_socket
    return Path(given).expanduser() if given else None


def _operation_id(route: APIRoute) -> str:
    return route.name
