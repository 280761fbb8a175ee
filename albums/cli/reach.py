"""Says at which addresses the box can be reached over Tailscale, or what is missing for that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from albums.settings import Settings

if TYPE_CHECKING:
    from albums.identity.tailscale import Daemon
    from albums.library.devices import Owner


def ask_tailscale(settings: Settings) -> Daemon:
    """tailscaled's state now; never raises."""
    from albums.identity.tailscale import LocalApi

    async def ask() -> Daemon:
        given = settings.tailscale_socket
        api = LocalApi(Path(given).expanduser() if given else None)
        try:
            return await api.status()
        finally:
            await api.aclose()

    return asyncio.run(ask())


def how_to_reach(settings: Settings, owner: Owner | None) -> Iterator[str]:
    """Sentences for the person who started the box."""
    daemon = ask_tailscale(settings)
    if daemon.state != "running":
        yield f"No device can reach it: Tailscale on this machine is {daemon.state}. {daemon.hint}"
        yield "For a first look without Tailscale: albums serve --local"
        return
    for address in daemon.addresses:
        yield f"  http://{f'[{address}]' if ':' in address else address}:{settings.port}"
    yield "For HTTPS under its own name: albums setup tailscale"
    if owner is None:
        yield "It has no owner yet and lets nobody in: albums claim"
