"""Files that devices write into their WebDAV inbox: staged, checked, and taken into the library.

A file is taken once it stands there whole under its final name. Under a temporary name, or while a
client holds a lock on it, it waits for the rename or the unlock; what nobody touches any more is
taken all the same. What the library took stays listed, so that it is not sent again.
"""

from __future__ import annotations

import logging
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, BinaryIO

from albums.errors import AlbumsError, BadInput, Conflict, DiskFull, TooLarge
from albums.ingest.arrival import Arrival
from albums.ingest.receive import Receiver
from albums.library.database import Library
from albums.library.dav_files import (
    Entry,
    add_folders,
    find_entry,
    parent_of,
    put_entry,
    relist,
    took,
    unused,
    waiting,
)
from albums.sources.folder import is_junk

log = logging.getLogger(__name__)

THIS_MACHINE = "this machine"  # whose inbox it is where no device is behind a request
QUIET = 600.0  # seconds without a change until a temporary name is taken for a final one
_RESERVE = 64 << 20  # bytes that stay free on the disk for the library itself
_TEMPORARY = re.compile(
    r"(.+?)(\.tmp|\.temp|\.part|\.partial|\.filepart|\.crdownload|\.download|\.upload|\.uploading"
    r"|\.incomplete|~)",
    re.IGNORECASE,
)


def is_hidden(path: str) -> bool:
    """What systems leave beside photos, and names that begin with a dot: kept for the client that
    wrote them, and taken only once they are called otherwise."""
    return any(map(is_junk, path.split("/")))


def is_final(path: str) -> bool:
    """Will this name stay? Many clients write `x.jpg.part` or `.x.jpg` and rename it when whole."""
    return not (is_hidden(path) or _TEMPORARY.fullmatch(path.rpartition("/")[2]))


class NotAsSaid(BadInput):
    """What came is not what the client announced; 400 is what ownCloud says to its clients."""

    status, code = 400, "not-as-said"


class Writing:
    """One file as it comes over the line. `finish` or `discard` must follow; all may be slow."""

    def __init__(self, inbox: Inbox, checksum: str | None) -> None:
        self._inbox = inbox
        self._said = _checksums(checksum)
        self._adler = 1
        self._spooling = inbox.spool.begin()

    @property
    def name(self) -> str:
        """Of the bytes in dav/."""
        return self._spooling.name

    def add(self, block: bytes) -> None:
        """Raises TooLarge or DiskFull."""
        limit = self._inbox.limit
        if limit is not None and self._spooling.size + len(block) > limit:
            raise too_large(limit)
        if "ADLER32" in self._said:
            self._adler = zlib.adler32(block, self._adler)
        self._spooling.write(block)

    def finish(self, length: int | None) -> tuple[int, str]:
        """Size and SHA-256 of what is now safe on the disk.

        Raises NotAsSaid where that is not `length` bytes, or not what the checksum says.
        """
        size, digests = self._spooling.size, self._spooling.digests()
        if length is not None and length != size:
            raise NotAsSaid(
                "The upload was cut off", why=f"{size} of {length} bytes came", hint="Send it again"
            )
        came = {"SHA256": digests.sha, "SHA1": digests.sha1, "MD5": digests.md5}
        came["ADLER32"] = f"{self._adler:08x}"
        for kind, said in self._said.items():
            if came.get(kind, said) != said:
                raise NotAsSaid(
                    "These are not the bytes that the checksum belongs to",
                    why=f"{kind} is {came[kind]}, not {said}",
                    hint="Send it again",
                )
        self._spooling.finish()
        return size, digests.sha

    def discard(self) -> None:
        """Unless it is listed already: then it was only the answer that failed."""
        self._spooling.discard()
        self._inbox.forget([self.name])


