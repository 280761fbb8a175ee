"""Whatever the road does to an upload, the file that ends up in the library is the one sent."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from albums.assembly import open_albums
from albums.errors import AlbumsError, BadInput
from albums.library.uploads import Upload
from albums.settings import Settings
from albums.sources import said
from albums.sources.tus import pieces, uploads, writing
from albums.sources.tus.pieces import Piece, Tus
from albums.sources.tus.writing import Checksum

LARGEST = 60_000  # bytes
PHONE = "phone"


class CutOff(Exception):
    """The line went dead."""


async def sent(content: bytes, cuts: int, dies: bool = False) -> AsyncIterator[bytes]:
    """In `cuts` chunks, some of which may be empty."""
    size = max(1, len(content) // cuts)
    for begin in range(0, len(content), size):
        yield content[begin : begin + size]
        yield b""
    if dies:
        raise CutOff


class Road(RuleBasedStateMachine):
    """One upload. `promised` is what the box said that it has; it may never have less."""

    @initialize(size=st.integers(0, LARGEST), seed=st.integers(0, 9))
    def begin(self, size: int, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.albums = open_albums(
            Settings(library=Path(self.folder.name) / "library", workers=1, time_zone="UTC")
        )
        self.loop = asyncio.new_event_loop()
        self.tus = Tus(self.albums.receiver)
        self.content = hashlib.shake_128(bytes([seed])).digest(size)
        name = {"filename": "a.jpg"}
        self.upload = self.run(self.tus.begin(PHONE, "test://phone", size, name, None))
        self.promised = 0

    @rule(count=st.integers(0, LARGEST), cuts=st.integers(1, 9))
    def send(self, count: int, cuts: int) -> None:
        """The next piece."""
        at = self.promised
        piece = self.content[at : at + count]
        after = self.append(at, sent(piece, cuts))
        assert after.offset == at + len(piece)
        self.promised = after.offset

    @rule(count=st.integers(0, LARGEST), cuts=st.integers(1, 9))
    def cut_off(self, count: int, cuts: int) -> None:
        """What came before the line went dead is kept."""
        at = self.promised
        if at == len(self.content):
            return
        piece = self.content[at : at + count]
        with pytest.raises(CutOff):
            self.append(at, sent(piece, cuts, dies=True))
        self.promised = self.look().offset
        assert self.promised == at + len(piece)

    @rule(count=st.integers(1, LARGEST), back=st.integers(1, LARGEST))
    def send_again(self, count: int, back: int) -> None:
        """A piece that came already, or from somewhere else, moves nothing."""
        at = max(0, self.promised - back)
        if at < self.promised:
            with pytest.raises(AlbumsError, match="goes on at byte"):
                self.append(at, sent(self.content[at : at + count], 1))

    @rule(count=st.integers(1, LARGEST), dies=st.booleans())
    def send_garbage(self, count: int, dies: bool) -> None:
        """With a checksum that it does not have, or cut off before that could be seen."""
        count = min(count, len(self.content) - self.promised)
        if count:
            checksum = Checksum("md5", bytes(16))
            with pytest.raises(CutOff if dies else AlbumsError):
                self.append(self.promised, sent(b"\0" * count, 3, dies), checksum)

    @rule(more=st.integers(1, LARGEST), known=st.booleans())
    def send_too_much(self, more: int, known: bool) -> None:
        if self.promised < len(self.content):
            rest = self.content[self.promised :] + bytes(more)
            with pytest.raises(AlbumsError, match=r"announced|missing"):
                self.append(self.promised, sent(rest, 2), None, len(rest) if known else None)
            self.promised = self.look().offset
            assert self.promised < len(self.content)

    @rule()
    def restart(self) -> None:
        self.tus.close()
        self.albums.close()
        self.albums = open_albums(self.albums.settings)
        self.tus = Tus(self.albums.receiver)
        self.run(self.tus.tidy())

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "tus"):
            return
        upload = self.look()
        assert upload.offset == self.promised
        with self.albums.library.read() as db:
            shas = [row["sha"] for row in db.execute("select sha from assets")]
        whole = self.promised == len(self.content)
        assert shas == ([hashlib.sha256(self.content).hexdigest()] if whole else [])
        if whole:
            assert upload.sha == shas[0]
            kept = self.albums.vault.originals.path(shas[0], self._extension(shas[0]))
            assert kept.read_bytes() == self.content
            assert self.albums.vault.partials.uploads() == set()
            return
        partial = self.albums.vault.partials.path(self.upload.id)
        arrived = partial.read_bytes() if partial.exists() else b""
        assert arrived[: self.promised] == self.content[: self.promised]

    def teardown(self) -> None:
        if hasattr(self, "tus"):
            self.tus.close()
            self.albums.close()
            self.loop.close()
            self.folder.cleanup()

    def append(
        self,
        at: int,
        body: AsyncIterator[bytes],
        checksum: Checksum | None = None,
        length: int | None = None,
    ) -> Upload:
        piece = Piece(at, body, length, checksum)
        after: Upload = self.run(self.tus.append(self.upload.id, PHONE, piece))
        return after

    def look(self) -> Upload:
        upload: Upload = self.run(self.tus.look(self.upload.id, PHONE))
        return upload

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def _extension(self, sha: str) -> str:
        with self.albums.library.read() as db:
            row = db.execute("select extension from assets where sha = ?", (sha,)).fetchone()
        return str(row["extension"])


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promises and blocks are small, so that small files meet every case."""
    monkeypatch.setattr(writing, "CHECKPOINT", 9_000)
    monkeypatch.setattr(pieces, "_BLOCK", 4_000)


def test_whatever_the_road_does_the_file_arrives_whole() -> None:
    run_state_machine_as_test(
        Road,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("", None),
        ("0", 0),
        ("1700000000", 1_700_000_000_000_000_000),
        ("1700000000.25", 1_700_000_000_250_000_000),
        ("1700000000250", 1_700_000_000_250_000_000),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000_000_000),
    ],
)
def test_a_modified_time_is_seconds_milliseconds_or_iso(text: str, nanoseconds: int | None) -> None:
    assert said.modified_ns(text) == nanoseconds


@pytest.mark.parametrize("text", ["inf", "-1", "1e300", "nan", "long ago"])
def test_a_modified_time_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        said.modified_ns(text)


def test_collections_are_one_name_or_a_json_list() -> None:
    assert said.collection_names("") == ()
    assert said.collection_names("Lisbon, by night") == ("Lisbon, by night",)
    assert said.collection_names('["A", " B  b ", "A", ""]') == ("A", "B b")


def test_ids_cannot_be_guessed(tmp_path: Path) -> None:
    albums = open_albums(Settings(library=tmp_path, workers=1, time_zone="UTC"))
    tus = uploads.TusUploads(albums.receiver)
    ids = {tus.begin(PHONE, "test://phone", 10, {}).id for _ in range(20)}
    albums.close()
    assert len(ids) == 20
    assert all(len(upload) >= 32 and os.sep not in upload for upload in ids)
