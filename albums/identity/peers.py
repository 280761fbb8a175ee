"""What tailscaled tells about people and devices, in our shapes.

New fields, missing ones and Go's null collections are nothing special; a field of another type
than documented is: nobody is let in by an answer that was not understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

State = Literal["not installed", "not running", "needs login", "stopped", "starting", "running"]

T = TypeVar("T")

TAGGED = "tagged-devices"  # the login that tailscaled gives for nodes that belong to nobody
_LONGEST = 255  # characters of a name; DNS has no longer ones

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


class Malformed(ValueError):
    """A field is not what LocalAPI documents."""


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
    status = _table(answer)
    users = {
        user.id: user
        for profile in _table(status.get("User")).values()
        if (user := _user(_table(profile)))
    }
    own = _table(status.get("Self"))
    domains = tuple(_name(domain) for domain in _texts(status.get("CertDomains")))
    fqdn = _name(_text(own.get("DNSName")))
    return Daemon(
        state=_STATES.get(_text(status.get("BackendState")), "starting"),
        own=_own(own, users),
        addresses=_addresses(status.get("TailscaleIPs")) or _addresses(own.get("TailscaleIPs")),
        names=tuple(dict.fromkeys(n for n in (fqdn, fqdn.partition(".")[0], *domains) if n)),
        tun=_flag(status.get("TUN"), missing=True),
        cert_domains=domains,
        health=_texts(status.get("Health")),
        users=users,
        version=_text(status.get("Version")),
        magic_dns=_flag(_table(status.get("CurrentTailnet")).get("MagicDNSEnabled")),
    )


def peer_of(answer: Any) -> Peer:
    """The body of `whois`. Raises Malformed."""
    whois = _table(answer)
    node = _table(whois.get("Node"))
    host = _table(node.get("Hostinfo"))
    tags = _texts(node.get("Tags"))
    fqdn = _name(_text(node.get("Name")))
    expiry = _moment(node.get("KeyExpiry"))
    shared_in = _flag(host.get("ShareeNode")) or _number(node.get("Sharer")) != 0
    short = fqdn if shared_in else fqdn.partition(".")[0]
    return Peer(
        stable_id=_stable_id(node.get("StableID")),
        user=None if tags else _user(_table(whois.get("UserProfile"))),
        name=_name(_text(node.get("ComputedName"))) or short,
        fqdn=fqdn,
        model=_text(host.get("DeviceModel")),
        os=_text(host.get("OS")),
        tags=tags,
        shared_in=shared_in,
        expired=_flag(node.get("Expired")) or _past(expiry),
        key_expiry=expiry,
        addresses=_addresses(node.get("Addresses")),
        capabilities={name: _list(values) for name, values in _table(whois.get("CapMap")).items()},
    )


def _own(status: Mapping[str, Any], users: Mapping[int, User]) -> Peer | None:
    """The box itself, out of `status`. None while it has no identity (not logged in yet)."""
    if not _text(status.get("ID")):
        return None
    tags = _texts(status.get("Tags"))
    fqdn = _name(_text(status.get("DNSName")))
    expiry = _moment(status.get("KeyExpiry"))
    return Peer(
        stable_id=_stable_id(status.get("ID")),
        user=None if tags else users.get(_number(status.get("UserID"))),
        name=fqdn.partition(".")[0] or _text(status.get("HostName")),
        fqdn=fqdn,
        model="",
        os=_text(status.get("OS")),
        tags=tags,
        shared_in=_flag(status.get("ShareeNode")),
        expired=_flag(status.get("Expired")) or _past(expiry),
        key_expiry=expiry,
        addresses=_addresses(status.get("TailscaleIPs")),
        capabilities={name: _list(values) for name, values in _table(status.get("CapMap")).items()},
    )


def _user(profile: Mapping[str, Any]) -> User | None:
    number, login = _number(profile.get("ID")), _text(profile.get("LoginName"))
    if number == 0 or login == TAGGED:
        return None
    return User(number, login, _text(profile.get("DisplayName")))


def _stable_id(value: Any) -> str:
    # It is a key: cleaning it up as other texts are could make two devices one.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,255}", value):
        raise Malformed("a device without a usable StableID")
    return value


def _table(value: Any) -> Mapping[str, Any]:
    return _typed(value, dict, {})


def _list(value: Any) -> list[Any]:
    return _typed(value, list, [])


def _text(value: Any) -> str:
    """Without what cannot be shown or stored: control characters, lone surrogates."""
    return "".join(c for c in _typed(value, str, "") if c.isprintable())[:_LONGEST]


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in _list(value))


def _name(name: str) -> str:
    return name.rstrip(".").lower()


def _flag(value: Any, *, missing: bool = False) -> bool:
    return _typed(value, bool, missing)


def _number(value: Any) -> int:
    number = _typed(value, int, 0)
    if isinstance(number, bool) or not 0 <= number < 2**63:
        raise Malformed(f"an id that is no id: {number}")
    return number


def _typed(value: Any, kind: type[T], missing: T) -> T:
    if value is None:
        return missing
    if not isinstance(value, kind):
        raise Malformed(f"{type(value).__name__} where {kind.__name__} was expected")
    return value


def _addresses(value: Any) -> tuple[str, ...]:
    return tuple(text.partition("/")[0] for text in _texts(value))


def _moment(value: Any) -> datetime | None:
    """RFC 3339, up to nanoseconds. Go's zero time means never."""
    text = _text(value)
    if not text or text.startswith("0001-01-01T00:00:00"):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", text))
    except ValueError as error:
        raise Malformed(f"no moment: {text}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _past(moment: datetime | None) -> bool:
    return moment is not None and moment <= datetime.now(UTC)
