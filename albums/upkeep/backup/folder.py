"""What lies where in a backup: originals and sidecars by content, shared by all its snapshots.

backup.json                      whose it is
originals/ab/abcd….jpg           written once
sidecars/12/1234….json           by the hash of the content, so every version stays
snapshots/<UTC>/library/         the database and the other files of the whole library
snapshots/<UTC>/manifest.jsonl   what the snapshot holds, with hashes

A snapshot is made under a hidden name and renamed when all of it is on disk.
"""

from __future__ import annotations

import errno
import fcntl
import json
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from albums.errors import AlbumsError, BadInput, Conflict, DiskFull, NotFound, Refused
from albums.upkeep.backup.manifest import (
    FILE as MANIFEST,
)
from albums.upkeep.backup.manifest import (
    BackupDamaged,
    Entry,
    Manifest,
    read_manifest,
    write_manifest,
)
from albums.vault.durable import fsync_folder, replace_synced

_MARK = "backup.json"
_LOCK = "backup.lock"
_STAMP = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_UNFINISHED = ".unfinished-"
_WIDE = "library"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_ALLOWED = {errno.EROFS, errno.EACCES, errno.EPERM}
FEWER = "Free some space there, or keep fewer snapshots (--keep)"
_BLOCK = 4096  # bytes that a disk gives out at once


class BackupFolder:
    """A folder on another disk that holds backups of one library."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stands_at = _where(root)

    @property
    def id(self) -> str:
        """Made up at the first backup; empty where there never was one."""
        try:
            return str(json.loads((self.root / _MARK).read_bytes())["id"])
        except FileNotFoundError:
            return ""
        except (ValueError, KeyError, TypeError) as error:
            raise BackupDamaged(
                f"{self.root / _MARK} is damaged",
                hint="Remove it and run the backup with --new-disk",
            ) from error

    def mark(self) -> None:
        """Give it an id unless it has one."""
        if not self.id:
            replace_synced(self.root / _MARK, json.dumps({"id": uuid.uuid4().hex}).encode())

    @property
    def is_foreign(self) -> bool:
        """It holds other things and no backup; not so where the first one was cut off at once."""
        ours = {self.root / name for name in (_LOCK, "lost+found")}.union(self._half_marks())
        return not self.id and not set(self.root.iterdir()) <= ours

    def _half_marks(self) -> Iterator[Path]:
        return self.root.glob(f".{_MARK}.{'?' * 32}.new")

    # --- where things lie

    def snapshot(self, stamp: str) -> Path:
        return self.root / "snapshots" / stamp

    def unfinished(self, stamp: str) -> Path:
        return self.root / "snapshots" / f"{_UNFINISHED}{stamp}"

    def place(self, entry: Entry, stamp: str) -> Path:
        """Where the bytes of an entry of this snapshot lie."""
        if entry.kind == "original":
            return self.root / entry.path
        if entry.kind == "sidecar":
            return self.sidecar(entry.sha256)
        return self.snapshot(stamp) / _WIDE / entry.path

    def sidecar(self, sha256: str) -> Path:
        return self.root / "sidecars" / sha256[:2] / f"{sha256}.json"

    # --- snapshots

    def stamps(self) -> list[str]:
        """Snapshots that count, oldest first."""
        folders = (self.root / "snapshots").glob("*")
        found = (f.name for f in folders if (f / MANIFEST).is_file())
        return sorted(name for name in found if _STAMP.fullmatch(name))

    def manifest(self, stamp: str | None = None) -> tuple[str, Manifest]:
        """Of this snapshot, or the newest. Raises NotFound, or BackupDamaged for a rotten list."""
        stamps = self.stamps()
        if not stamps or (stamp and stamp not in stamps):
            missing = f"no snapshot {stamp}" if stamp else "no whole backup"
            raise NotFound(f"There is {missing} in {self.root}", hint=_known(stamps))
        stamp = stamp or stamps[-1]
        return stamp, read_manifest(self.snapshot(stamp))

    def manifests(self) -> tuple[dict[str, Manifest], list[str]]:
        """All that are whole, oldest first, and the names of those that are damaged."""
        whole, damaged = {}, []
        for stamp in self.stamps():
            try:
                whole[stamp] = read_manifest(self.snapshot(stamp))
            except BackupDamaged:
                damaged.append(stamp)
        return whole, damaged

    def begin_snapshot(self) -> str:
        """A name later than all others. Its folder is hidden until `finish_snapshot`."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        last = max([path.name for path in (self.root / "snapshots").glob("[0-9]*")], default="")
        stamp, number = now, 1
        while stamp <= last:  # two within a second, or the clock went backwards
            stamp, number = f"{last.partition('-')[0]}-{number:03}", number + 1
        (self.unfinished(stamp) / _WIDE).mkdir(parents=True)
        return stamp

    def finish_snapshot(self, stamp: str, manifest: Manifest) -> None:
        """From now on it counts, also after a power cut."""
        write_manifest(self.unfinished(stamp), manifest)
        fsync_folder(self.unfinished(stamp) / _WIDE)
        self.unfinished(stamp).replace(self.snapshot(stamp))
        for folder in (self.root / "snapshots", self.root):
            fsync_folder(folder)

    def remove_snapshot(self, stamp: str, manifest: Manifest) -> bool:
        """At once, unless somebody put something of theirs into it."""
        folder = self.snapshot(stamp)
        made = {self.place(e, stamp) for e in manifest.entries if e.kind == "wide"}
        made |= {folder / _WIDE, folder / MANIFEST}
        if not set(folder.rglob("*")) <= made:
            return False
        folder.replace(self.unfinished(stamp))
        shutil.rmtree(self.unfinished(stamp))
        return True

    def sweep(self) -> None:
        """Remove what a run that broke off left half done."""
        for mark in self._half_marks():
            mark.unlink()
        for folder in (self.root / "snapshots").glob(f"{_UNFINISHED}*"):
            shutil.rmtree(folder)
        for shelf in ("originals", "sidecars"):
            for temporary in self.root.glob(f"{shelf}/??/.{'?' * 32}.part"):
                temporary.unlink()

    def remove(self, unneeded: Iterable[Path]) -> int:
        """Remove these files. Returns the bytes freed."""
        freed = 0
        for path in unneeded:
            if path.is_file():
                freed += path.stat().st_size
                path.unlink()
        return freed

    # --- the disk

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes here meanwhile. Raises Conflict."""
        with (self.root / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict(
                    f"Another backup to {self.root} is running, or it is being checked",
                    hint="Wait until it has ended",
                ) from error
            yield

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nobody writes here meanwhile; several may read. Raises Conflict."""
        try:
            lock = (self.root / _LOCK).open("rb")
        except FileNotFoundError:  # a copy of a backup, perhaps on a disk that cannot be written
            yield
            return
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict(
                    f"A backup to {self.root} is running", hint="Wait until it has ended"
                ) from error
            yield

    def expect_there(self) -> None:
        """Raises AlbumsError when the disk was unplugged: below its place lies another disk."""
        if not self.root.is_dir() or _where(self.root) != self._stands_at:
            raise _gone(self.root, "it is not there any more")


