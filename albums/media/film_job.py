"""What is asked of the process that makes a film playable, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wanted:
    """Of which film (`part`: offset and length inside the file), and how."""

    path: Path
    name: str
    part: list[int] | None
    height: int  # pixels of the shorter edge, at most
    bit_rate: int  # of the pictures, at most, a second
    threads: int


@dataclass(frozen=True)
class Made:
    """`copied`: its pictures are those of the original. Seconds, pixels."""

    width: int
    height: int
    duration: float
    copied: bool
    warning: str
