"""The times of a film's frames, from its beginning on and without leaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from albums.media.film_file import Film

LEAP = 60.0  # seconds from one frame to the next; beyond, the clock was set anew
_BACK = -1.0  # seconds; behind that, too


class Clock:
    """Of one stream of a film that begins at `start` seconds."""

    def __init__(self, start: float) -> None:
        self._shift = -start
        self._last: float | None = None

    def at(self, said: float | None, step: float) -> float:
        """Seconds from the beginning. `said`: what the frame says, if anything; `step`: how long
        the one before lasts."""
        following = 0.0 if self._last is None else self._last + step
        if said is None:
            self._last = following
            return following
        if self._last is not None:
            passed = said + self._shift - self._last
            if not _BACK <= passed <= LEAP:
                self._shift = following - said
        self._last = said + self._shift
        return self._last


def start_of(film: Film) -> float:
    """Seconds at which its first frame is shown or heard."""
    return (film.container.start_time or 0) / 1_000_000
