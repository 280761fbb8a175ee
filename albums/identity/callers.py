"""Finds out who is at a door. Each door has its own rule; none believes what a stranger can say."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import decode_header, make_header
from typing import Protocol

from albums.identity.access import Caller, Door, Kind
from albums.identity.local import COOKIE, Sessions, same_user
from albums.identity.tailnet import Tailnet
from albums.identity.tailscale import Peer, TailscaleDown
from albums.library.devices import Devices

TAILNETS = (ipaddress.ip_network("100.64.0.0/10"), ipaddress.ip_network("fd7a:115c:a1e0::/48"))
_BY_RIGHTS = {"owner": Kind.OWNER, "upload": Kind.UPLOADER, "blocked": Kind.BLOCKED}

Address = tuple[str, int]


class Headers(Protocol):
    """What is asked of a request's headers."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True)
class Request:
    """What a door knows of a request. `client` and `server` are None at unix sockets."""

    door: Door
    headers: Headers
    client: Address | None
    server: Address | None
    program: str  # the client's name for itself: for the audit log, never for rights
    cookies: Mapping[str, str]


class Callers:
    """Knows the box's owner, devices and sessions, and whom to ask about the rest."""

    def __init__(self, tailnet: Tailnet, devices: Devices, sessions: Sessions) -> None:
        self._tailnet = tailnet
        self._devices = devices
        self._sessions = sessions

    async def identify(self, request: Request) -> Caller:
        """Never raises: who cannot be known is a kind of caller too."""
        if request.door is Door.SHELL:
            return Caller(Kind.SHELL, request.door, f"local://{request.program}")
        if request.door is Door.LOCAL:
            return self._local(request)
        try:
            return await self._from_tailnet(request)
        except TailscaleDown as down:
            return self._nobody(Kind.UNPROVEN, request, why=down.what)

    def _local(self, request: Request) -> Caller:
        known = self._sessions.knows(request.cookies.get(COOKIE) or _bearer(request.headers))
        if known and request.client and request.server:
            # A link can be read over a shoulder; the kernel knows whose browser it is.
            known = same_user(request.client, request.server) is not False
        kind = Kind.BROWSER if known else Kind.VISITOR
        return Caller(kind, request.door, f"local://{request.program}", peer="this machine")

    async def _from_tailnet(self, request: Request) -> Caller:
        daemon = await self._tailnet.status()
        if daemon.state != "running":
            why = f"{daemon.hint} (Tailscale on the box: {daemon.state})"
            return self._nobody(Kind.UNPROVEN, request, why=why)
        if request.door is Door.SERVE:
            return await self._behind_serve(request)
        if request.client is None:
            return self._nobody(Kind.UNKNOWN, request)
        if request.door is Door.USERSPACE:
            peer = await self._tailnet.whois_connection(*request.client)
            return await self._device(peer, request, request.client[0])
        address = _tailnet_address(request.client[0])
        if address is None:
            return self._nobody(Kind.UNKNOWN, request)
        return await self._device(await self._tailnet.whois(address), request, address)

    async def _behind_serve(self, request: Request) -> Caller:
        """tailscaled overwrites these headers, and nobody else can open this door's socket."""
        if request.headers.getlist("tailscale-funnel-request"):
            return self._nobody(Kind.FUNNEL, request)
        forwarded = request.headers.getlist("x-forwarded-for")
        address = _tailnet_address(forwarded[0]) if len(forwarded) == 1 else None
        if address is None:
            return self._nobody(Kind.FORGED, request)
        peer = await self._tailnet.whois(address)
        said = request.headers.getlist("tailscale-user-login")
        if said and not (peer and peer.user and [_decoded(s) for s in said] == [peer.user.login]):
            return self._nobody(Kind.FORGED, request, address)
        return await self._device(peer, request, address)

    async def _device(self, peer: Peer | None, request: Request, address: str) -> Caller:
        if peer is None:
            return self._nobody(Kind.UNKNOWN, request, address)
        kind = self._kind(peer, (await self._tailnet.status()).own)
        login = peer.user.login if peer.user else ""
        name = peer.name
        if kind is Kind.OWNER and peer.user:
            device = self._devices.seen(
                peer.stable_id,
                name=peer.name,
                model=peer.model,
                os=peer.os,
                user_id=peer.user.id,
                login=login,
            )
            kind, name = _BY_RIGHTS[device.rights], device.name
        return Caller(
            kind, request.door, f"tailscale://{name}", peer.stable_id, peer.stable_id, login
        )

    def _kind(self, peer: Peer, own: Peer | None) -> Kind:
        owner = self._devices.owner
        if own is None or peer.stable_id == own.stable_id:
            return Kind.SELF
        if peer.shared_in:
            return Kind.GUEST
        if peer.tags:
            return Kind.TAGGED
        if peer.expired:
            return Kind.EXPIRED
        if peer.user is None:
            return Kind.UNKNOWN
        if owner is None:
            return Kind.UNCLAIMED
        return Kind.OWNER if peer.user.id == owner.user_id else Kind.STRANGER

    def _nobody(self, kind: Kind, request: Request, address: str = "", why: str = "") -> Caller:
        where = address or (request.client[0] if request.client else request.door.value)
        return Caller(kind, request.door, f"tailscale://{where}", peer=where, why=why)


def _tailnet_address(text: str) -> str | None:
    """The address as tailscaled writes it; None when no tailnet has such addresses."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(address) if any(address in network for network in TAILNETS) else None


def _decoded(value: str) -> str:
    """tailscaled writes what is not ASCII in the encoding of RFC 2047."""
    try:
        return str(make_header(decode_header(value)))
    except (UnicodeError, LookupError, ValueError):
        return ""


def _bearer(headers: Headers) -> str | None:
    given = headers.getlist("authorization")
    scheme, _, value = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return value.strip() if scheme.lower() == "bearer" else None
