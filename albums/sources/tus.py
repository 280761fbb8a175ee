"""The life of an upload that comes in pieces: begun, written on, taken in by the one door.

All of this waits for the disk: threads call it, one at a time for each upload (tus_turns.py).
"""

from __future__ import annotations

import hashlib
import io
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from albums.errors import AlbumsError, BadInput, DiskFull, NotFound, TooLarge
from albums.ingest.arrival import Arrival, Receipt
from albums.ingest.receive import Receiver
from albums.library import uploads as rows
from albums.library.uploads import Upload
from albums.sources.said import collection_names, modified_ns, taken_claims

log = logging.getLogger(__name__)

ALGORITHMS = {"sha1": 20, "sha256": 32, "md5": 16}  # of checksums; bytes
CHECKPOINT = 8 << 20  # bytes between two promises
_AHEAD = 4  # checkpoints that a slow disk may be behind
_SYNCING = 16  # threads
_KEPT = 7 * 86_400.0  # seconds since the last byte
_ACTIVE = 3_600.0  # seconds since the last byte: so long its rest is sure to come
_UNFINISHED = 1000  # uploads a device
_RESERVE = 512 << 20  # bytes that stay free for the database and its pictures
_NAMES = ("filename", "name")
_TIMES = ("modified", "mtime", "lastModified")


class TooMany(AlbumsError):
    """Somebody asks for more at once than the box keeps in mind."""

    status, exit_code, code = 429, 6, "too-many"


class WrongBytes(AlbumsError):
    """What arrived is not what the client said that it would be."""

    status, exit_code, code = 460, 2, "checksum-mismatch"


@dataclass(frozen=True)
class Checksum:
    """What a piece should hash to."""

    algorithm: str
    digest: bytes


