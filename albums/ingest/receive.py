"""The one door: bytes -> vault, sidecar, row and ledger, and only then the acknowledgement.

In order, for each batch: bytes and a draft of each sidecar are on disk; the originals get their
final names; these are on disk; one transaction writes assets, claims, ledger and audit log, and is
on disk; drafts become sidecars; their names are on disk. Cut off anywhere, the next start finishes
from the drafts or sweeps what was never promised.

Why this order: bytes before names, so that whatever has a final name is whole, though the power
goes. Drafts before names, so that no original is ever without what its source said of it. Names
before rows, so that no row speaks of a file that a power cut takes back. Rows before sidecars, so
that a draft is there until nothing needs it. Each step is on disk before the next begins, and costs
a batch no more than a single file: see `sync_all`.
"""

from __future__ import annotations

import logging
import sqlite3
import unicodedata
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any

from albums.errors import AlbumsError, Conflict
from albums.ingest.admit import admit, join
from albums.ingest.arrival import Arrival, Receipt
from albums.library import collections, tombstones
from albums.library.arrivals import extension_of, is_listed
from albums.library.assets import now
from albums.library.audit import Audit
from albums.library.checks import forget_findings
from albums.library.damage import DAMAGES
from albums.library.database import Library
from albums.library.ledger import Ledger
from albums.library.trash import take_from_purging
from albums.logs import about
from albums.media.formats import Format, identify
from albums.vault import Vault
from albums.vault.durable import (
    fsync_folder,
    replace_synced,
    room_on_disk,
    sweep_replaced,
    sync_all,
)
from albums.vault.originals import Staged
from albums.vault.sidecars import DamagedSidecar, Draft

log = logging.getLogger(__name__)
_LONGEST_NAME = 255


@dataclass
class Passing:
    """One arrival on its way through the door."""

    arrival: Arrival
    staged: Staged
    format: Format
    at: str
    draft: Path | None = None
    is_news: bool = False  # nothing quite like it came in before
    joined: bool = False  # collections that it was not in

    def call_as(self, known: str | None) -> None:
        """The original has this extension already."""
        if known is not None:
            self.format = replace(self.format, extension=known)

    def sidecar(self) -> dict[str, Any]:
        asked = {"again": True} if self.arrival.again else {}
        return {
            "sha": self.staged.sha,
            "sha1": self.staged.sha1,
            "md5": self.staged.md5,
            "size": self.staged.size,
            "extension": self.format.extension,
            "mime": self.format.mime,
            "kind": self.format.kind,
            "claims": [claim.as_json() for claim in self.arrival.claims],
            "collections": list(self.arrival.collections),
            "arrivals": [
                {
                    "at": self.at,
                    "name": clean_name(self.arrival.name),
                    "folder": self.arrival.folder,
                    "source": self.arrival.source,
                    "origin": self.arrival.origin,
                    "key": self.arrival.key,
                    "modified_ns": self.arrival.modified_ns,
                    "size": self.staged.size,
                    **asked,
                }
            ],
        }


Also = Callable[[sqlite3.Connection, Passing, Receipt], None]


def _only(db: sqlite3.Connection, passing: Passing, receipt: Receipt) -> None:
    """Most sources have no rows of their own."""


