"""Receipts: proof that the bytes were read back whole from the disk after they were kept.

A phone may free its own copy on the word of one. Each is a row and, before it is given, a synced
line of `receipts.jsonl`: they outlive the database.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from albums.errors import NotFound
from albums.library.database import Library
from albums.library.lines import append_lines, last_line, whole_lines

FILE = "receipts.jsonl"


@dataclass(frozen=True)
class ReadBack:
    """These bytes were whole on the disk at `reread_at`."""

    sha: str  # SHA-256, hex
    size: int  # bytes
    name: str
    origin: str  # who asked: tailscale://galaxy-s24, as it was called then
    device: str  # who asked, whatever it is called: its stable id; empty where no device did
    kept_at: str  # UTC
    reread_at: str  # UTC


@dataclass(frozen=True)
class KeptReceipt(ReadBack):
    """The word on it that was given."""

    number: int
    id: str

    def as_json(self) -> dict[str, Any]:
        """As a client gets it."""
        return asdict(self)


class Receipts:
    """The receipts in their two places. Safe to use from any thread."""

    def __init__(self, library: Library, file: Path) -> None:
        self.library = library
        self.file = file
        self._appending = threading.Lock()
        last = last_line(file)
        self._written = int(json.loads(last)["number"]) if last else 0
        self._append()

    def give(self, read_back: Sequence[ReadBack]) -> list[KeptReceipt]:
        """Write receipts down; they are on disk in both places when this returns."""
        with self.library.write() as db:
            last = db.execute("select coalesce(max(number), 0) from receipts").fetchone()[0]
            numbers = count(max(last, self._written) + 1)
            receipts = [
                KeptReceipt(**asdict(whole), number=next(numbers), id=secrets.token_hex(8))
                for whole in read_back
            ]
            insert_receipts(db, receipts)
        self._append()
        return receipts

    def get(self, receipt_id: str) -> KeptReceipt:
        """Raises NotFound."""
        with self.library.read() as db:
            found = _rows(db, "where id = ?", (receipt_id,))
        if not found:
            raise NotFound(f"There is no receipt {receipt_id!r}")
        return found[0]

    def given(
        self,
        *,
        origin: str | None = None,
        device: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[KeptReceipt]:
        """Newest first. `before`: a receipt's number."""
        with self.library.read() as db:
            return _rows(
                db,
                """where (?1 is null or origin = ?1) and (?2 is null or device = ?2)
                   and (?3 is null or number < ?3) order by number desc limit ?4""",
                (origin, device, before, limit),
            )

    def origins(self) -> list[str]:
        """Whom receipts were given, by name."""
        with self.library.read() as db:
            rows = db.execute("select distinct origin from receipts order by origin")
            return [row["origin"] for row in rows]

    def _append(self) -> None:
        """What is committed but not in the file yet, in order; also what a cut left behind."""
        with self._appending:
            with self.library.read() as db:
                new = _rows(db, "where number > ? order by number", (self._written,))
            if not new:
                return
            append_lines(self.file, map(_line, new))
            self._written = new[-1].number


def insert_receipts(db: sqlite3.Connection, receipts: Iterable[KeptReceipt]) -> None:
    """As rows; one that is there already stays."""
    db.executemany(
        """insert or ignore into receipts
               (number, id, sha, size, name, origin, device, kept_at, reread_at)
           values (:number, :id, :sha, :size, :name, :origin, :device, :kept_at, :reread_at)""",
        [asdict(receipt) for receipt in receipts],
    )


def read_receipts(file: Path) -> list[KeptReceipt]:
    """All whole lines of the file, oldest first; half a line at its end was no promise."""
    older = {"device": ""}  # than their being told apart by more than their names
    return [KeptReceipt(**older | json.loads(line)) for line in whole_lines(file)]


def _rows(db: sqlite3.Connection, clause: str, parameters: tuple[object, ...]) -> list[KeptReceipt]:
    return [
        KeptReceipt(**dict(row))
        for row in db.execute(f"select * from receipts {clause}", parameters)
    ]


def _line(receipt: KeptReceipt) -> bytes:
    return json.dumps(asdict(receipt), ensure_ascii=False, sort_keys=True).encode() + b"\n"
