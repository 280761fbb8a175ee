"""What an import of an export may use, what it was asked, and how far it has come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from albums.ingest.receive import Receiver
from albums.library.imports import Imports
from albums.media.sandbox import Sandbox
from albums.sources.source import Progress


@dataclass(frozen=True)
class Importer:
    """The rooms of the library that an import writes to."""

    receiver: Receiver
    imports: Imports
    sandbox: Sandbox
    throw_away: Callable[[Sequence[str]], object]  # into the trash, by SHA-256
    second_copy_at: Callable[[], str | None]  # UTC, of the last good backup


@dataclass(frozen=True)
class Asked:
    """What the person asked for. `stop` ends the import soon, with what was taken in kept."""

    paths: tuple[Path, ...]
    again: bool = False  # take in even what the owner deleted before
    dry_run: bool = False  # say what would happen, change nothing
    stop: threading.Event = field(default_factory=threading.Event)


class Stopped(Exception):
    """The person asked the import to stop."""


@dataclass
class ExportProgress(Progress):
    """How far the import of an export has come. `found` counts entries."""

    source: str = ""
    dry_run: bool = False
    part: str = ""  # that is being read
    now: str = ""  # what is in hand
    papers: int = 0  # files that speak of others
    receipts: list[int] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        own = ("source", "dry_run", "part", "now", "papers", "receipts", "summary")
        return super().as_json() | {name: getattr(self, name) for name in own}
