"""Counts refusals, and slows down who does not stop asking."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from albums.identity.access import Kind

IN_A_ROW = 10  # after so many, a peer waits
_FIRST_WAIT = 0.5  # seconds; doubles with each further one
_LONGEST_WAIT = 8.0
_PEERS = 10_000


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class Refusals:
    """Since this process started. For use in one event loop."""

    since: str = field(default_factory=_now)
    by_kind: Counter[Kind] = field(default_factory=Counter)
    _in_a_row: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def count(self, kind: Kind, peer: str) -> float:
        """One more. Seconds that this peer should wait for its answer."""
        self.by_kind[kind] += 1
        row = self._in_a_row[peer] = self._in_a_row.pop(peer, 0) + 1
        if len(self._in_a_row) > _PEERS:
            self._in_a_row.popitem(last=False)
        if row <= IN_A_ROW:
            return 0.0
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(row - IN_A_ROW - 1, 10))

    def forgive(self, peer: str) -> None:
        """It was let in."""
        self._in_a_row.pop(peer, None)
