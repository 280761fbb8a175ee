"""A library with photos of which something is said, and a folder to leave to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from albums.assembly import Albums, open_albums
from albums.library.assets import asset_by_sha
from albums.library.collections import add_to_collection
from albums.library.facts import Claim, add_claims, settle
from albums.library.tags import add_tags, replace_tags
from albums.settings import Settings
from albums.upkeep.export import Progress, export
from tests.arrivals import arrival_of


@dataclass
class House:
    """A library and where it is exported to."""

    albums: Albums
    out: Path

    def take_in(self, content: bytes, name: str = "a.jpg", **said: Any) -> str:
        """Returns the SHA-256; `said` are facts of the person."""
        receipt = self.albums.receiver.receive(arrival_of(content, name))
        assert receipt.asset_id
        # What the arrival's own clock claims would put every photo into this month.
        self.sql("delete from claims where asset_id = ?", receipt.asset_id)
        self.say(receipt.sha, **said)
        return receipt.sha

    def original(self, sha: str) -> Path:
        with self.albums.library.read() as db:
            extension = asset_by_sha(db, sha).extension
        return self.albums.vault.originals.path(sha, extension)

    def say(self, sha: str, **facts: Any) -> None:
        with self.albums.library.write() as db:
            asset_id = _id(db, sha)
            add_claims(db, asset_id, [Claim(f, v, "person", 1.0) for f, v in facts.items()])
            settle(db, asset_id, self.albums.tools.home)

    def tag(self, sha: str, *tags: str, machine: tuple[str, ...] = ()) -> None:
        with self.albums.library.write() as db:
            add_tags(db, _id(db, sha), tags)
            replace_tags(db, _id(db, sha), "labels", [(tag, 0.7) for tag in machine])

    def collect(self, name: str, *shas: str) -> None:
        with self.albums.library.write() as db:
            add_to_collection(db, name, [_id(db, sha) for sha in shas])

    def caption(self, sha: str, title: str, description: str) -> None:
        """A model's."""
        self.sql(
            """insert into captions select id, 'model', ?, ?, 'Qwen', 'cpu', 'v1',
               '2026-01-02T03:04:05+00:00' from assets where sha = ?""",
            title, description, sha,
        )  # fmt: skip

    def sql(self, statement: str, *parameters: Any) -> None:
        with self.albums.library.write() as db:
            db.execute(statement, parameters)

    def export(self, *, with_trash: bool = False, out: Path | None = None) -> Progress:
        progress = Progress(str(out or self.out))
        export(
            out or self.out, self.albums.library, self.albums.vault, progress, threading.Event(),
            with_trash=with_trash,
        )  # fmt: skip
        json.dumps(progress.as_json())
        return progress

    def tree(self) -> list[str]:
        """Files and links below the folder, without the lists."""
        lists = {"manifest.csv", "collections.csv", "SHA256SUMS"}
        found = (p.relative_to(self.out).as_posix() for p in self.out.rglob("*") if not p.is_dir())
        return sorted(set(found) - lists)


def _id(db: Any, sha: str) -> int:
    return int(db.execute("select id from assets where sha = ?", (sha,)).fetchone()["id"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    albums = open_albums(
        Settings(library=tmp_path / "library", workers=1, time_zone="Europe/Lisbon")
    )
    yield House(albums, tmp_path / "out")
    albums.close()
