"""How commands have steps done again, and show how far that is: a bar, a rate, the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from albums.cli.output import Meter, clock, say

if TYPE_CHECKING:
    from albums.cli.box import Box

_LOOK_EVERY = 0.3  # seconds
_UNDONE = ("open", "waiting")


def do_again(box: Box, steps: list[str], query: str | None, *, failed: bool = False) -> int:
    """Opens the work; returns how many pieces."""
    asked = {"steps": steps, "query": query, "failed": failed}
    return int(box.ask("POST", "/api/v1/work/again", json=asked)["pieces"])


@dataclass
class Pace:
    """How quickly something gets less."""

    total: int
    began: float = field(default_factory=time.monotonic)

    def note(self, left: int) -> str:
        """ "120 a minute · 3:40 left"."""
        done, seconds = self.total - left, time.monotonic() - self.began
        if done <= 0 or seconds < 1:
            return f"{left:,} left"
        rate = done / seconds
        said = f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.1f} a minute"
        return f"{left:,} left · {said} · {clock(left / rate)}"


def follow_steps(
    box: Box, doing: str, steps: Iterable[str], look: Callable[[], None] = lambda: None
) -> None:
    """Until nothing of these steps is left to do now. Who waits wants it done: work that rests goes
    on. Ctrl-C ends the waiting, not the work. `look` is called now and then."""
    wanted = set(steps)
    pace: Pace | None = None
    with Meter() as meter:
        try:
            while True:
                status = box.get("/api/v1/status")
                look()
                left = _left(status["work"], wanted)
                pace = pace if pace and left <= pace.total else Pace(left)
                if not left or status["idle"]:
                    return
                if status["paused"]:
                    box.ask("POST", "/api/v1/work/resume")
                note = pace.note(left) + _first(status["work"], wanted, pace, left)
                meter.show(doing, pace.total - left, pace.total, note)
                time.sleep(_LOOK_EVERY)
        except KeyboardInterrupt:
            say("The rest is done all the same, as long as the box runs.")
            raise


def _first(work: list[dict[str, Any]], steps: set[str], pace: Pace, left: int) -> str:
    """What the box does before, as long as it has not come to these steps."""
    if left < pace.total:
        return ""
    others = {each["step"]: each["states"].get("open", 0) for each in work}
    before = [f"{step} {count:,}" for step, count in others.items() if count and step not in steps]
    return f" · first {', '.join(before)}" if before else ""


def _left(work: list[dict[str, Any]], steps: set[str]) -> int:
    return sum(
        each["states"].get(state, 0) for each in work if each["step"] in steps for state in _UNDONE
    )
