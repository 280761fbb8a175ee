"""What is left to do until the owner's devices reach the box over HTTPS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from albums.identity.health import MACHINES
from albums.identity.peers import Daemon
from albums.identity.served import Served

DNS = "https://login.tailscale.com/admin/dns"
_UNIX_TARGETS = (1, 94)  # the first version whose serve hands on to a unix socket
_HTTPS = 443

Command = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """`said`: for the person, in order; `command`: what would be run next, None: nothing can be.

    `url`: where devices find the box; empty until they do.
    """

    said: tuple[str, ...]
    command: Command | None = None
    url: str = ""


def plan(daemon: Daemon, served: Served, socket: Path) -> Plan:
    """The next step. `socket`: where the box listens for `tailscale serve`."""
    if daemon.state != "running":
        return _bring_up(daemon)
    if missing := _missing(daemon):
        return Plan((_greeting(daemon), *missing, "Then run this command again."))
    place = f"{daemon.cert_domains[0]}:{_HTTPS}"
    url, wanted = f"https://{daemon.cert_domains[0]}/", f"unix:{socket}"
    advice = (*_public(place, served), *_advice(daemon))
    if _leads_to(served.targets.get(place, ""), socket):
        done = f"Devices of your tailnet reach the box at {url}"
        return Plan((_greeting(daemon), done, *advice), url=url)
    if place in served.targets:
        taken = f"{url} is taken: it leads to {served.targets[place]}. If that may go, free it"
        free = f"{taken} (sudo tailscale serve --https={_HTTPS} off) and run this command again"
        return Plan((_greeting(daemon), free, *advice))
    offer = (
        "One command makes it reachable over HTTPS, for your tailnet only. The name of this box "
        "becomes public in the list of certificates, its photos do not."
    )
    return Plan((_greeting(daemon), offer, *advice), ("tailscale", "serve", "--bg", wanted))


def _leads_to(target: str, socket: Path) -> bool:
    """tailscaled writes the socket's path without the links in it."""
    scheme, _, path = target.partition(":")
    return scheme == "unix" and Path(path).resolve() == socket.resolve()


def _bring_up(daemon: Daemon) -> Plan:
    said = f"Tailscale on this box: {daemon.state}." + (f" {daemon.why}." if daemon.why else "")
    if daemon.state in ("needs login", "stopped"):
        return Plan((said, "This connects it:"), ("tailscale", "up"))
    return Plan((said, daemon.hint))


def _greeting(daemon: Daemon) -> str:
    name = daemon.names[0] if daemon.names else "this box"
    return f"Tailscale {daemon.version.partition('-')[0]} runs here, as {name}."


def _missing(daemon: Daemon) -> list[str]:
    """What only a person can do, elsewhere."""
    missing = []
    if (found := _version(daemon.version)) and found < _UNIX_TARGETS:
        wanted = ".".join(map(str, _UNIX_TARGETS))
        missing.append(f"It is too old: {wanted} or newer is needed. Run: sudo tailscale update")
    if not daemon.cert_domains:
        missing.append(
            f"It has no HTTPS name yet: switch on MagicDNS and HTTPS Certificates at {DNS}"
            if not daemon.magic_dns
            else f"It may not get certificates yet: switch on HTTPS Certificates at {DNS}"
        )
    return missing


def _version(text: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _public(place: str, served: Served) -> list[str]:
    if place not in served.public:
        return []
    return [
        "Funnel is on for this address: it is open to the whole internet. Albums refuses those "
        f"visitors; switch it off all the same: sudo tailscale funnel --https={_HTTPS} off"
    ]


def _advice(daemon: Daemon) -> list[str]:
    if daemon.own is None or daemon.own.key_expiry is None:
        return []
    ends = f"{daemon.own.key_expiry:%Y-%m-%d}"
    return [
        f"The key of this box ends on {ends}, and then no device reaches it. Better switch its "
        f"expiry off at {MACHINES} (the menu of the box: Disable key expiry), or give the box a tag"
    ]
