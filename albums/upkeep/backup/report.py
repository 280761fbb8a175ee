"""What is told of a backup while it runs and once it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class LeftOut:
    """A file that could not be taken into the backup, and why."""

    path: str
    why: str


@dataclass
class Progress:
    """How far a run has come. Bytes are those that were copied or read again."""

    doing: str = "Looking"
    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0


@dataclass(frozen=True)
class Report:
    """What a finished run did. `lost`: what neither the library nor the backup holds whole."""

    target: str
    snapshot: str
    at: str  # UTC, when it began
    assets: int
    files: int
    bytes: int  # of all files of the snapshot
    new_originals: int
    new_sidecars: int
    new_bytes: int
    removed_snapshots: list[str]
    freed_bytes: int
    seconds: float
    lost: list[LeftOut] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Show = Callable[[Progress], None]