class TusUploads:
    """All uploads that come in pieces."""

    def __init__(self, receiver: Receiver, clock: Callable[[], float] = time.time) -> None:
        self.receiver = receiver
        self.clock = clock
        self.library = receiver.library
        self.partials = receiver.vault.partials
        self.syncing = ThreadPoolExecutor(_SYNCING, "sync")

    def close(self) -> None:
        self.syncing.shutdown()

    def begin(self, owner: str, origin: str, length: int, said: Mapping[str, str]) -> Upload:
        """`owner` alone may go on with it. Raises BadInput, TooLarge, TooMany, DiskFull."""
        again = said.get("again", "no").strip().lower() in ("", "1", "true", "yes")
        now = self.clock()
        upload = Upload(
            secrets.token_urlsafe(24), owner, origin, length, 0, said, again, now, now + _KEPT,
            "open", None, None,
        )  # fmt: skip
        _arrival(upload)  # refuse early what cannot be understood
        _digests_said(upload)
        self._refuse_too_large(length)
        with self.library.write() as db:
            if rows.unfinished(db, owner) >= _UNFINISHED:
                raise TooMany(
                    f"This device has begun {_UNFINISHED} uploads without finishing them",
                    hint="Finish or end some of them; they expire a week after their last byte",
                )
            self._refuse_without_room(db, length)
            rows.add_upload(db, upload)
        return upload

    def find(self, upload_id: str, owner: str) -> Upload:
        """Raises NotFound; also when the disk lost what was promised."""
        with self.library.read() as db:
            upload = rows.find_upload(db, upload_id, owner, self.clock())
        if upload.state == "open" and not self.partials.holds(upload.id, upload.offset):
            self.end(upload)
            raise NotFound("The bytes of this upload are gone", hint="Send it anew")
        return upload

    def write_on(self, upload: Upload, checksum: Checksum | None) -> Writing:
        """A piece comes, from the upload's offset on. Raises NotFound, DiskFull."""
        return Writing(self, upload, checksum)

    def finish(self, upload: Upload) -> Upload:
        """Through the one door. All bytes must be there and synced.

        Raises WrongBytes when they are not what was said, and whatever the door says.
        """
        staged = self.partials.stage(upload.id, upload.length)
        given = {"sha256": staged.sha, "sha1": staged.sha1, "md5": staged.md5}
        if any(given[name] != digest for name, digest in _digests_said(upload).items()):
            self.receiver.vault.originals.discard(staged)
            raise self._wrong(upload, staged.sha)
        expires_at = self.clock() + _KEPT
        done: list[Receipt] = []

        def note(db: sqlite3.Connection, receipt: Receipt) -> None:
            rows.end_upload(db, upload.id, "done", receipt.sha, receipt.status, expires_at)
            done.append(receipt)

        self.receiver.commit([self.receiver.take(_arrival(upload), staged)], also=note)
        self.partials.discard(upload.id)
        return replace(
            upload, offset=upload.length, state="done", sha=done[0].sha, status=done[0].status,
            expires_at=expires_at,
        )  # fmt: skip

    def end(self, upload: Upload) -> None:
        """The client does not want it any more. What passed the door stays in the library."""
        with self.library.write() as db:
            rows.forget_upload(db, upload.id)
        self.partials.discard(upload.id)

    def left_whole(self) -> list[Upload]:
        """Uploads that are whole but were cut off before the door."""
        with self.library.read() as db:
            return rows.whole_uploads(db)

    def sweep(self, in_hand: set[str]) -> int:
        """Forget what expired, except `in_hand`, and remove files that belong to no upload.
        Returns how many expired."""
        files = self.partials.uploads()  # first: a file is only ever made after its row
        with self.library.write() as db:
            expired = rows.forget_expired(db, self.clock(), in_hand)
            wanted = rows.with_files(db)
        for upload_id in files - wanted - in_hand:
            self.partials.discard(upload_id)
        return expired

    def promise(self, upload_id: str, offset: int) -> float:
        """These bytes are synced. Returns when the upload expires."""
        expires_at = self.clock() + _KEPT
        with self.library.write() as db:
            rows.move_on(db, upload_id, offset, expires_at)
        return expires_at

    def _refuse_too_large(self, length: int) -> None:
        limit = self.receiver.limit
        if limit is not None and length > limit:
            raise TooLarge(
                f"The file is larger than {limit} bytes",
                hint="Raise upload_limit_gb in albums.toml",
            )

    def _refuse_without_room(self, db: sqlite3.Connection, length: int) -> None:
        free, total = self.partials.room()
        coming = rows.promised(db, self.clock() + _KEPT - _ACTIVE)
        if length > free - coming - min(_RESERVE, total // 20):
            raise DiskFull(
                f"There is no room for a file of {length} bytes",
                why=f"The library's disk has {free} bytes left, of which others need {coming}",
                hint="Free some space on the library's disk and send it again",
            )

    def _wrong(self, upload: Upload, sha: str) -> WrongBytes:
        """The bytes stay until the upload expires, for whoever wants to know what happened."""
        with self.library.write() as db:
            rows.end_upload(db, upload.id, "wrong", sha, None, self.clock() + _KEPT)
        log.warning("upload %s of %s is not what was announced", upload.id, upload.origin)
        return wrong_bytes(sha)


def wrong_bytes(sha: str) -> WrongBytes:
    """Of a whole file."""
    return WrongBytes(
        "The file that arrived is not the one that was announced",
        why=f"The bytes that came have the SHA-256 {sha}",
        hint="Send it anew",
    )


class Writing:
    """The bytes of one request on their way to the disk; `complete` or `break_off` ends it.

    While what came is synced and promised, more is written.
    """

    def __init__(self, uploads: TusUploads, upload: Upload, checksum: Checksum | None) -> None:
        self._uploads = uploads
        self._upload = upload
        self._promised = upload.offset
        self._promising: Future[float] | None = None
        self._partial = uploads.partials.open(upload.id, upload.offset)
        self._checksum = checksum
        self._hash = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._failed = False

    def write(self, block: bytes) -> None:
        """Raises TooLarge, DiskFull, OSError; then nothing more of this request is promised: after
        a failed sync the disk cannot be asked what it has."""
        try:
            self._refuse_beyond(len(block))
            self._partial.write(block)
            if self._hash:
                self._hash.update(block)
            else:
                self._promise_meanwhile()
        except BaseException:
            self._failed = True
            raise

    def complete(self) -> Upload:
        """The request ended as it should: promise what came, and finish the upload if it is whole.

        Raises WrongBytes where the checksum differs; then the offset stays where it was.
        """
        try:
            self._settle()
            self._verify()
            if self._partial.at < self._upload.length:
                expires_at = self._promise(self._partial.at)
                return replace(self._upload, offset=self._promised, expires_at=expires_at)
            self._partial.cut()
            self._partial.sync()
            self._promised = self._partial.at
        finally:
            self._close()
        return self._finish()

    def break_off(self, rest: bytes) -> None:
        """The request was cut off: promise what came. What had a checksum is not proven, so it
        counts as not sent."""
        try:
            if not self._failed and not self._hash:
                with suppress(AlbumsError):  # what cut it off is what matters
                    self.write(rest)
                    self._settle()
                    self._promise(self._partial.at)
        finally:
            self._close()

    def _finish(self) -> Upload:
        """Where the door does not open, the bytes are promised all the same."""
        try:
            return self._uploads.finish(self._upload)
        except WrongBytes:
            raise
        except BaseException:
            with suppress(AlbumsError):
                self._uploads.promise(self._upload.id, self._upload.length)
            raise

    def _promise_meanwhile(self) -> None:
        """One promise at a time; a disk that falls far behind is waited for."""
        waiting = self._partial.at - self._promised
        if waiting < CHECKPOINT:
            return
        if self._promising and not self._promising.done() and waiting < _AHEAD * CHECKPOINT:
            return
        self._settle()
        self._promising = self._uploads.syncing.submit(self._promise, self._partial.at)

    def _settle(self) -> None:
        """Wait for the promise in hand. Raises what went wrong with it."""
        if self._promising:
            self._promising.result()

    def _promise(self, offset: int) -> float:
        self._partial.sync()
        expires_at = self._uploads.promise(self._upload.id, offset)
        self._promised = offset
        return expires_at

    def _close(self) -> None:
        if self._promising:
            wait([self._promising])
        self._uploads.partials.put_back(self._upload.id, self._partial, self._promised)

    def _refuse_beyond(self, count: int) -> None:
        if self._partial.at + count > self._upload.length:
            raise TooLarge(
                f"More came than the {self._upload.length} bytes that were announced",
                hint="Begin a new upload with the right Upload-Length",
            )

    def _verify(self) -> None:
        if self._hash and self._checksum and self._hash.digest() != self._checksum.digest:
            raise WrongBytes(
                "These bytes do not have the checksum that was sent with them",
                why=f"Their {self._checksum.algorithm} is {self._hash.hexdigest()}",
                hint="Send this piece again",
                offset=self._upload.offset,
            )


def _arrival(upload: Upload) -> Arrival:
    said = upload.metadata
    return Arrival(
        name=_first(said, _NAMES) or "unnamed",
        open=io.BytesIO,  # never asked: the bytes are on the disk already
        source="upload",
        origin=upload.origin,
        modified_ns=modified_ns(_first(said, _TIMES)),
        size=upload.length,
        claims=taken_claims(said.get("captured_at", "")),
        collections=collection_names(said.get("collections", "")),
        again=upload.again,
    )


def _first(said: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((said[key] for key in keys if said.get(key)), "")


def _digests_said(upload: Upload) -> dict[str, Any]:
    """Of the whole file, hex, as the client announced them."""
    found = {name: upload.metadata.get(name, "").strip().lower() for name in ALGORITHMS}
    for name, digest in found.items():
        if digest and not (len(digest) == 2 * ALGORITHMS[name] and _is_hex(digest)):
            raise BadInput(f"{name} in Upload-Metadata is not a {name} in hex")
    return {name: digest for name, digest in found.items() if digest}


def _is_hex(text: str) -> bool:
    return set(text) <= set("0123456789abcdef")
