"""How a figure is written down."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a figure: what was measured, the value in words, what it means."""

    what: str
    value: str
    note: str = ""


def markdown(title: str, rows: Sequence[Row]) -> str:
    lines = [f"### {title}", "", "| what | measured | |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.value} | {row.note} |" for row in rows]
    return "\n".join([*lines, ""])


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0..1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Median and 95th percentile."""
    return f"p50 {statistics.median(values):.1f} {unit}, p95 {percentile(values, 0.95):.1f} {unit}"


def quickest(measure: Callable[[], float], rounds: int = 3) -> float:
    """The least of several measurements: the one that neighbours disturbed least."""
    return min(measure() for _ in range(rounds))
