"""The bytes of one request on their way to the disk."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace

from albums.errors import AlbumsError, TooLarge
from albums.library.uploads import Upload
from albums.sources.tus.uploads import TusUploads, WrongBytes

CHECKPOINT = 8 << 20  # bytes between two promises
_AHEAD = 4  # checkpoints that a slow disk may be behind


@dataclass(frozen=True)
class Checksum:
    """What a piece should hash to."""

    algorithm: str
    digest: bytes


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
            self._partial.sync(entered=False)  # it gets its final name now
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
            with suppress(AlbumsError, OSError):
                self._uploads.partials.sync_names()
                self._uploads.promise(self._upload.id, self._upload.length)
            raise

    def _promise_meanwhile(self) -> None:
        """One promise at a time; a disk that falls far behind is waited for."""
        waiting = self._partial.at - self._promised
        if waiting < CHECKPOINT or self._partial.at == self._upload.length:
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
