"""A library of small originals to damage, and its verification."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from albums.ingest.receive import Receiver
from albums.library.assets import asset_by_sha
from albums.library.audit import Audit
from albums.library.checks import Finding, findings
from albums.library.database import Library
from albums.library.ledger import Ledger, Plan
from albums.upkeep.verify import Copies, Progress, Verification, Wanted
from albums.vault import Vault
from tests.arrivals import arrival_of


@dataclass(frozen=True)
class Shelves:
    """The library's folder, and the one door into it."""

    folder: Path
    receiver: Receiver

    @classmethod
    def of(cls, library: Library, vault: Vault, folder: Path) -> Shelves:
        audit = Audit(library, folder / "audit.jsonl")
        return cls(folder, Receiver(library, vault, Ledger([Plan("facts", "1")]), audit, UTC))

    @property
    def library(self) -> Library:
        return self.receiver.library

    @property
    def vault(self) -> Vault:
        return self.receiver.vault

    def fill(self, count: int, size: int = 3000) -> list[str]:
        """Take in so many files of about `size` bytes; their hashes."""
        source = random.Random(7)
        staged = [
            self.receiver.stage(
                arrival_of(source.randbytes(source.randint(size // 2, size)), f"{number}.bin")
            )
            for number in range(count)
        ]
        return [receipt.sha for receipt in self.receiver.commit(staged)]

    def original(self, sha: str) -> Path:
        with self.library.read() as db:
            asset = asset_by_sha(db, sha)
        return self.vault.originals.path(sha, asset.extension)

    def sidecar(self, sha: str) -> Path:
        return self.vault.sidecars.path(sha)

    def back_up(self, target: Path) -> Path:
        """A plain copy of the originals and sidecars."""
        shutil.copytree(self.vault.originals.root, target / "originals")
        return target

    def verify(
        self,
        wanted: Wanted | None = None,
        *,
        copies: Path | None = None,
        stop: threading.Event | None = None,
        readers: int = 2,
        known: dict[str, Any] | None = None,
    ) -> Progress:
        """Run to the end."""
        if copies:
            wanted = Wanted(copies=Copies(copies, self.folder))
        progress = Progress()

        def word(db: sqlite3.Connection, asset_id: int) -> dict[str, Any]:
            return known or {}

        Verification(
            self.library,
            self.vault,
            self.receiver.audit,
            self.folder,
            wanted or Wanted(),
            progress,
            stop or threading.Event(),
            word,
            readers,
        ).run()
        return progress

    def findings(self) -> list[Finding]:
        with self.library.read() as db:
            return findings(db)

    def found(self) -> set[tuple[str, str]]:
        """Kind and hash of all that is wrong."""
        return {(finding.kind, finding.sha or finding.path) for finding in self.findings()}


def flip(path: Path, at: int | None = None) -> None:
    """One bit of rot: one byte becomes another."""
    content = bytearray(path.read_bytes())
    place = len(content) // 2 if at is None else at
    content[place] ^= 0x40
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)
