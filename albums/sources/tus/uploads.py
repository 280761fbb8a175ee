"""The life of an upload that comes in pieces: begun, written on, taken in by the one door.

All of this waits for the disk: threads call it, one at a time for each upload (turns.py).
"""

from __future__ import annotations

import io
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

from albums.errors import AlbumsError, BadInput, DiskFull, NotFound, TooLarge
from albums.ingest.arrival import Arrival, Receipt
from albums.ingest.receive import Passing, Receiver
from albums.library import uploads as rows
from albums.library.known_hashes import known_hashes
from albums.library.uploads import Upload
from albums.sources.said import collection_names, folder_of, modified_ns, taken_claims

log = logging.getLogger(__name__)

DIGESTS = {"sha1": 20, "sha256": 32, "md5": 16}  # bytes
_SYNCING = 16  # threads
_KEPT = 7 * 86_400.0  # seconds since the last byte
_ACTIVE = 3_600.0  # seconds since the last byte: so long its rest is sure to come
_UNFINISHED = 1000  # uploads a device
_RESERVE = 512 << 20  # bytes that stay free for the database and its pictures
_NAMES = ("filename", "name")
_PATH = "relativePath"  # as Uppy says it
_TIMES = ("modified", "mtime", "lastModified")


class TooMany(AlbumsError):
    """Somebody asks for more at once than the box keeps in mind."""

    status, exit_code, code = 429, 6, "too-many"


class WrongBytes(AlbumsError):
    """What arrived is not what the client said that it would be."""

    status, exit_code, code = 460, 2, "checksum-mismatch"


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
        with self.library.write(durable=False) as db:  # without bytes there is nothing to lose
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

        def note(db: sqlite3.Connection, _: Passing, receipt: Receipt) -> None:
            rows.end_upload(db, upload.id, "done", receipt.sha, receipt.status, expires_at)
            done.append(receipt)

        arrival = replace(_arrival(upload), again=self._wanted_again(upload, staged.sha))
        self.receiver.commit([self.receiver.take(arrival, staged)], also=note)
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

    def _wanted_again(self, upload: Upload, sha: str) -> bool:
        """What was asked for when the upload began does not undo what was deleted since."""
        with self.library.read() as db:
            deleted_at = known_hashes(db, [sha])[sha].deleted_at
        since = deleted_at and datetime.fromisoformat(deleted_at).timestamp() > upload.created_at
        return upload.again and not since

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


def _arrival(upload: Upload) -> Arrival:
    said = upload.metadata
    return Arrival(
        name=_first(said, _NAMES) or "unnamed",
        open=io.BytesIO,  # never asked: the bytes are on the disk already
        source="upload",
        origin=upload.origin,
        folder=folder_of(said.get(_PATH, "")),
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
    found = {name: upload.metadata.get(name, "").strip().lower() for name in DIGESTS}
    for name, digest in found.items():
        if digest and not (len(digest) == 2 * DIGESTS[name] and _is_hex(digest)):
            raise BadInput(f"{name} in Upload-Metadata is not a {name} in hex")
    return {name: digest for name, digest in found.items() if digest}


def _is_hex(text: str) -> bool:
    return set(text) <= set("0123456789abcdef")
