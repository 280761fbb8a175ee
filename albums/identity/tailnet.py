"""What tailscaled says, remembered for as short as it may be."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime

from albums.identity.health import certificate_end
from albums.identity.tailscale import Daemon, LocalApi, Peer, TailscaleDown

STATUS_SECONDS = 5.0  # so soon a log-out is noticed
AWAY_SECONDS = 1.0  # so soon somebody comes in again once it runs
PEER_SECONDS = 30.0  # so soon a device that was removed from the network is out
CERTIFICATE_SECONDS = 3600.0
_PEERS = 4096


class Tailnet:
    """Asks tailscaled once where many requests need the same answer.

    A silent daemon, or one that is logged out, takes all remembered answers with it. For use in
    one event loop.
    """

    def __init__(self, api: LocalApi) -> None:
        self._api = api
        self._daemon: Daemon | None = None
        self._asked = 0.0
        self._asking: asyncio.Task[Daemon] | None = None
        self._peers: OrderedDict[str, tuple[float, Peer]] = OrderedDict()
        self.certificate_ends: datetime | None = None  # None: none is in use, or not looked at yet

    async def status(self) -> Daemon:
        """The daemon, as it was at most STATUS_SECONDS ago. Never raises."""
        if self._daemon is not None:
            lasts = STATUS_SECONDS if self._daemon.state == "running" else AWAY_SECONDS
            if time.monotonic() - self._asked < lasts:
                return self._daemon
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    def known(self) -> Daemon | None:
        """The last answer, however old; None before the first."""
        return self._daemon

    async def _ask(self) -> Daemon:
        try:
            daemon = await self._api.status()
            if daemon.state != "running":
                self._peers.clear()
            self._daemon, self._asked = daemon, time.monotonic()
            return daemon
        finally:
            self._asking = None

    def forget(self) -> None:
        """What is remembered does not hold any more."""
        self._daemon = None
        self._peers.clear()

    async def whois(self, address: str) -> Peer | None:
        """The device at this address of the tailnet; None: nobody. Raises TailscaleDown."""
        known = self._peers.get(address)
        if known and time.monotonic() - known[0] < PEER_SECONDS:
            return known[1]
        self._peers.pop(address, None)
        peer = await self._ask_whois(address)
        if peer is not None:
            self._peers[address] = time.monotonic(), peer
            if len(self._peers) > _PEERS:
                self._peers.popitem(last=False)
        return peer

    async def whois_connection(self, address: str, port: int) -> Peer | None:
        """The device behind one connection to loopback. Ports are used again: who serves the
        connection calls `hung_up` when it ends. Raises TailscaleDown."""
        host = f"[{address}]" if ":" in address else address
        return await self.whois(f"{host}:{port}")

    def hung_up(self, address: str, port: int) -> None:
        """The next connection from this port may be somebody else's."""
        host = f"[{address}]" if ":" in address else address
        self._peers.pop(f"{host}:{port}", None)

    async def _ask_whois(self, address: str) -> Peer | None:
        try:
            return await self._api.whois(address)
        except TailscaleDown:
            self.forget()  # its state is asked for at the next request
            raise

    async def watch_certificate(self) -> None:
        """Looks now and then until cancelled: tailscaled may take long to answer that."""
        while True:
            daemon = await self.status()
            with suppress(TailscaleDown):
                self.certificate_ends = await certificate_end(self._api, daemon)
            await asyncio.sleep(CERTIFICATE_SECONDS)

    async def close(self) -> None:
        if self._asking:
            self._asking.cancel()
        await self._api.aclose()
