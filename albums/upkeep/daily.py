"""What the box does once a day by itself, late rather than never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from albums.errors import BadInput
from albums.library.database import Library
from albums.upkeep.rounds import Rounds

_LOOK_EVERY = 30.0  # seconds


class Daily:
    """Calls `act` in a thread of its own, each day at `at` ("03:30", this machine's clock).

    What was missed while the box was off is done soon after it starts. The first time is the next
    time that the clock shows `at`. `name` is how the library remembers it.
    """

    def __init__(self, name: str, at: str, library: Library, act: Callable[[], object]) -> None:
        """Raises BadInput for `at`; empty is never."""
        self._name, self._at, self._library, self._act = name, parse_hour(name, at), library, act
        self._rounds = Rounds(f"daily-{name}", _LOOK_EVERY, self._look_now)

    def start(self) -> None:
        if self._at:
            self._rounds.start()

    def close(self) -> None:
        """No further call; waits for one that runs."""
        self._rounds.close()

    def _look_now(self) -> None:
        self.look(datetime.now().astimezone())

    def look(self, now: datetime) -> bool:
        """Call `act` if it is time; `now` with its zone. Returns whether it was."""
        if not self._at:
            return False
        with self._library.read() as db:
            row = db.execute(
                "select value from notes where name = ?", (f"daily-{self._name}",)
            ).fetchone()
        last = datetime.fromisoformat(row["value"]) if row else None
        is_due = last is not None and due(self._at, last, now)
        if is_due or last is None:
            with self._library.write() as db:
                db.execute(
                    "insert or replace into notes values (?, ?)",
                    (f"daily-{self._name}", now.astimezone(UTC).isoformat()),
                )
        if is_due:
            self._act()
        return is_due


def due(at: time, last: datetime, now: datetime) -> bool:
    """Did the clock show `at` since `last`? Also where it was set back since."""
    latest = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if latest > now:
        latest -= timedelta(days=1)
    return last < latest or last > now + timedelta(days=1)


def parse_hour(name: str, text: str) -> time | None:
    """ "03:30"; empty is never. Raises BadInput."""
    try:
        return time.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput(
            f"{name}_at = {text!r} is not an hour of the day", hint='Write it as "03:30"'
        ) from error
