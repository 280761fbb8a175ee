"""Who may do what. One table; whatever is not in it is refused.

A request comes in by a *door*, is made by somebody of a *kind*, and asks for a *route* of some
sort. The door decides how the caller is identified (callers.py); from then on only the kind counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Door(Enum):
    """Where the box listens."""

    SERVE = "serve"  # a unix socket that `tailscale serve` forwards to, with HTTPS in front
    TAILNET = "tailnet"  # the box's own 100.x and fd7a: addresses
    USERSPACE = "userspace"  # loopback, where tailscaled without a network card delivers
    LOCAL = "local"  # loopback of a first run, for this machine's own browser
    SHELL = "shell"  # a unix socket that only the box's own user can open


class Kind(Enum):
    """Who somebody is to this box."""

    OWNER = "owner"  # a device of the owner
    UPLOADER = "uploader"  # a device of the owner that may only bring things
    BLOCKED = "blocked"
    UNCLAIMED = "unclaimed"  # a person of the tailnet, while the box has no owner
    STRANGER = "stranger"  # somebody else's device in this tailnet
    GUEST = "guest"  # a device of another tailnet that the box was shared with
    TAGGED = "tagged"  # a machine without a user
    SELF = "self"  # the box's own address: any program on it could be calling
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # nobody that tailscaled knows
    FUNNEL = "funnel"  # somebody on the internet
    FORGED = "forged"  # says of itself what its door does not bear out
    UNPROVEN = "unproven"  # tailscaled is away, so nobody can be known
    BROWSER = "browser"  # the browser that followed the printed address
    VISITOR = "visitor"  # somebody on this machine who did not
    SHELL = "shell"


class Route(Enum):
    """What somebody asks for."""

    OPEN = "open"  # style sheets, icons, the way in: nothing of the library
    UPLOAD = "upload"  # bring something, or ask whether it is here already
    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"  # cannot be undone; asks for a confirmation besides
    SHARE = "share"  # what the owner shows to a guest
    SHELL = "shell"  # reaches beyond the library: files of this machine, its owner, its models


_EVERYTHING = frozenset(Route) - {Route.SHELL}
_NOTHING: frozenset[Route] = frozenset()

RIGHTS: dict[Kind, frozenset[Route]] = {
    Kind.OWNER: _EVERYTHING,
    Kind.UPLOADER: frozenset({Route.OPEN, Route.UPLOAD}),
    Kind.BLOCKED: frozenset({Route.OPEN}),
    Kind.UNCLAIMED: frozenset({Route.OPEN}),
    Kind.STRANGER: frozenset({Route.OPEN, Route.SHARE}),
    Kind.GUEST: frozenset({Route.OPEN, Route.SHARE}),
    Kind.TAGGED: frozenset({Route.OPEN}),
    Kind.SELF: frozenset({Route.OPEN}),
    Kind.EXPIRED: frozenset({Route.OPEN}),
    Kind.UNKNOWN: _NOTHING,
    Kind.FUNNEL: _NOTHING,
    Kind.FORGED: _NOTHING,
    Kind.UNPROVEN: frozenset({Route.OPEN}),
    Kind.BROWSER: _EVERYTHING,
    Kind.VISITOR: frozenset({Route.OPEN}),
    Kind.SHELL: frozenset(Route),
}


@dataclass(frozen=True)
class Refusal:
    """What somebody who may not is told."""

    status: int
    what: str
    why: str
    hint: str = ""


REFUSALS: dict[Kind, Refusal] = {
    Kind.UPLOADER: Refusal(
        403,
        "This device may only upload",
        "Its owner gave it no right to look or change",
        "Change it on another device or with `albums devices allow`",
    ),
    Kind.BLOCKED: Refusal(
        403,
        "This device is blocked",
        "The owner of this box blocked it",
        "`albums devices allow` on the box lets it in again",
    ),
    Kind.UNCLAIMED: Refusal(
        403,
        "This box has no owner yet",
        "Until somebody claims it, it shows nothing to anybody",
        "Run `albums claim` on the box",
    ),
    Kind.STRANGER: Refusal(
        403,
        "This box belongs to somebody else",
        "You are known to its network, but only its owner's devices come in",
        "If it is yours: `albums owner` on the box says whose it is",
    ),
    Kind.GUEST: Refusal(
        403,
        "Guests only see what is shared with them",
        "This device comes from another network",
        "Ask the owner for a link",
    ),
    Kind.TAGGED: Refusal(
        403,
        "This device belongs to nobody",
        "It has a tag in Tailscale instead of a user, so it cannot be the owner's",
        "Use a device on which the owner is signed in",
    ),
    Kind.SELF: Refusal(
        403,
        "The box does not let itself in",
        "Any program on this machine could be calling from its own address",
        "Use the `albums` command here, or another device",
    ),
    Kind.EXPIRED: Refusal(
        403,
        "This device's key has expired",
        "Tailscale no longer vouches for it",
        "Sign in to Tailscale on the device again",
    ),
    Kind.UNKNOWN: Refusal(
        403,
        "This caller is not known",
        "Tailscale knows no device at this address",
        "Open the box by its Tailscale name, from a device that is signed in",
    ),
    Kind.FUNNEL: Refusal(
        403, "Nothing here is public", "The request came through Tailscale Funnel"
    ),
    Kind.FORGED: Refusal(
        403, "This request does not add up", "Its headers contradict the way it came in"
    ),
    Kind.UNPROVEN: Refusal(
        503,
        "The box cannot tell who you are",
        "Tailscale does not answer on the box",
        "Start Tailscale on the box; this page works again by itself",
    ),
    Kind.VISITOR: Refusal(
        401,
        "This box does not know this browser",
        "Only whoever opened the address that the box printed comes in",
        "Run `albums open` on this machine for a new address",
    ),
}
_SHELL_ONLY = Refusal(
    403,
    "This is only for the box's own shell",
    "It reaches beyond the library, so no browser or device may ask for it",
    "Use the `albums` command on the box",
)


def refusal(kind: Kind, route: Route) -> Refusal | None:
    """None: go ahead."""
    if route in RIGHTS[kind]:
        return None
    return REFUSALS.get(kind, _SHELL_ONLY)


@dataclass(frozen=True)
class Caller:
    """Somebody at a door. `peer` is what refusals are counted by; `device` is Tailscale's id."""

    kind: Kind
    door: Door
    origin: str  # tailscale://galaxy-s24, local://browser: for the audit log
    peer: str = ""
    device: str | None = None
    login: str = ""
    why: str = ""  # more than the table knows, where there is more
