"""Taking a batch of whole files: copied, acknowledged, read back from the disk, then removed."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Literal
from urllib.parse import quote_from_bytes

from albums.errors import AlbumsError, NotFound, TooLarge
from albums.ingest.arrival import Arrival, Receipt
from albums.ingest.known import came_in
from albums.ingest.receive import Passing, Receiver
from albums.sources.folder import why_not
from albums.sources.inbox.files import Found, Look
from albums.sources.inbox.notes import remove_note
from albums.sources.inbox.reading import NotWhole, Stopped, Unreadable, open_whole
from albums.sources.inbox.removing import remove

SOURCE = "inbox"
_AT_ONCE = 4  # files; more do not help a disk


@dataclass(frozen=True)
class Outcome:
    """What became of a file: `taken` and gone from the inbox, `left` there because of `why`, or to
    be looked at `again`. `new`: its bytes were not in the library before."""

    file: Found
    state: Literal["taken", "left", "again"]
    why: str = ""
    new: bool = False


@dataclass
class Batch:
    """Outcomes as far as they got, and the trouble that ended it early: a full disk, mostly."""

    outcomes: list[Outcome] = field(default_factory=list)
    trouble: Exception | None = None


def take(files: Sequence[Found], inbox: str, receiver: Receiver, stop: threading.Event) -> Batch:
    """Take `files` of the folder `inbox`. What is not acknowledged is still there afterwards."""
    batch, staged = Batch(), []
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="inbox") as threads:
        stage = partial(_stage_or_say, inbox=inbox, receiver=receiver, stop=stop)
        for file, got in zip(files, threads.map(stage, files), strict=True):
            if isinstance(got, Outcome):
                batch.outcomes.append(got)
            elif isinstance(got, Passing):
                staged.append((file, got))
            else:  # what is staged still fits
                batch.trouble = batch.trouble or got
        if staged:
            receipts = receiver.commit([passing for _, passing in staged])
            settle = partial(_settle, receiver=receiver)
            batch.outcomes += threads.map(settle, *zip(*staged, strict=True), receipts)
    return batch


def _stage_or_say(
    file: Found, inbox: str, receiver: Receiver, stop: threading.Event
) -> Passing | Outcome | Exception:
    """What may happen to one file while the others are staged beside it."""
    try:
        return _stage(file, inbox, receiver, stop)
    except Stopped:
        return Outcome(file, "again")
    except (AlbumsError, OSError, sqlite3.Error) as error:  # of the library's disk
        return error


def _stage(file: Found, inbox: str, receiver: Receiver, stop: threading.Event) -> Passing | Outcome:
    """The file's bytes on the library's disk, or why there are none."""
    arrival = _arrival(file, inbox, stop)
    try:
        passing = receiver.stage(arrival)
    except NotWhole:
        return Outcome(file, "again")
    except (Unreadable, TooLarge) as error:
        return Outcome(file, "left", str(error))
    if not _is_unchanged(file):
        receiver.vault.originals.discard(passing.staged)
        return Outcome(file, "again")
    if before := _before(passing, receiver):  # it could not be removed then
        receiver.vault.originals.discard(passing.staged)
        return _settle(file, passing, before, receiver)
    return passing


def _arrival(file: Found, inbox: str, stop: threading.Event) -> Arrival:
    device, _, _ = file.folder.partition("/")
    return Arrival(
        name=os.path.basename(file.path),  # noqa: PTH119 - one of many thousands
        open=partial(open_whole, file, stop),
        source=SOURCE,
        origin=f"{SOURCE}://{quote_from_bytes(os.fsencode(device))}",
        folder=file.folder,
        key=quote_from_bytes(os.fsencode(os.path.relpath(file.path, inbox))),
        modified_ns=file.look.modified_ns,
        size=file.look.size,
    )


def _is_unchanged(file: Found) -> bool:
    try:
        return Look.of(os.lstat(file.path)) == file.look
    except OSError:
        return False


def _before(passing: Passing, receiver: Receiver) -> Receipt | None:
    """The receipt of the same file when it was taken before, provided that its bytes are kept."""
    arrival, sha = passing.arrival, passing.staged.sha
    assert arrival.key is not None
    if not receiver.vault.originals.path(sha, passing.format.extension).is_file():
        return None
    return came_in(receiver.library, SOURCE, arrival.key, arrival.modified_ns, sha)


def _settle(file: Found, passing: Passing, receipt: Receipt, receiver: Receiver) -> Outcome:
    if receipt.status == "deleted":
        day = (receipt.deleted_at or "")[:10]
        back = "restore it from the trash" if receipt.asset_id else "upload it with again=true"
        why = f"You deleted this on {day}, so it is not taken again. Delete it here, or {back}"
        return Outcome(file, "left", why)
    return _remove_once_proven(file, passing, receiver, new=receipt.status == "ingested")


def _remove_once_proven(file: Found, passing: Passing, receiver: Receiver, *, new: bool) -> Outcome:
    """Remove the file from the inbox after the library's copy was read back from the disk."""
    if not _reads_back(passing, receiver):
        why = "The library's copy does not read back from its disk as it was written"
        return Outcome(file, "left", f"{why}. It is tried again; look after that disk", new)
    try:
        removed = remove(file)
    except OSError as error:
        why = f"It is in the library, but cannot be removed from here: {why_not(error)}"
        return Outcome(file, "left", why, new)
    if not removed:  # other bytes are there by now
        return Outcome(file, "again", new=new)
    remove_note(file.path)
    return Outcome(file, "taken", new=new)


def _reads_back(passing: Passing, receiver: Receiver) -> bool:
    """Bytes that twice read back otherwise are set aside: the next copy takes their place."""
    originals, sha = receiver.vault.originals, passing.staged.sha
    extension = passing.format.extension
    try:
        if originals.reread(sha, extension) or originals.reread(sha, extension):
            return True
        originals.set_aside(sha, extension)
    except (OSError, NotFound):
        return False
    return False
