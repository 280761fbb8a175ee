"""The box's tailscaled, as Albums sees it: a LocalAPI socket that says what the real node knows.

tsnet keeps its own LocalAPI in memory. So the protocol is spoken by the double that most tests
use, and every fact in its answers is looked up, for each question, in the real node's network map.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.identity.localapi import Tailscaled
from tests.identity.network import Device, Json, Person


@dataclass(frozen=True)
class _Node(Device):
    """A node of the real map; `raw` is the map's own JSON of it."""

    raw: Json = field(default_factory=dict)

    def whois(self, destination: str = "") -> Json:
        return {"Node": self.raw, "UserProfile": self.person.profile(), "CapMap": None}


class BoxDaemon(Tailscaled):
    """`netmap()` asks the real node; see Control.netmap."""

    def __init__(self, path: Path, netmap: Callable[[], Json]) -> None:
        super().__init__(path)
        self._netmap = netmap
        self.tun = False  # tsnet has no network card

    def at(self, address: str) -> Device | None:
        self._look()
        return super().at(address)

    def status(self, *, peers: bool) -> Json:
        self._look()
        return super().status(peers=peers)

    def _look(self) -> None:
        found = self._netmap()
        people = {int(id): profile for id, profile in found["UserProfiles"].items()}
        self.own = _node(found["SelfNode"], people)
        peers = [_node(peer, people) for peer in found["Peers"] or []]
        self.devices = {peer.stable_id: peer for peer in peers}


def _node(raw: Json, people: dict[int, Json]) -> _Node:
    profile = people[raw["User"]]
    name, _, suffix = raw["Name"].rstrip(".").partition(".")
    return _Node(
        raw["StableID"],
        name,
        Person(raw["User"], profile["LoginName"], profile["DisplayName"]),
        tuple(prefix.partition("/")[0] for prefix in raw["Addresses"]),
        os=raw["Hostinfo"].get("OS", ""),
        tags=tuple(raw.get("Tags") or ()),
        shared_in=raw["Hostinfo"].get("ShareeNode", False),
        suffix=suffix,
        raw=raw,
    )
