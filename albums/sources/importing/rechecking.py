"""A receipt checked on any later day: its chain, the audit log's word, and every byte once more."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from albums.errors import NotFound
from albums.ingest.receive import Receiver
from albums.library import tombstones
from albums.library.checks import KINDS, Finding, note_damage
from albums.library.import_receipts import (
    DamagedReceipt,
    Line,
    anchors,
    chain_faults,
    lines_with,
    receipt_file,
)
from albums.sources.importing.receipt import read_receipt

_LISTED = 1000


@dataclass
class Recheck:
    """How far a check has come, and what it found. Written by the check, read by who shows it."""

    number: int
    state: Literal["chain", "reading", "done", "stopped"] = "chain"
    files_total: int = 0
    files: int = 0  # originals and papers that were read
    bytes_total: int = 0
    bytes_done: int = 0
    deleted: int = 0  # by the owner, since
    broken: int = 0
    broken_files: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # of the receipt itself
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    def end(self, state: Literal["done", "stopped"]) -> None:
        self.state, self.ended = state, time.monotonic()

    def breaks(self, line: Line, what: str) -> None:
        self.broken += 1
        if self.broken <= _LISTED:
            self.broken_files.append(
                {"part": line["part"], "path": line["path"], "sha256": line["sha256"], "why": what}
            )

    def as_json(self) -> dict[str, Any]:
        plain = ("number", "state", "files_total", "files", "bytes_total", "bytes_done",
                 "deleted", "broken")  # fmt: skip
        seconds = (self.ended or time.monotonic()) - self.began
        return {name: getattr(self, name) for name in plain} | {
            "broken_files": list(self.broken_files),
            "faults": list(self.faults),
            "whole": self.state == "done" and not self.broken and not self.faults,
            "seconds": round(seconds, 3),
        }


def check_receipt(
    receiver: Receiver, number: int, progress: Recheck, stop: threading.Event
) -> None:
    """Check a receipt, then read all that it says to be kept; early where `stop` is set.

    Raises NotFound, DiskFull, LibraryUnusable.
    """
    file = receipt_file(receiver.library.path.parent, number)
    with receiver.library.read() as db:
        anchor = anchors(db).get(file.name)
    progress.faults = list(chain_faults(file, anchor))
    progress.state = "reading"
    try:
        reread = read_receipt(file.parent, number).seal["reread"]
        progress.files_total, progress.bytes_total = reread["files"], reread["bytes"]
        _read_all(receiver, lines_with(file, '"type": "entry"'), progress, stop)
    except DamagedReceipt as error:
        if error.what not in progress.faults:
            progress.faults.append(error.what)
    progress.end("stopped" if stop.is_set() else "done")


def _read_all(receiver: Receiver, lines: Any, progress: Recheck, stop: threading.Event) -> None:
    seen: set[bytes] = set()
    for line in lines:
        if stop.is_set():
            return
        if line["type"] != "entry" or line["verdict"] == "not landed" or not line["sha256"]:
            continue
        key = bytes.fromhex(line["sha256"])
        if line["asset"] is None:
            _read_paper(receiver, line, progress)
        elif key not in seen:
            seen.add(key)
            _read_original(receiver, line, progress)
        else:
            continue
        progress.files += 1
        progress.bytes_done += line["size"]


def _read_paper(receiver: Receiver, line: Line, progress: Recheck) -> None:
    """What speaks of others is kept in the journal."""
    with receiver.library.read() as db:
        row = db.execute(
            "select paper from import_entries where sha = ? and paper is not null limit 1",
            (line["sha256"],),
        ).fetchone()
    if row is None:
        progress.breaks(line, "it is missing from the journal")
    elif hashlib.sha256(row["paper"]).hexdigest() != line["sha256"]:
        progress.breaks(line, "the journal has other bytes")


def _read_original(receiver: Receiver, line: Line, progress: Recheck) -> None:
    finding = _look(receiver, line["asset"])
    finding = finding and _look(receiver, line["asset"])  # a single bad reading is looked at twice
    if finding is None:
        return
    with receiver.library.write() as db:
        if _was_deleted(db, line["asset"]):
            progress.deleted += 1
            return
        note_damage(db, finding)
    progress.breaks(line, KINDS[finding.kind])


def _look(receiver: Receiver, sha: str) -> Finding | None:
    """What is wrong with an original when it is read from the disk."""
    with receiver.library.read() as db:
        row = db.execute("select extension from assets where sha = ?", (sha,)).fetchone()
    extension = row["extension"] if row else ""
    path = receiver.vault.originals.path(sha, extension)
    place = str(path.relative_to(receiver.library.path.parent))
    try:
        whole = bool(row) and receiver.vault.originals.reread(sha, extension)
    except NotFound:
        return Finding("missing", place, sha)
    except OSError as error:
        return Finding("unreadable", place, sha, error.strerror or str(error))
    if not row:
        return Finding("missing", place, sha)
    return None if whole else Finding("changed", place, sha)


def _was_deleted(db: sqlite3.Connection, sha: str) -> bool:
    known = db.execute("select 1 from assets where sha = ?", (sha,)).fetchone()
    return known is None and tombstones.deleted_at(db, sha) is not None
