"""A made-up tailnet: its devices, and how tailscaled writes them down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

SUFFIX = "tail1234.ts.net"
NEVER = "0001-01-01T00:00:00Z"  # Go's zero time
Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    id: int
    login: str
    display_name: str

    def profile(self) -> Json:
        return {
            "ID": self.id,
            "LoginName": self.login,
            "DisplayName": self.display_name,
            "ProfilePicURL": f"https://pictures.example/{self.id}",
        }


ALICE = Person(1001, "alice@example.com", "Alice Ångström")
BOB = Person(2002, "bob@example.org", "Bob")
OTHER_ALICE = Person(3003, "alice@example.com", "Alice of another provider")
TAGGED = Person(0x7FFFFFFF, "tagged-devices", "Tagged Devices")


@dataclass(frozen=True)
class Device:
    """One node. `bend` may change its whois answer in any way, for odd daemons."""

    stable_id: str
    name: str
    person: Person
    addresses: tuple[str, ...]
    os: str = "android"
    model: str = ""
    tags: tuple[str, ...] = ()
    shared_in: bool = False
    expired: bool = False
    key_expiry: str = NEVER
    capabilities: Json | None = None
    capabilities_for: dict[str, Json] = field(default_factory=dict)
    suffix: str = SUFFIX
    bend: Callable[[Json], object] | None = None

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{self.suffix}."

    @property
    def key(self) -> str:
        return f"nodekey:{self.stable_id.encode().hex():0<64.64}"

    def whois(self, destination: str = "") -> Json:
        """What `whois` answers; `destination`: its dst_ip or svc_name."""
        answer: Json = {
            "Node": self._node(),
            "UserProfile": (TAGGED if self.tags else self.person).profile(),
            "CapMap": self.capabilities_for.get(destination, self.capabilities),
        }
        if self.bend:
            self.bend(answer)
        return answer

    def _node(self) -> Json:
        host: Json = {"OS": self.os, "Hostname": self.name, "Services": None}
        if self.model:
            host["DeviceModel"] = self.model
        if self.shared_in:
            host["ShareeNode"] = True
        node: Json = {
            "ID": crc32(self.stable_id.encode()),
            "StableID": self.stable_id,
            "Name": self.fqdn,
            "User": self.person.id,
            "Key": self.key,
            "KeyExpiry": self.key_expiry,
            "Machine": "mkey:" + "0" * 64,
            "DiscoKey": "discokey:" + "0" * 64,
            "Addresses": self._prefixes(),
            "AllowedIPs": self._prefixes(),
            "Endpoints": None,
            "HomeDERP": 1,
            "Hostinfo": host,
            "Created": "2026-01-02T03:04:05.678901234Z",
            "Online": True,
            "ComputedName": self.fqdn.rstrip(".") if self.shared_in else self.name,
            "ComputedNameWithHost": self.name,
        }
        if self.tags:
            node["Tags"] = list(self.tags)
        if self.expired:
            node["Expired"] = True
        return node

    def _prefixes(self) -> list[str]:
        return [f"{ip}/{128 if ':' in ip else 32}" for ip in self.addresses]

    def status(self) -> Json:
        """What `status` says of it."""
        peer: Json = {
            "ID": self.stable_id,
            "PublicKey": self.key,
            "HostName": self.name,
            "DNSName": self.fqdn,
            "OS": self.os,
            "UserID": 0 if self.tags else self.person.id,
            "TailscaleIPs": list(self.addresses),
            "Addrs": None,
            "CurAddr": "",
            "Relay": "fra",
            "RxBytes": 0,
            "LastSeen": NEVER,
            "Online": True,
            "PeerAPIURL": None,
        }
        if self.tags:
            peer["Tags"] = list(self.tags)
        if self.shared_in:
            peer["ShareeNode"] = True
        if self.expired:
            peer["Expired"] = True
        if self.key_expiry != NEVER:
            peer["KeyExpiry"] = self.key_expiry
        return peer


def profiles(devices: Iterable[Device]) -> Json:
    return {str(d.person.id): d.person.profile() for d in devices}


BOX = Device("nBOX11CNTRL", "box", ALICE, ("100.64.0.1", "fd7a:115c:a1e0::1"), "linux")
PHONE = Device(
    "nPHONE2CNTRL", "galaxy-s24", ALICE, ("100.64.0.2", "fd7a:115c:a1e0::2"), model="SM-S921U"
)
TABLET = Device("nTABLET3CNTRL", "ipad", ALICE, ("100.64.0.3",), "iOS", "iPad14,3")
GUEST = Device(
    "nGUEST4CNTRL", "pixel", BOB, ("100.64.0.4",), shared_in=True, suffix="tail9999.ts.net"
)
KIOSK = Device("nKIOSK5CNTRL", "kiosk", ALICE, ("100.64.0.5",), "linux", tags=("tag:kiosk",))
STRANGER = Device("nSTRANGER6CNTRL", "laptop", BOB, ("100.64.0.6",), "windows")
IMPOSTOR = Device("nIMPOSTOR7CNTRL", "other", OTHER_ALICE, ("100.64.0.7",), "macOS")
EXPIRED = Device(
    "nEXPIRED8CNTRL",
    "old-phone",
    ALICE,
    ("100.64.0.8",),
    expired=True,
    key_expiry="2026-01-01T00:00:00Z",
)
EVERYONE = (PHONE, TABLET, GUEST, KIOSK, STRANGER, IMPOSTOR, EXPIRED)
