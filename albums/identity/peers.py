"""What tailscaled tells about people and devices, in our shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from albums.identity.answers import Malformed, flag, items, number, table, text, texts

State = Literal["not installed", "not running", "needs login", "stopped", "starting", "running"]

TAGGED = "tagged-devices"  # the login that tailscaled gives for nodes that belong to nobody

# tailscale/ipn/backend.go. NeedsMachineAuth: logged in, and an admin must still approve it.
_STATES: Mapping[str, State] = {
    "NoState": "starting",
    "Starting": "starting",
    "InUseOtherUser": "stopped",
    "NeedsLogin": "needs login",
    "NeedsMachineAuth": "needs login",
    "Stopped": "stopped",
    "Running": "running",
}
HINTS: Mapping[State, str] = {
    "not installed": "Install Tailscale on this box, then run: sudo tailscale up",
    "not running": "Start it on the box: sudo systemctl start tailscaled",
    "needs login": "Log the box in: sudo tailscale up (if it asks for approval, approve the box at "
    "https://login.tailscale.com/admin/machines)",
    "stopped": "Connect the box again: sudo tailscale up",
    "starting": "Wait a few seconds; if it stays so, look at: tailscale status",
    "running": "",
}


@dataclass(frozen=True)
class User:
    """A person. The id is the identity; the same login from another provider has another id."""

    id: int
    login: str
    display_name: str


@dataclass(frozen=True)
class Peer:
    """One device as whois or status says it. `user` is None for a tagged one."""

    stable_id: str
    user: User | None
    name: str
    fqdn: str
    model: str
    os: str
    tags: tuple[str, ...]
    shared_in: bool
    expired: bool
    key_expiry: datetime | None
    addresses: tuple[str, ...]
    capabilities: Mapping[str, list[Any]]


@dataclass(frozen=True)
class Daemon:
    """How tailscaled is, and what the box is called. `why` and `advice`: only when it is away."""

    state: State
    own: Peer | None = None
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tun: bool = True
    cert_domains: tuple[str, ...] = ()
    health: tuple[str, ...] = ()
    users: Mapping[int, User] = field(default_factory=dict)
    version: str = ""
    magic_dns: bool = False
    why: str = ""
    advice: str = ""

    @property
    def hint(self) -> str:
        """What a person does about this state; empty when all is well."""
        return self.advice or HINTS[self.state]


def daemon_of(answer: Any) -> Daemon:
    """The body of `status`. Raises Malformed."""
    status = table(answer)
    users = {
        user.id: user
        for profile in table(status.get("User")).values()
        if (user := _user(table(profile)))
    }
    own = table(status.get("Self"))
    domains = tuple(_name(domain) for domain in texts(status.get("CertDomains")))
    fqdn = _name(text(own.get("DNSName")))
    return Daemon(
        state=_STATES.get(text(status.get("BackendState")), "starting"),
        own=_own(own, users),
        addresses=_addresses(status.get("TailscaleIPs")) or _addresses(own.get("TailscaleIPs")),
        names=tuple(dict.fromkeys(n for n in (fqdn, fqdn.partition(".")[0], *domains) if n)),
        tun=flag(status.get("TUN"), missing=True),
        cert_domains=domains,
        health=texts(status.get("Health")),
        users=users,
        version=text(status.get("Version")),
        magic_dns=flag(table(status.get("CurrentTailnet")).get("MagicDNSEnabled")),
    )


def peer_of(answer: Any) -> Peer:
    """The body of `whois`. Raises Malformed."""
    whois = table(answer)
    node = table(whois.get("Node"))
    host = table(node.get("Hostinfo"))
    tags = texts(node.get("Tags"))
    fqdn = _name(text(node.get("Name")))
    expiry = _moment(node.get("KeyExpiry"))
    shared_in = flag(host.get("ShareeNode")) or number(node.get("Sharer")) != 0
    short = fqdn if shared_in else fqdn.partition(".")[0]
    return Peer(
        stable_id=_stable_id(node.get("StableID")),
        user=None if tags else _user(table(whois.get("UserProfile"))),
        name=_name(text(node.get("ComputedName"))) or short,
        fqdn=fqdn,
        model=text(host.get("DeviceModel")),
        os=text(host.get("OS")),
        tags=tags,
        shared_in=shared_in,
        expired=flag(node.get("Expired")) or _past(expiry),
        key_expiry=expiry,
        addresses=_addresses(node.get("Addresses")),
        capabilities={name: items(values) for name, values in table(whois.get("CapMap")).items()},
    )


def _own(status: Mapping[str, Any], users: Mapping[int, User]) -> Peer | None:
    """The box itself, out of `status`. None while it has no identity (not logged in yet)."""
    if not text(status.get("ID")):
        return None
    tags = texts(status.get("Tags"))
    fqdn = _name(text(status.get("DNSName")))
    expiry = _moment(status.get("KeyExpiry"))
    return Peer(
        stable_id=_stable_id(status.get("ID")),
        user=None if tags else users.get(number(status.get("UserID"))),
        name=fqdn.partition(".")[0] or text(status.get("HostName")),
        fqdn=fqdn,
        model="",
        os=text(status.get("OS")),
        tags=tags,
        shared_in=flag(status.get("ShareeNode")),
        expired=flag(status.get("Expired")) or _past(expiry),
        key_expiry=expiry,
        addresses=_addresses(status.get("TailscaleIPs")),
        capabilities={name: items(values) for name, values in table(status.get("CapMap")).items()},
    )


def _user(profile: Mapping[str, Any]) -> User | None:
    user_id, login = number(profile.get("ID")), text(profile.get("LoginName"))
    if user_id == 0 or login == TAGGED:
        return None
    return User(user_id, login, text(profile.get("DisplayName")))


def _stable_id(value: Any) -> str:
    # It is a key: cleaning it up as other texts are could make two devices one.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,255}", value):
        raise Malformed("a device without a usable StableID")
    return value


def _name(name: str) -> str:
    return name.rstrip(".").lower()


def _addresses(value: Any) -> tuple[str, ...]:
    return tuple(prefix.partition("/")[0] for prefix in texts(value))


def _moment(value: Any) -> datetime | None:
    """RFC 3339, up to nanoseconds. Go's zero time means never."""
    written = text(value)
    if not written or written.startswith("0001-01-01T00:00:00"):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", written))
    except ValueError as error:
        raise Malformed(f"no moment: {written}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _past(moment: datetime | None) -> bool:
    return moment is not None and moment <= datetime.now(UTC)