def on_disk(size: int) -> int:
    """Bytes that a file of this size takes."""
    return -(-size // _BLOCK) * _BLOCK


def expect_room(place: Path, needed: int, hint: str) -> None:
    """Raises DiskFull when the disk of `place` has fewer free bytes."""
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskFull(
            f"There is not enough room on {place}",
            why=f"{needed / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free",
            hint=hint,
            needed=needed,
            free=free,
        )


@contextmanager
def said_plainly(root: Path, room: str = FEWER) -> Iterator[None]:
    """What the system says of the disk at `root`, as a sentence; `room`: what to do when full."""
    try:
        yield
    except OSError as error:
        why = str(error)
        if error.errno in _FULL:
            raise DiskFull(
                f"{root} is full",
                why="What was copied stays and counts for the next run",
                hint=room,
            ) from error
        if error.errno in _NOT_ALLOWED:
            raise Refused(
                f"{root} cannot be written",
                why=why,
                hint="Mount the disk for writing, and let the user who runs this own the folder",
            ) from error
        raise _gone(root, why) from error


def _gone(root: Path, why: str) -> AlbumsError:
    return AlbumsError(
        f"The disk of {root} does not answer",
        why=why,
        hint="If it was unplugged, plug it in and run this again: it goes on where it stopped",
    )


def _where(root: Path) -> tuple[int, int]:
    found = root.stat()
    return found.st_dev, found.st_ino


def _known(stamps: list[str]) -> str:
    return f"There are: {', '.join(stamps)}" if stamps else "Make one: albums backup FOLDER"


def open_backup(root: Path) -> BackupFolder:
    """One that is to be read. Raises BadInput where there is none."""
    if not (root / "snapshots").is_dir():
        raise BadInput(
            f"{root} is not a backup of Albums",
            why="It has no folder called snapshots",
            hint="Name the folder that was given to `albums backup`; is its disk mounted?",
        )
    return BackupFolder(root)
