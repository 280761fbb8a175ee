"""Who is in the network: people, devices, and what one device is told of another."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from tests.identity.network import SUFFIX, TAGGED, Person

DOMAIN = SUFFIX
ELSEWHERE = "oak-elm.ts.net"
RELAY_REGION = 900  # 900-999 are kept for people's own relays

Facts = dict[str, Any]  # JSON as the control protocol has it

# ASCII, because serve writes other names in the encoding of RFC 2047 and Caddy does not.
ALICE = Person(1001, "alice@example.com", "Alice Almeida")
BOB = Person(1002, "bob@example.org", "Bob Brandt")
CAROL = Person(1003, "carol@example.com", "Carol Celik")
PEOPLE = (ALICE, BOB, CAROL, TAGGED)


@dataclass(frozen=True)
class Invitation:
    """What an auth key makes of the device that shows it."""

    name: str
    person: Person
    tags: tuple[str, ...] = ()
    shared_in: bool = False  # a device of another network, to which only the box was shared


@dataclass
class Device:
    id: int
    invitation: Invitation
    machine: bytes
    key: str
    said: Facts = field(default_factory=dict)  # its own words: Endpoints, DiscoKey, Hostinfo

    @property
    def name(self) -> str:
        return self.invitation.name

    @property
    def stable_id(self) -> str:
        return f"n{self.id:05d}CNTRL"

    @property
    def address(self) -> str:
        return f"100.64.0.{self.id}"

    @property
    def addresses(self) -> list[str]:
        return [f"{self.address}/32", f"fd7a:115c:a1e0::{self.id:x}/128"]

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{ELSEWHERE if self.invitation.shared_in else DOMAIN}"

    def facts(self) -> Facts:
        """This device as a map response tells others and itself (tailcfg.Node)."""
        host = dict(self.said.get("Hostinfo") or {})
        if self.invitation.shared_in:
            host["ShareeNode"] = True
        return {
            "ID": self.id,
            "StableID": self.stable_id,
            "Name": f"{self.fqdn}.",
            "User": self.invitation.person.id,
            "Machine": f"mkey:{self.machine.hex()}",
            "Key": self.key,
            "DiscoKey": self.said.get("DiscoKey"),
            "Addresses": self.addresses,
            "AllowedIPs": self.addresses,
            "Endpoints": self.said.get("Endpoints") or [],
            "HomeDERP": RELAY_REGION,
            "Hostinfo": host,
            "Tags": list(self.invitation.tags),
            "MachineAuthorized": True,
            "Online": True,
            "Cap": self.said.get("Version", 0),
        }


class Tailnet:
    """The table of devices. Keeps no secret: the devices hold their own private keys."""

    def __init__(self) -> None:
        self._invitations: dict[str, Invitation] = {}
        self._devices: dict[str, Device] = {}  # by node key
        self._count = 0

    def invite(self, invitation: Invitation) -> str:
        """An auth key."""
        key = f"tskey-auth-{secrets.token_hex(12)}"
        self._invitations[key] = invitation
        return key

    def join(self, auth_key: str, machine: bytes, key: str) -> Device | None:
        """The device with this node key; a new one if the auth key is good."""
        if known := self._devices.get(key):
            return known if known.machine == machine else None
        if not (invitation := self._invitations.get(auth_key)):
            return None
        self._count += 1
        self._devices[key] = Device(self._count, invitation, machine, key)
        return self._devices[key]

    def find(self, key: str, machine: bytes) -> Device | None:
        found = self._devices.get(key)
        return found if found and found.machine == machine else None

    def named(self, name: str) -> Device:
        return next(device for device in self._devices.values() if device.name == name)

    def remove(self, device: Device) -> None:
        del self._devices[device.key]
        self._invitations = {
            key: made for key, made in self._invitations.items() if made != device.invitation
        }

    def peers(self, of: Device) -> list[Device]:
        """Whom this device may see: a guest from elsewhere and the box, and nobody else."""

        def meet(other: Device) -> bool:
            guest = of.invitation.shared_in or other.invitation.shared_in
            return not guest or "box" in (of.name, other.name)

        return [d for d in self._devices.values() if d is not of and meet(d)]
