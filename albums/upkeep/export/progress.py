"""How far an export has come, and what its check found."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

_LISTED = 1000  # paths that a report names in full; the rest is only counted


@dataclass
class Listing:
    """Paths with a reason; all are counted, the first are named."""

    count: int = 0
    named: list[dict[str, str]] = field(default_factory=list)

    def add(self, path: str, why: str) -> None:
        self.count += 1
        if self.count <= _LISTED:
            self.named.append({"path": path, "why": why})


@dataclass
class Progress:
    """Written by the export, read by whoever shows it. Sizes are bytes of originals."""

    folder: str
    state: Literal["listing", "copying", "checking", "done", "stopped"] = "listing"
    assets: int = 0  # that the library holds and that are to be there
    bytes_total: int = 0
    copied: int = 0
    bytes_copied: int = 0
    present: int = 0  # lay there already, equal
    bytes_present: int = 0
    moved: int = 0  # of those, under another name since their date or name changed
    sidecars: int = 0  # XMP files written
    collections: int = 0
    linked: str = ""  # how collections show their photos: symlinks, hard links, list
    checked: int = 0  # originals read back from the disk, each with its hash
    bytes_checked: int = 0
    sidecars_checked: int = 0
    failed: Listing = field(default_factory=Listing)
    wrong: Listing = field(default_factory=Listing)  # what the check found
    kept: Listing = field(default_factory=Listing)  # sidecars changed by another program
    gone: Listing = field(default_factory=Listing)  # exported before, not in the library any more
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def copy_done(self, size: int) -> None:
        with self._lock:
            self.copied += 1
            self.bytes_copied += size

    def present_already(self, size: int) -> None:
        with self._lock:
            self.present += 1
            self.bytes_present += size

    def sidecar_written(self) -> None:
        with self._lock:
            self.sidecars += 1

    def checked_original(self, size: int) -> None:
        with self._lock:
            self.checked += 1
            self.bytes_checked += size

    def checked_sidecar(self) -> None:
        with self._lock:
            self.sidecars_checked += 1

    def fail(self, path: str, why: str) -> None:
        with self._lock:
            self.failed.add(path, why)

    def keep(self, path: str, why: str) -> None:
        with self._lock:
            self.kept.add(path, why)

    def end(self, state: Literal["done", "stopped"]) -> None:
        self.state, self.ended = state, time.monotonic()

    @property
    def missing(self) -> int:
        """Assets of the library that the check did not find whole."""
        return self.assets - self.checked

    @property
    def complete(self) -> bool:
        """Every asset and every sidecar was read back and is what it should be."""
        return self.state == "done" and not (
            self.missing or self.bytes_total - self.bytes_checked or self.wrong.count
        )

    def as_json(self) -> dict[str, Any]:
        until = self.ended or time.monotonic()
        plain = (
            "folder", "state", "assets", "bytes_total", "copied", "bytes_copied", "present",
            "bytes_present", "moved", "sidecars", "collections", "linked", "checked",
            "bytes_checked", "sidecars_checked", "missing", "complete",
        )  # fmt: skip
        lists = ("failed", "wrong", "kept", "gone")
        return (
            {name: getattr(self, name) for name in plain}
            | {name: getattr(self, name).count for name in lists}
            | {f"{name}_files": list(getattr(self, name).named) for name in lists}
            | {
                "bytes_missing": self.bytes_total - self.bytes_checked,
                "seconds": round(until - self.began, 3),
            }
        )