class Receiver:
    """Takes arrivals in. `on_received` is called after each batch is acknowledged."""

    def __init__(
        self,
        library: Library,
        vault: Vault,
        ledger: Ledger,
        audit: Audit,
        home: tzinfo,
        limit: int | None = None,
        on_received: Callable[[], None] = lambda: None,
    ) -> None:
        self.library = library
        self.vault = vault
        self.ledger = ledger
        self.audit = audit
        self.home = home
        self.limit = limit  # bytes a file
        self.on_received = on_received
        self._owed = deque[Draft]()  # committed, but the disk did not let them become sidecars

    def receive(self, arrival: Arrival) -> Receipt:
        """Keep one arrival. When this returns, it is kept.

        Raises DiskFull or TooLarge with nothing left behind.
        """
        return self.commit([self.stage(arrival)])[0]

    def stage(self, arrival: Arrival, *, synced: bool = True) -> Passing:
        """Read the bytes to disk. May run in several threads at once; `commit` must follow.

        Without `synced` the commit syncs them, for all of its batch at once: much quicker for who
        brings hundreds of files, and the same once they are acknowledged.
        """
        with about(arrival.name), arrival.open() as stream:
            staged = self.vault.originals.stage(stream, self.limit, synced=synced)
        return self.take(arrival, staged)

    def take(self, arrival: Arrival, staged: Staged) -> Passing:
        """What is on disk and hashed already. `commit` must follow."""
        return Passing(arrival, staged, identify(staged.head, arrival.name), now())

    def commit(self, batch: Sequence[Passing], also: Also = _only) -> list[Receipt]:
        """Acknowledge a batch of staged arrivals with one transaction.

        `also` writes a source's own rows of each arrival in the same one, in the order of the
        batch; of those, too, that the owner deleted.
        """
        brought_back: list[Passing] = []
        try:
            wanted = self._without_deleted(batch)
            self._keep(wanted)
            with self.library.write() as db:
                brought_back = [p for p in wanted if tombstones.deleted_at(db, p.staged.sha)]
                receipts = {id(p): self._admit(db, p) for p in wanted}
                for passing in batch:
                    if id(passing) not in receipts:
                        receipts[id(passing)] = _was_deleted(db, passing)
                    if receipts[id(passing)].asset_id is None:
                        _note_deleted(db, passing)
                    also(db, passing, receipts[id(passing)])
                if any(passing.joined for passing in wanted):
                    self._write_collections(db)
                if brought_back:
                    self._write_tombstones(db)
        except BaseException:
            self._undo(batch)
            if brought_back:
                with self.library.read() as db:
                    self._write_tombstones(db)
            raise
        # Cut off here, the next start finishes from the drafts.
        self._finish([(passing, receipts[id(passing)]) for passing in wanted])
        self.on_received()
        return [receipts[id(p)] for p in batch]

    def _without_deleted(self, batch: Sequence[Passing]) -> list[Passing]:
        with self.library.read() as db:
            deleted = {id(p) for p in batch if _is_deleted(db, p)}
            for passing in batch:
                passing.call_as(extension_of(db, passing.staged.sha))
        for passing in batch:
            if id(passing) in deleted:
                self.vault.originals.discard(passing.staged)
        return [p for p in batch if id(p) not in deleted]

    def _keep(self, batch: Sequence[Passing]) -> None:
        """Drafts and bytes on disk, then the names of the originals."""
        new = list[Path]()
        for passing in batch:
            passing.draft = self.vault.sidecars.draft(uuid.uuid4().hex, passing.sidecar())
            new.append(passing.draft)
            if not passing.staged.synced:
                new.append(passing.staged.path)
        with room_on_disk("these files"):
            sync_all(new)
        self.vault.originals.keep_all([(p.staged, p.format.extension) for p in batch])

    def _undo(self, batch: Sequence[Passing]) -> None:
        """Nothing was acknowledged: drop what came, unless the library knows it from elsewhere.

        What was committed before it went wrong (only the log was not written) gets its sidecar.
        """
        for passing in batch:
            self.vault.originals.discard(passing.staged)
            if passing.draft:
                with suppress(AlbumsError, OSError):  # the next start does it
                    self._undo_draft(passing, passing.draft)

    def _undo_draft(self, passing: Passing, draft: Path) -> None:
        sha, content = passing.staged.sha, passing.sidecar()
        with self.library.write(durable=False) as db:  # nobody takes in the same bytes meanwhile
            committed = passing.is_news and is_listed(db, sha, content["arrivals"][0])
            if extension_of(db, sha) is None:
                self.vault.originals.path(sha, passing.format.extension).unlink(missing_ok=True)
        if committed:
            self._adopt([Draft(draft, content)])
        else:
            draft.unlink(missing_ok=True)

    def _finish(self, batch: Sequence[tuple[Passing, Receipt]]) -> None:
        drafts = list[Draft]()
        for passing, receipt in batch:
            assert passing.draft
            if receipt.asset_id is None:
                passing.draft.unlink()
            else:
                first = receipt.status == "ingested"
                drafts.append(Draft(passing.draft, passing.sidecar(), first))
        self._adopt(drafts)

    def _adopt(self, drafts: Sequence[Draft]) -> None:
        """Where the sidecar rotted, the draft stays: a start after its repair finishes it. What a
        disk in trouble does not take now is tried again with what comes next, or at a start."""
        drafts = [*self._still_owed(), *drafts]
        try:
            for error in self.vault.sidecars.adopt(drafts):
                log.warning("%s", error)
        except BaseException:
            self._owed.extend(drafts)
            raise

    def _still_owed(self) -> Iterator[Draft]:
        with suppress(IndexError):
            while True:
                draft = self._owed.popleft()
                original = self.vault.originals.path(draft.sha, draft.content["extension"])
                if draft.path.exists() and original.exists():
                    yield draft

    def _admit(self, db: sqlite3.Connection, passing: Passing) -> Receipt:
        """The rows of one arrival, unless the owner deleted the same bytes meanwhile."""
        sha, extension = passing.staged.sha, passing.format.extension
        original = self.vault.originals.path(sha, extension)
        if _is_deleted(db, passing):
            original.unlink(missing_ok=True)  # deleted for good: these bytes belong to nobody
            return _was_deleted(db, passing)
        if not original.is_file():
            raise Conflict(
                f"{passing.arrival.name} was deleted for good while it came in",
                hint="Send it again",
            )
        forget_findings(db, sha, DAMAGES)  # it was kept whole
        known = extension_of(db, sha)
        if known is not None and known != extension:
            self._call_as(passing, known)
        content = passing.sidecar()
        passing.is_news = not is_listed(db, sha, content["arrivals"][0])
        receipt, passing.joined = self._admit_content(db, content)
        return receipt

    def _call_as(self, passing: Passing, known: str) -> None:
        """The same bytes came at once under another kind of name, and were quicker."""
        assert passing.draft
        self.vault.originals.rename(passing.staged.sha, passing.format.extension, known)
        passing.call_as(known)
        before = passing.draft
        passing.draft = self.vault.sidecars.draft(uuid.uuid4().hex, passing.sidecar())
        sync_all([passing.draft])
        before.unlink()

    def _admit_content(
        self, db: sqlite3.Connection, content: dict[str, Any]
    ) -> tuple[Receipt, bool]:
        """The second says whether collections changed."""
        sha = content["sha"]
        if take_from_purging(db, sha):
            self._forget_before(sha)
        if content["arrivals"][-1].get("again"):
            with suppress(DamagedSidecar):
                if self.vault.sidecars.read(sha):  # cut off here, the draft does it
                    self.vault.sidecars.update(sha, _out_of_the_trash)
        receipt = admit(db, content, ledger=self.ledger, audit=self.audit, home=self.home)
        assert receipt.asset_id is not None
        return receipt, join(db, receipt.asset_id, content["collections"])

    def _forget_before(self, sha: str) -> None:
        """What was said of it went with it, though its files were still to be removed."""
        sidecar = self.vault.sidecars.path(sha)
        sidecar.unlink(missing_ok=True)
        fsync_folder(sidecar.parent)

    def _write_collections(self, db: sqlite3.Connection) -> None:
        collections.write_file(db, self.library.path.parent, replace_synced)

    def _write_tombstones(self, db: sqlite3.Connection) -> None:
        path = self.library.path.with_name(tombstones.FILE)
        replace_synced(path, tombstones.as_file(db))

    def recover(self) -> int:
        """Finish what was cut off between bytes and row; sweep what was never promised.

        Returns how many arrivals were finished. Call before anything else is received.
        """
        self._owed.clear()  # their drafts are among these
        cut_off = list[tuple[Path, dict[str, Any]]]()
        for draft, content in self.vault.sidecars.drafts():
            if self.vault.originals.path(content["sha"], content["extension"]).is_file():
                cut_off.append((draft, content))
            else:
                draft.unlink()
        if cut_off:
            self._finish_cut_off(cut_off)
        for part in self.vault.originals.incoming.glob("*.part"):
            part.unlink()
        sweep_replaced(self.library.path.parent)
        return len(cut_off)

    def _finish_cut_off(self, cut_off: Sequence[tuple[Path, dict[str, Any]]]) -> None:
        with self.library.write() as db:
            brought_back = any(tombstones.deleted_at(db, content["sha"]) for _, content in cut_off)
            drafts = [
                Draft(path, content, first=self._admit_cut_off(db, content))
                for path, content in cut_off
            ]
            if any(content["collections"] for _, content in cut_off):
                self._write_collections(db)
            if brought_back:
                self._write_tombstones(db)
        self._adopt(drafts)
        log.info("finished %d arrivals that were cut off", len(drafts))

    def _admit_cut_off(self, db: sqlite3.Connection, content: dict[str, Any]) -> bool:
        """Did it make a new asset?"""
        [arrival] = content["arrivals"]
        says_more = content["claims"] or content["collections"] or arrival.get("again")
        if not says_more and is_listed(db, content["sha"], arrival):
            return False  # only the sidecar is missing
        receipt, _ = self._admit_content(db, content)
        return receipt.status == "ingested"


def clean_name(name: str) -> str:
    """A file name as people can read it: no folders, no control characters, valid Unicode."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = text.replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text).strip()
    return unicodedata.normalize("NFC", text)[:_LONGEST_NAME] or "unnamed"


def _out_of_the_trash(content: dict[str, Any]) -> None:
    if "person" in content:
        content["person"]["trashed_at"] = None


def _note_deleted(db: sqlite3.Connection, passing: Passing) -> None:
    arrival, staged = passing.arrival, passing.staged
    if arrival.key is not None:
        tombstones.came_again(
            db, staged.sha, arrival.source, arrival.key, staged.size, arrival.modified_ns
        )


def _is_deleted(db: sqlite3.Connection, passing: Passing) -> bool:
    asked = passing.arrival.again
    return not asked and tombstones.deleted_at(db, passing.staged.sha) is not None


def _was_deleted(db: sqlite3.Connection, passing: Passing) -> Receipt:
    staged = passing.staged
    name = clean_name(passing.arrival.name)
    when = tombstones.deleted_at(db, staged.sha)
    return Receipt(staged.sha, "deleted", None, name, staged.size, passing.at, when)
