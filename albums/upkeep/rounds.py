"""Looks again and again whether something is due, while the box runs; needs no systemd."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from albums.errors import AlbumsError

log = logging.getLogger(__name__)


class Rounds:
    """Calls `look` every so many seconds in a thread of its own, from `start()` to `close()`.

    A round that fails is logged; the next one comes. `first`: seconds until the first.
    """

    def __init__(
        self, name: str, seconds: float, look: Callable[[], object], *, first: float = 0
    ) -> None:
        self._name, self._seconds, self._look, self._first = name, seconds, look, first
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """No further round; waits for one that goes on."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def ending(self) -> bool:
        """A round that takes long should end soon."""
        return self._ending.is_set()

    def _run(self) -> None:
        wait = self._first
        while not self._ending.wait(wait):
            wait = self._seconds
            try:
                self._look()
            except (AlbumsError, OSError) as error:
                log.warning("%s: tried again in %.0f seconds: %s", self._name, wait, error)
