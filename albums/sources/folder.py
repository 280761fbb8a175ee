"""A folder of any files, with all that lies below it.

What did not change since it came in is known by name, size and time, and is not read again. The
rest is read by a few threads and acknowledged in batches, so that a few syncs of the disk serve
many files; while one batch is acknowledged, the next is read. A file that cannot be read is
reported and never stops the rest.
"""

from __future__ import annotations

import io
import os
import stat
import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote_from_bytes

from albums.errors import BadInput, TooLarge
from albums.ingest.arrival import Arrival
from albums.ingest.known import unchanged
from albums.ingest.receive import Passing, Receiver, clean_name
from albums.sources.source import Progress, Source

_READERS = 4  # threads; more do not help a disk
_BATCH_FILES = 256
_BATCH_BYTES = 128 << 20
_LOOKUP = 2000  # files a question to the library
_TRIES = 3  # times a file is read that changes meanwhile
_JUNK = {"thumbs.db", "desktop.ini", "@eadir", "#recycle", "$recycle.bin",
         "system volume information", "__macosx"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it was when the folder was listed."""

    path: str  # may hold bytes that are not UTF-8 (surrogateescape)
    folder: str  # relative to the imported folder, as people can read it
    size: int
    modified_ns: int

    @property
    def key(self) -> str:
        return file_uri(self.path)


@dataclass(frozen=True)
class _Asked:
    """What the person asked for."""

    origin: str
    again: bool


class _Changing(Exception):
    """The file changed while it was read."""


class _Stopped(Exception):
    """The import was asked to stop in the middle of this file."""


class _Reading(io.FileIO):
    """A file that stops giving bytes when the import is to stop: a film may be many gigabytes."""

    def __init__(self, path: str, stop: threading.Event) -> None:
        super().__init__(path)
        self._stop = stop

    def read(self, size: int | None = -1) -> bytes:
        if self._stop.is_set():
            raise _Stopped
        return super().read(size) or b""


def import_folder(
    folder: Path,
    receiver: Receiver,
    progress: Progress,
    stop: threading.Event,
    *,
    again: bool = False,
) -> None:
    """Take in every file below `folder`; returns when all is acknowledged or `stop` is set. With
    `again` also what the owner deleted before.

    Raises BadInput when `folder` is not a folder that can be imported, DiskFull when there is no
    room: what was acknowledged until then is kept, and a second run goes on from there.
    """
    root = os.path.realpath(folder)
    library = os.path.realpath(receiver.library.path.parent)
    _refuse_unfit(root, library)
    files = list(_walk(root, library, progress, stop))
    new = list(_not_known(files, receiver, progress, again=again))
    progress.begin_reading(sum(file.size for file in new))
    asked = _Asked(origin_of(root), again)
    with closing(_staged(new, asked, receiver, progress, stop)) as staged:
        _commit(staged, receiver, progress)
    progress.end("stopped" if stop.is_set() else "done")


FOLDER = Source("folder", "any folder of files, with all that lies below it", import_folder)


def origin_of(root: str) -> str:
    """What the arrivals of a folder carry as `origin`; `root` is its real path."""
    return f"folder://{_quote(root)}"


def file_uri(path: str) -> str:
    """The `file://` URI of an absolute path; every name, UTF-8 or not, has exactly one."""
    return f"file://{_quote(path)}"


def _quote(path: str) -> str:
    return quote_from_bytes(os.fsencode(path))


def _refuse_unfit(root: str, library: str) -> None:
    if not Path(root).is_dir():
        raise BadInput(
            f"{printable(root)} is not a folder",
            why="There is nothing of that name" if not os.path.lexists(root) else "It is a file",
            hint="Name a folder; everything below it is taken in",
        )
    own = [Path(library, name) for name in ("originals", "pictures", "incoming")]
    if root == library or any(Path(root).is_relative_to(folder) for folder in own):
        raise BadInput(
            f"{printable(root)} belongs to the library itself",
            hint="Its photos are there already; name another folder",
        )


def printable(path: str) -> str:
    """A path that can be shown: bytes that are not UTF-8 become question marks."""
    return os.fsencode(path).decode("utf-8", "replace")


def _walk(root: str, library: str, progress: Progress, stop: threading.Event) -> Iterator[_File]:
    """Every file below `root`, folder by folder, sorted by name. Each folder is entered once."""
    entered = {_identity(Path(library).stat())}
    waiting = [(root, "")]
    while waiting and not stop.is_set():
        path, readable = waiting.pop()
        below = []
        for entry in _entries(path, entered, progress):
            found = _stat(entry, progress)
            if found is None:
                continue
            if stat.S_ISDIR(found.st_mode):
                below.append((entry.path, f"{readable}/{clean_name(entry.name)}".lstrip("/")))
            else:
                progress.found += 1
                yield _File(entry.path, readable, found.st_size, found.st_mtime_ns)
        waiting += reversed(below)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _entries(
    path: str, entered: set[tuple[int, int]], progress: Progress
) -> list[os.DirEntry[str]]:
    try:
        identity = _identity(Path(path).stat())
        if identity in entered:
            progress.skip(
                printable(path), "the library itself, or a folder seen under another name"
            )
            return []
        entered.add(identity)
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        progress.fail(printable(path), why_not(error))
        return []


def _stat(entry: os.DirEntry[str], progress: Progress) -> os.stat_result | None:
    """What the entry is, if it is a file or folder to be taken in; else it is reported."""
    if is_junk(entry.name):
        progress.skip(printable(entry.path), "hidden or system file")
        return None
    try:
        found = entry.stat()
    except OSError as error:
        dangling = entry.is_symlink() and isinstance(error, FileNotFoundError)
        progress.fail(printable(entry.path), "a link to nothing" if dangling else why_not(error))
        return None
    if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        return found
    progress.skip(printable(entry.path), "not a file but a device, pipe or socket")
    return None


def is_junk(name: str) -> bool:
    """Hidden, or what systems leave in every folder."""
    return name.startswith(".") or name.lower() in _JUNK


def why_not(error: OSError) -> str:
    """What the system says."""
    return error.strerror or str(error)


def _not_known(
    files: list[_File], receiver: Receiver, progress: Progress, *, again: bool
) -> Iterator[_File]:
    for start in range(0, len(files), _LOOKUP):
        part = {file.key: file for file in files[start : start + _LOOKUP]}
        facts = {key: (file.size, file.modified_ns) for key, file in part.items()}
        known = unchanged(receiver.library, FOLDER.name, facts, again=again)
        progress.known += len(known)
        yield from (file for key, file in part.items() if key not in known)


def _staged(
    files: list[_File],
    asked: _Asked,
    receiver: Receiver,
    progress: Progress,
    stop: threading.Event,
) -> Generator[Passing, None, None]:
    """Read files ahead in a few threads, up to a batch. What nobody takes is discarded."""
    ahead: deque[tuple[_File, Future[Passing]]] = deque()
    bytes_ahead = 0
    with ThreadPoolExecutor(_READERS, thread_name_prefix="import") as readers:
        try:
            for file in files:
                if stop.is_set():
                    break
                ahead.append((file, readers.submit(_stage, file, asked, receiver, stop)))
                bytes_ahead += file.size
                while len(ahead) > _BATCH_FILES or (
                    bytes_ahead > _BATCH_BYTES and len(ahead) > _READERS
                ):
                    bytes_ahead -= ahead[0][0].size
                    yield from _result(*ahead.popleft(), progress)
            while ahead:
                yield from _result(*ahead.popleft(), progress)
        finally:
            for _, future in ahead:
                if not future.cancel() and future.exception() is None:
                    receiver.vault.originals.discard(future.result().staged)


def _result(file: _File, future: Future[Passing], progress: Progress) -> Iterator[Passing]:
    try:
        passing = future.result()
    except _Stopped:
        return
    except (_Changing, TooLarge) as error:
        progress.give_up(printable(file.path), str(error), file.size)
    except OSError as error:
        progress.give_up(printable(file.path), why_not(error), file.size)
    else:
        yield passing


def _stage(file: _File, asked: _Asked, receiver: Receiver, stop: threading.Event) -> Passing:
    """Read one file to disk; read it again when it changed meanwhile."""
    for _ in range(_TRIES):
        passing = receiver.stage(_arrival(file, asked, stop), synced=False)
        found = Path(file.path).stat()
        if (found.st_size, found.st_mtime_ns) == (passing.staged.size, file.modified_ns):
            return passing
        receiver.vault.originals.discard(passing.staged)
        file = replace(file, size=found.st_size, modified_ns=found.st_mtime_ns)
    raise _Changing("It kept changing while it was read; import the folder again later")


def _arrival(file: _File, asked: _Asked, stop: threading.Event) -> Arrival:
    return Arrival(
        name=os.path.basename(file.path),  # noqa: PTH119 - one of many thousands
        open=lambda: _Reading(file.path, stop),
        source=FOLDER.name,
        origin=asked.origin,
        folder=file.folder,
        key=file.key,
        modified_ns=file.modified_ns,
        size=file.size,
        again=asked.again,
    )


def _commit(staged: Iterator[Passing], receiver: Receiver, progress: Progress) -> None:
    """Acknowledge in batches."""
    batch: list[Passing] = []
    try:
        for passing in staged:
            batch.append(passing)
            if len(batch) == _BATCH_FILES or sum(p.staged.size for p in batch) >= _BATCH_BYTES:
                _acknowledge(batch, receiver, progress)
                batch = []
        _acknowledge(batch, receiver, progress)
    except BaseException:
        for passing in batch:
            receiver.vault.originals.discard(passing.staged)
        raise


def _acknowledge(batch: list[Passing], receiver: Receiver, progress: Progress) -> None:
    if batch:
        for receipt in receiver.commit(batch):
            progress.took(receipt.status, receipt.size)
