"""Holds a library open in this process and answers for it at its doors."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from albums.cli.notify import database_answers, web_answers
from albums.errors import Conflict, LibraryUnusable
from albums.settings import Settings

if TYPE_CHECKING:
    import uvicorn

    from albums.assembly import Albums
    from albums.identity.doors import Doors
    from albums.identity.tailnet import Tailnet
    from albums.identity.tailscale import Daemon
    from albums.upkeep.purge import Emptying

log = logging.getLogger(__name__)

_GRACE = 5  # seconds that requests in hand may take when the box ends
LOOK_AGAIN = 2.0  # seconds: so soon the box listens at an address that Tailscale just got
EGRESS_LOG = "egress.jsonl"


class Serving:
    """An open library, its web application, and the thread that serves it.

    Always at the door of the shell. `local`: a listening socket on loopback for this machine's
    browser. `tailnet`: at the doors for the tailnet, as far as Tailscale is there, now or later.
    With `working`, the pipeline runs.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        working: bool,
        local: socket.socket | None = None,
        tailnet: bool = False,
    ) -> None:
        from albums.identity.egress import guard

        guard(settings.library / EGRESS_LOG)  # before anything that might call out is imported
        from albums.assembly import open_albums
        from albums.identity.access import Door
        from albums.identity.doors import Doors, listen_unix, serve_socket, shell_socket
        from albums.upkeep.backup import BackupClock
        from albums.upkeep.daily import Daily

        self._settings = settings
        self._sockets = [shell_socket(settings.library)]
        self._tailnet = tailnet
        self.doors = Doors()
        self.albums: Albums = open_albums(settings)
        try:
            self._nightly = Daily(
                "verify", settings.verify_at, self.albums.library, self._verify_a_while
            )
            if working:
                self.albums.inbox.start()
            else:
                self.albums.runner.pause()
            self.albums.runner.start()
            self._emptying = self._tend_trash()
            listening = [self.doors.add(Door.SHELL, listen_unix(self._sockets[0]))]
            if local:
                listening.append(self.doors.add(Door.LOCAL, local))
            if tailnet:
                self._sockets.append(serve_socket(settings.library, settings.serve_socket))
                listening.append(self.doors.add(Door.SERVE, listen_unix(self._sockets[1])))
            self._serve(listening)
            self._backup_clock = BackupClock(self.app.state.backups, settings)
            if working:
                self._emptying.start()
                self._nightly.start()
                self._backup_clock.start()
        except BaseException:
            self.albums.close()
            raise

    def _tend_trash(self) -> Emptying:
        from albums.curate.recovery import recover
        from albums.curate.trash import purge_outstayed
        from albums.upkeep.purge import Emptying
        from albums.web.request import rooms_for

        rooms = rooms_for(self.albums, "box://trash")
        recover(rooms)
        purge = partial(purge_outstayed, rooms)
        return Emptying(self.albums.library, purge, self._settings.trash_days)

    def _serve(self, listening: list[socket.socket]) -> None:
        import uvicorn

        from albums.web.app import create_app

        self.app = create_app(self.albums, self.doors)
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # else any program here could call itself any device
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(listening)), name="web", daemon=True
        )
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise LibraryUnusable("The server could not start", hint="The log above says why")
            time.sleep(0.005)

    async def _run(self, listening: list[socket.socket]) -> None:
        following = asyncio.create_task(self._follow()) if self._tailnet else None
        try:
            await self._server.serve(sockets=listening)
        finally:
            if following:
                following.cancel()

    async def _follow(self) -> None:
        """Tailscale comes and goes, and its addresses change: the box listens where they are."""
        while not self._server.started:
            await asyncio.sleep(0.01)
        tailnet: Tailnet = self.app.state.tailnet
        watching = asyncio.create_task(tailnet.watch_certificate())
        doors = TailnetDoors(self._server, self.doors, self._settings.port, tailnet.hung_up)
        try:
            while True:
                await doors.follow(await tailnet.status())
                await asyncio.sleep(LOOK_AGAIN)
        finally:
            watching.cancel()

    def _verify_a_while(self) -> None:
        from albums.upkeep.verify import Wanted

        chosen = self._settings
        rate = chosen.verify_mb_s * 1e6 if chosen.verify_mb_s > 0 else None
        seconds = max(0, chosen.verify_minutes) * 60.0
        self.app.state.verifier.start(Wanted(seconds, rate, actor="local://nightly"))

    def answers(self) -> bool:
        """Do the database and the web answer? The watchdog asks."""
        return database_answers(self.albums.library) and web_answers(self._sockets[0])

    def close(self) -> None:
        """Answer what was asked, finish the batch in hand, let go of the library."""
        for path in self._sockets:
            path.unlink(missing_ok=True)  # who comes now waits for the lock, then takes over
        self._nightly.close()
        self._server.should_exit = True
        self._thread.join()
        self._backup_clock.close()
        self._emptying.close()
        self.albums.close()


class TailnetDoors:
    """Listens at the addresses that tailscaled has now."""

    def __init__(
        self,
        server: uvicorn.Server,
        doors: Doors,
        port: int,
        hung_up: Callable[[str, int], None],
    ) -> None:
        """`hung_up` is told the address and port of each connection that ended."""
        self._server = server
        self._doors = doors
        self._port = port
        self._hung_up = hung_up
        self._open: dict[str, tuple[socket.socket, asyncio.Server]] = {}
        self._failed: set[str] = set()  # said once

    async def follow(self, daemon: Daemon) -> None:
        """Open what is new and shut what is gone. A port that is taken is tried again."""
        wanted = _addresses(daemon)
        for address in set(self._open) - set(wanted):
            listening, server = self._open.pop(address)
            self._doors.remove(listening)
            server.close()
            self._server.servers.remove(server)
        for address in wanted:
            if address not in self._open:
                await self._listen(address, tun=daemon.tun)

    async def _listen(self, address: str, *, tun: bool) -> None:
        from albums.identity.access import Door
        from albums.identity.doors import listen_tcp

        try:
            listening = listen_tcp(address, self._port)
        except Conflict as error:
            if address not in self._failed:
                log.warning("%s", error)
            self._failed.add(address)
            return
        self._failed.discard(address)
        self._doors.add(Door.TAILNET if tun else Door.USERSPACE, listening)
        server = await asyncio.get_running_loop().create_server(self._protocol, sock=listening)
        self._server.servers.append(server)
        self._open[address] = listening, server
        log.info("listening on %s, port %s", address, listening.getsockname()[1])

    def _protocol(self) -> asyncio.Protocol:
        """As uvicorn makes them for the sockets that it was started with."""
        config, hung_up = self._server.config, self._hung_up

        class Protocol(config.http_protocol_class):  # type: ignore[misc,name-defined]
            def connection_lost(self, error: Exception | None) -> None:
                if self.client:
                    hung_up(*self.client)
                super().connection_lost(error)

        made: asyncio.Protocol = Protocol(
            config=config,
            server_state=self._server.server_state,
            app_state=self._server.lifespan.state,
        )
        return made


def _addresses(daemon: Daemon) -> tuple[str, ...]:
    """Without a network card of its own, tailscaled delivers to loopback."""
    if daemon.state != "running":
        return ()
    return daemon.addresses if daemon.tun else ("127.0.0.1",)


def is_held(library: Path) -> bool:
    """Has a process opened this library?"""
    try:
        with (library / "albums.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
