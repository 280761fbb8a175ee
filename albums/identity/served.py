"""What `tailscale serve` hands on now: which address of the box leads where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from albums.identity.answers import flag, table, text


@dataclass(frozen=True)
class Served:
    """`targets`: "box.tail1234.ts.net:443" -> "unix:/…" or a URL, of the whole site ("/").

    `public`: those of them that Funnel shows to everybody on the internet.
    """

    targets: Mapping[str, str]
    public: frozenset[str]


def served_of(answer: Any) -> Served:
    """The body of `serve-config`. Raises Malformed."""
    config = table(answer)
    targets = {}
    for place, site in table(config.get("Web")).items():
        root = table(table(table(site).get("Handlers")).get("/"))
        if root:
            targets[place] = text(root.get("Proxy")) or text(root.get("Path")) or "a fixed text"
    public = frozenset(p for p, open_ in table(config.get("AllowFunnel")).items() if flag(open_))
    return Served(targets, public)
