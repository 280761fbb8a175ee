"""What was ingested when and by whom, and every change a person made: append-only.

Each entry carries the hash of the one before, so that a removed or altered entry shows. Entries
are rows of the transaction they speak of, and lines of `audit.jsonl` before anything is
acknowledged: the log outlives the database.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from albums.library.database import Library
from albums.library.lines import append_lines, last_line, whole_lines

_START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    id: int
    at: str  # UTC, ISO 8601
    actor: str
    action: str
    sha: str | None
    detail: dict[str, Any]
    previous: str
    hash: str

    def as_json(self) -> dict[str, Any]:
        return dict(self.__dict__)


@dataclass(frozen=True)
class Finding:
    """Where the chain is broken, and how."""

    id: int
    what: str


class Audit:
    """The log in its two places."""

    def __init__(self, library: Library, file: Path) -> None:
        self.library = library
        self.file = file
        last = last_line(file)
        self._written = int(json.loads(last)["id"]) if last else 0
        library.after_commit.append(self.flush)
        self.flush()

    def record(
        self,
        db: sqlite3.Connection,
        actor: str,
        action: str,
        sha: str | None = None,
        **detail: Any,
    ) -> None:
        """Add an entry inside the transaction that does what it says."""
        add_entry(db, actor, action, sha, detail)

    def flush(self) -> None:
        """Append and fsync what was committed but is not in the file yet."""
        with self.library.read() as db:
            entries = list(_entries(db, "where id > ? order by id", (self._written,)))
        if not entries:
            return
        append_lines(
            self.file, (f"{json.dumps(e.as_json(), sort_keys=True)}\n".encode() for e in entries)
        )
        self._written = entries[-1].id

    def entries(
        self, *, before: int | None = None, sha: str | None = None, limit: int = 100
    ) -> list[Entry]:
        """Newest first; `before` is the id that the last page ended with."""
        with self.library.read() as db:
            return list(
                _entries(
                    db,
                    """where (?1 is null or id < ?1) and (?2 is null or sha = ?2)
                       order by id desc limit ?3""",
                    (before, sha, limit),
                )
            )

    def check(self) -> list[Finding]:
        """Re-read rows and file: every break of the chain, oldest first; none is good."""
        with self.library.read() as db:
            rows = list(_entries(db, "order by id", ()))
        findings = _check_chain(iter(rows))
        in_file = {e.id: e.hash for e in read_entries(self.file)}
        findings += [
            Finding(e.id, "differs between the database and audit.jsonl")
            for e in rows
            if in_file.get(e.id) != e.hash
        ]
        return sorted(findings, key=lambda finding: finding.id)


def add_entry(
    db: sqlite3.Connection, actor: str, action: str, sha: str | None, detail: dict[str, Any]
) -> None:
    """The next row of the log. It is in the file once an `Audit` of this library flushes."""
    last = db.execute("select id, hash from audit order by id desc limit 1").fetchone()
    content: dict[str, Any] = {
        "id": last["id"] + 1 if last else 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "actor": actor,
        "action": action,
        "sha": sha,
        "detail": detail,
        "previous": last["hash"] if last else _START,
    }
    insert_entries(db, [Entry(**content, hash=hash_of(content))])


def insert_entries(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """As rows; of two with one id the first stays."""
    db.executemany(
        """insert or ignore into audit (id, at, actor, action, sha, detail, previous, hash)
           values (:id, :at, :actor, :action, :sha, :detail, :previous, :hash)""",
        (e.as_json() | {"detail": json.dumps(e.detail, sort_keys=True)} for e in entries),
    )


def hash_of(content: dict[str, Any]) -> str:
    """SHA-256 of an entry's canonical JSON without its own hash."""
    plain = {key: value for key, value in content.items() if key != "hash"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _entries(
    db: sqlite3.Connection, clause: str, parameters: tuple[object, ...]
) -> Iterator[Entry]:
    for row in db.execute(f"select * from audit {clause}", parameters):
        yield Entry(**{**dict(row), "detail": json.loads(row["detail"])})


def _check_chain(entries: Iterator[Entry]) -> list[Finding]:
    findings, previous, expected = [], _START, 1
    for entry in entries:
        if entry.id != expected:
            findings.append(Finding(expected, f"missing up to {entry.id - 1}"))
        elif entry.previous != previous:
            findings.append(Finding(entry.id, "does not follow from the entry before"))
        if hash_of(entry.as_json()) != entry.hash:
            findings.append(Finding(entry.id, "was altered"))
        previous, expected = entry.hash, entry.id + 1
    return findings


def read_entries(file: Path) -> Iterator[Entry]:
    """All whole lines of the file, oldest first."""
    return (Entry(**json.loads(line)) for line in whole_lines(file))
