"""An open library to back up, and what tests do to it and to its backup."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from albums.assembly import Albums, open_albums
from albums.curate.assets import edit
from albums.curate.rooms import Rooms
from albums.curate.trash import purge, trash
from albums.settings import Settings
from albums.upkeep.backup import back_up
from albums.upkeep.backup.check import Drill, check_backup
from albums.upkeep.backup.folder import BackupFolder
from albums.upkeep.backup.manifest import Manifest
from albums.upkeep.backup.report import Report
from albums.upkeep.rebuild import canonical
from albums.web.request import rooms_for
from tests.arrivals import arrival_of


@dataclass
class Kept:
    """`target` is the folder of the backup."""

    albums: Albums
    target: Path

    @property
    def rooms(self) -> Rooms:
        return rooms_for(self.albums, "test://person")

    @property
    def folder(self) -> Path:
        return self.albums.settings.library

    def original(self, sha: str) -> Path:
        """Its path below the library's folder, and below that of the backup."""
        with self.albums.library.read() as db:
            row = db.execute("select extension from assets where sha = ?", (sha,)).fetchone()
        return Path("originals", sha[:2], f"{sha}{row['extension']}")

    def take(self, *contents: bytes) -> list[str]:
        receiver = self.albums.receiver
        staged = [receiver.stage(arrival_of(content)) for content in contents]
        return [receipt.sha for receipt in receiver.commit(staged)]

    def edit(self, sha: str, title: str) -> None:
        edit(self.rooms, sha, {"title": title})

    def purge(self, sha: str) -> None:
        trash(self.rooms, [sha])
        purge(self.rooms, [sha], confirmed=True)

    def back_up(self, **wanted: int) -> Report:
        return back_up(self.albums.library, self.target, keep=wanted.get("keep"))

    def check(self, place: Path, snapshot: str | None = None) -> Drill:
        return check_backup(self.target, place, snapshot)

    def manifest(self, snapshot: str | None = None) -> Manifest:
        return BackupFolder(self.target).manifest(snapshot)[1]

    def canonical(self) -> list[str]:
        with self.albums.library.read() as db:
            return list(canonical(db))


@contextmanager
def opened(folder: Path, target: Path) -> Iterator[Kept]:
    albums = open_albums(Settings(library=folder, workers=1, time_zone="Europe/Lisbon"))
    try:
        yield Kept(albums, target)
    finally:
        albums.close()


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder that a backup may hold, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*") if path.is_file() and path.name != "albums.lock"
    }  # fmt: skip


def flip(path: Path, at: int = -1) -> None:
    """One byte rots."""
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@contextmanager
def full_after(writes: int, disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After so many writes to this disk the next ones fail."""
    done, real = 0, os.fsync

    def sync(descriptor: int) -> None:
        nonlocal done
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(disk):
            done += 1
            if done > writes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", sync)
        yield
