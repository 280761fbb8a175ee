"""Brings a library back from a backup, each file proven by its hash.

A mark stands in the library until all is there: a restore that was cut off is never taken for a
library, and the next one goes on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from albums.errors import AlbumsError, BadInput, Conflict
from albums.library.database import Library
from albums.library.lock import RESTORING, hold
from albums.settings import CONFIG_NAME
from albums.upkeep.backup.copy import SourceUnreadable, copy_whole
from albums.upkeep.backup.folder import (
    BackupFolder,
    expect_room,
    on_disk,
    open_backup,
    said_plainly,
)
from albums.upkeep.backup.manifest import Entry, Manifest
from albums.upkeep.backup.source import DATABASE
from albums.vault.durable import fsync_folder, replace_synced

_READ_ONLY = 0o444
_OWN = ("albums.lock", CONFIG_NAME, RESTORING, "lost+found")
_LARGER = "Name a folder on a larger disk with --library"
_SPARE = 8 << 20  # bytes

Show = Callable[[int, int, int], None]  # files done, files in all, bytes done


@dataclass
class Restored:
    """What came back. `damaged`: what the backup does not hold whole."""

    snapshot: str
    at: str  # UTC, when the backup was made
    assets: int
    files: int = 0
    bytes: int = 0
    there: int = 0  # files that an earlier restore, cut off, had brought back
    seconds: float = 0
    damaged: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def restore_library(
    source: Path,
    library: Path,
    stamp: str | None = None,
    show: Show = lambda files, total, size: None,
) -> Restored:
    """Restore the newest snapshot, or the one called `stamp`, into an empty folder.

    Raises Conflict for a library that is not empty, LibraryUnusable where a box holds it,
    DiskFull, BadInput, NotFound, and BackupDamaged when the database itself cannot come back.
    """
    backup, began = open_backup(source), time.monotonic()
    library.mkdir(parents=True, exist_ok=True, mode=0o700)
    with said_plainly(library, _LARGER), hold(library), backup.unchanged():
        stamp, manifest = backup.manifest(stamp)
        _expect_empty(library, backup, stamp)
        _expect_room(library, manifest)
        mark = json.dumps({"backup": backup.id, "snapshot": stamp}).encode()
        replace_synced(library / RESTORING, mark)
        report = Restored(stamp, manifest.about["at"], manifest.about["assets"])
        _bring_back(backup, stamp, manifest, library, report, show)
        _open_pictures(library / DATABASE)
        fsync_folder(library)
        (library / RESTORING).unlink()
        fsync_folder(library)
    report.seconds = round(time.monotonic() - began, 3)
    return report


def _expect_empty(library: Path, backup: BackupFolder, stamp: str) -> None:
    mark = library / RESTORING
    if mark.exists():
        begun = json.loads(mark.read_bytes())
        if begun != {"backup": backup.id, "snapshot": stamp}:
            raise Conflict(
                f"{library} holds half of another restore, of the snapshot {begun['snapshot']}",
                hint="Go on with that one (--snapshot), or name an empty folder",
            )
        return
    found = [path.name for path in library.iterdir() if path.name not in _OWN]
    if found:
        raise Conflict(
            f"{library} is not empty",
            why=f"It holds {', '.join(sorted(found)[:5])}",
            hint="Nothing is overwritten: name an empty folder with --library, or stop the box and "
            "move this one away",
        )


def _expect_room(library: Path, manifest: Manifest) -> None:
    needed = _SPARE + sum(
        on_disk(entry.size) for entry in manifest.entries if not (library / entry.path).exists()
    )
    expect_room(library, needed, _LARGER)


def _bring_back(
    backup: BackupFolder,
    stamp: str,
    manifest: Manifest,
    library: Path,
    report: Restored,
    show: Show,
) -> None:
    """The database last: it speaks of all the others."""
    for left in [*library.glob("originals/??/.*.part"), *library.glob(f"{DATABASE}-*")]:
        left.unlink()  # a journal of half a restore does not fit the database that comes back
    entries = sorted(manifest.entries, key=lambda entry: entry.path == DATABASE)
    folders = set()
    for entry in entries:
        final = library / entry.path
        folders.add(final.parent)
        if _stands(final, entry):
            report.there += 1
        else:
            try:
                restore_file(backup, stamp, entry, final)
            except SourceUnreadable as error:
                if entry.path == DATABASE:
                    raise _without_database(backup, stamp, error) from error
                report.damaged.append({"path": entry.path, "why": str(error)})
                continue
        report.files += 1
        report.bytes += entry.size
        show(report.files, len(entries), report.bytes)
    for folder in folders | {library / "originals"}:
        if folder.is_dir():
            fsync_folder(folder)


def restore_file(backup: BackupFolder, stamp: str, entry: Entry, final: Path) -> None:
    """One file, whole or not at all. Raises SourceUnreadable, naming the file in the backup."""
    copy_whole(backup.place(entry, stamp), final, entry.sha256)
    if entry.kind == "original":
        final.chmod(_READ_ONLY)


def _stands(final: Path, entry: Entry) -> bool:
    """Under its final name a file is whole; the database alone is changed at the very end.
    Settings of this box are not replaced by those of the old one."""
    if entry.path == CONFIG_NAME:
        return final.is_file()
    return entry.path != DATABASE and final.is_file() and final.stat().st_size == entry.size


def _open_pictures(database: Path) -> None:
    """Pictures are not in a backup: they are made again, and nothing that builds on them is."""
    with closing(Library(database)) as library, library.write() as db:
        db.execute("update work set restored = 1 where step != 'pictures' and state = 'done'")
        db.execute(
            """update work set state = 'open', attempts = 0, due = 0, error = ''
               where step = 'pictures' and state = 'done'"""
        )


def _without_database(backup: BackupFolder, stamp: str, error: AlbumsError) -> AlbumsError:
    others = ", ".join(other for other in backup.stamps() if other != stamp)
    return BadInput(
        f"The database of the snapshot {stamp} is damaged",
        why=error.what,
        hint=f"Other snapshots (--snapshot): {others}"
        if others
        else "Bring back originals and sidecars by hand and run: albums rebuild",
    )
