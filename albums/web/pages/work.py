"""How far each step of the pipeline has come, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from albums.web.pace import CLOSED, LEFT, Counts, seconds_left


@dataclass(frozen=True)
class StepNow:
    """Numbers of assets; `rate` is assets a second lately, `left` seconds where they are known."""

    name: str
    done: int
    open: int
    failed: int
    rate: float
    left: float | None

    @property
    def total(self) -> int:
        return self.done + self.open


def steps_now(request: Request, counts: Counts) -> list[StepNow]:
    """Every step, in the order of the pipeline."""
    rates = request.app.state.pace.rates(counts)
    return [
        StepNow(
            name,
            sum(states.get(state, 0) for state in CLOSED),
            sum(states.get(state, 0) for state in LEFT),
            states.get("failed", 0),
            rates[name],
            seconds_left(states, rates[name]),
        )
        for name, states in counts.items()
    ]
