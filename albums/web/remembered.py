"""Answers that take a while to compute: nobody waits for one of which an older one is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_PATIENCE = 10
_QUICK = 0.05  # seconds; what takes less is always computed anew


class Remembered(Generic[T]):
    """What `compute` returns, as old as ten times what computing it took. Safe in any thread.

    The first caller waits. Later, an answer that is too old is given once more, and computed anew
    behind the caller's back.
    """

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._answer: tuple[T] | None = None
        self._took = 0.0
        self._until = 0.0

    def get(self) -> T:
        """Raises whatever `compute` raises, but not what it raised behind somebody's back."""
        answer = self._answer
        if answer is None or self._took < _QUICK:
            return self._anew()
        if time.monotonic() >= self._until and self._lock.acquire(blocking=False):
            threading.Thread(target=self._behind, name="remembered", daemon=True).start()
        return answer[0]

    def _anew(self) -> T:
        with self._lock:
            if self._answer is not None and time.monotonic() < self._until:
                return self._answer[0]  # somebody else just did
            return self._keep()

    def _behind(self) -> None:
        try:
            self._keep()
        finally:
            self._lock.release()

    def _keep(self) -> T:
        began = time.monotonic()
        answer = self._compute()
        ended = time.monotonic()
        self._took = ended - began
        self._until = ended + (self._took * _PATIENCE if self._took >= _QUICK else 0)
        self._answer = (answer,)
        return answer