class Inbox:
    """The way in for WebDAV. Safe to use from any thread. Make one for a library, when it opens:
    that drops what was cut off when the box last ended, and lists what a new database forgot."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.spool = receiver.vault.dav
        self.limit = receiver.limit
        self._recover()

    @property
    def library(self) -> Library:
        return self.receiver.library

    def begin(self, length: int | None, checksum: str | None) -> Writing:
        """Raises TooLarge and DiskFull before a byte is sent, where the length is known."""
        if length is not None and self.limit is not None and length > self.limit:
            raise too_large(self.limit)
        if self.spool.room() < (length or 0) + _RESERVE:
            raise DiskFull(
                "There is no room to keep this file",
                hint="Free some space on the library's disk and send it again",
            )
        return Writing(self, checksum)

    def keep(self, entry: Entry, *, taking: bool) -> None:
        """List a whole, written file; with `taking` it passes the one door at once, in the same
        transaction."""

        def listed(entry: Entry, db: Any) -> None:
            replaced.append(_replace(db, entry))

        replaced: list[str | None] = []
        if taking and is_final(entry.path) and entry.size:
            self._pass(entry, lambda db: listed(replace(entry, bytes=None), db))
            replaced.append(entry.bytes)
        else:
            self._note(entry)
            with self.library.write() as db:
                listed(entry, db)
        self.forget(replaced)

    def take(self, entry: Entry) -> None:
        """Take in what stands in the inbox already."""
        assert entry.bytes
        self._pass(entry, lambda db: took(db, entry.bytes or ""))
        self.spool.discard(entry.bytes)

    def take_or_wait(self, entries: list[Entry]) -> None:
        """Take in those that may be; what cannot be taken now is tried again later."""
        for entry in entries:
            if not entry.bytes or is_hidden(entry.path) or not entry.size:
                continue
            try:
                self.take(entry)
            except (AlbumsError, OSError) as error:
                log.warning("%s of %s waits in the inbox: %s", entry.path, entry.origin, error)

    def take_quiet(self, is_locked: Callable[[Entry], bool], now: float | None = None) -> None:
        """Take in what nobody has touched for a while, whatever it is called."""
        now = time.time() if now is None else now
        with self.library.read() as db:
            quiet = waiting(db, now - QUIET)
        self.take_or_wait([entry for entry in quiet if not is_locked(entry)])

    def forget(self, ids: list[str | None]) -> None:
        """Drop the bytes that no name has any more."""
        with self.library.read() as db:
            gone = unused(db, ids)
        for one in gone:
            self.spool.discard(one)

    def _recover(self) -> None:
        self.spool.sweep()
        with self.library.read() as db:
            unlisted = unused(db, self.spool.all())
        with self.library.write() as db:
            relist(db, THIS_MACHINE)
            for name in unlisted:
                self._list_again(db, name)
        self.forget(list(unlisted))

    def _note(self, entry: Entry) -> None:
        assert entry.bytes
        self.spool.note(entry.bytes, asdict(entry))

    def _list_again(self, db: Any, name: str) -> None:
        """What was acknowledged has a note; without one, nobody was told that it is kept."""
        noted = self.spool.noted(name)
        if noted:
            entry = Entry(**noted)
            add_folders(db, entry)
            if not find_entry(db, entry.owner, entry.path):
                put_entry(db, entry)

    def _pass(self, entry: Entry, also: Callable[[Any], None]) -> None:
        assert entry.bytes
        staged = self.spool.stage(entry.bytes, entry.sha, entry.size)
        arrival = Arrival(
            _final_name(entry.name),
            _unopened,
            "webdav",
            entry.origin,
            folder=entry.folder,
            modified_ns=entry.modified_ns,
            size=entry.size,
        )
        passing = self.receiver.take(arrival, staged)
        self.receiver.commit([passing], also=lambda db, *_: also(db))


def too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The file is larger than {limit} bytes", hint="Raise upload_limit_gb in albums.toml"
    )


def _replace(db: Any, entry: Entry) -> str | None:
    """Write the row; the answer is where the bytes lie of what it replaces."""
    folder = parent_of(entry.path)
    above = find_entry(db, entry.owner, folder)
    if folder and not (above and above.is_folder):
        raise Conflict(f"The folder {folder} is gone", hint="Make it again and send the file again")
    before = find_entry(db, entry.owner, entry.path)
    if before and before.is_folder:
        raise Conflict(f"{entry.path} is a folder", hint="Choose another name")
    put_entry(db, entry)
    return before.bytes if before else None


def _checksums(said: str | None) -> dict[str, str]:
    """By kind, of "SHA1:<hex> MD5:<hex>"."""
    pairs = (one.split(":", 1) for one in (said or "").split() if ":" in one)
    return {kind.upper().replace("-", ""): digest.lower() for kind, digest in pairs}


def _final_name(name: str) -> str:
    unfinished = _TEMPORARY.fullmatch(name)
    return unfinished[1] if unfinished else name


def _unopened() -> BinaryIO:
    raise AssertionError("the bytes are staged already")
