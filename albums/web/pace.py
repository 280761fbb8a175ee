"""How quickly each step gets on, from counts taken a little apart."""

from __future__ import annotations

import threading
import time
from collections import deque

Counts = dict[str, dict[str, int]]  # step -> state -> assets
_WINDOW = 120.0  # seconds that a rate looks back
_APART = 2.0  # seconds between two samples
CLOSED = ("done", "skipped", "failed")
LEFT = ("open", "waiting")


class Pace:
    """Samples of the ledger's counts."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, dict[str, int]]] = deque()
        self._lock = threading.Lock()

    def rates(self, counts: Counts, now: float | None = None) -> dict[str, float]:
        """Assets a second of each step; 0 until two samples are there."""
        now = time.monotonic() if now is None else now
        closed = {s: sum(n.get(state, 0) for state in CLOSED) for s, n in counts.items()}
        with self._lock:
            if not self._samples or now - self._samples[-1][0] >= _APART:
                self._samples.append((now, closed))
            while now - self._samples[0][0] > _WINDOW and len(self._samples) > 1:
                self._samples.popleft()
            began, before = self._samples[0]
        seconds = now - began
        if seconds < _APART:
            return dict.fromkeys(counts, 0.0)
        return {s: max(0, n - before.get(s, 0)) / seconds for s, n in closed.items()}


def seconds_left(states: dict[str, int], rate: float) -> float | None:
    """None where nobody can tell."""
    left = sum(states.get(state, 0) for state in LEFT)
    if not left:
        return 0.0
    return left / rate if rate else None
