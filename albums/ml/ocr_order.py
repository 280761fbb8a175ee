"""Reading order: lines of text from top to bottom, and from left to right within a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Box = tuple[float, float, float, float]  # left, top, right, bottom
T = TypeVar("T")

_SAME_ROW = 0.5  # of the lower of two heights that they must share


def in_reading_order(lines: Sequence[T], boxes: Sequence[Box]) -> list[T]:
    """`lines` as they are read, by where they stand; `boxes` in any one unit, in the same order."""
    rows: list[list[int]] = []
    for i in sorted(range(len(boxes)), key=lambda i: _middle(boxes[i])):
        row = next((row for row in reversed(rows[-3:]) if _beside(boxes[row[-1]], boxes[i])), None)
        if row is None:
            rows.append([i])
        else:
            row.append(i)
    return [lines[i] for row in rows for i in sorted(row, key=lambda i: boxes[i][0])]


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _beside(one: Box, other: Box) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > _SAME_ROW * min(one[3] - one[1], other[3] - other[1])
