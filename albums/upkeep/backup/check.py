"""The drill: brings a whole snapshot back into a temporary place and compares everything.

Originals are brought back one after the other and removed again when they were compared, so that
a drill needs little room.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from albums import __version__
from albums.errors import AlbumsError
from albums.upkeep.backup.copy import SourceUnreadable
from albums.upkeep.backup.folder import (
    BackupFolder,
    expect_room,
    on_disk,
    open_backup,
    said_plainly,
)
from albums.upkeep.backup.manifest import Entry, Manifest
from albums.upkeep.backup.restore import restore_file
from albums.upkeep.backup.source import DATABASE, Known, look_into

_LARGER = "Name a larger place: --into"
_PREFIX = ".albums-drill-"
_SPARE = 8 << 20  # bytes
_LISTED = 1000  # damaged files that a drill names

Show = Callable[[int, int, int], None]  # files done, files in all, bytes done


@dataclass(frozen=True)
class Damaged:
    """A file of the backup that is not what it was."""

    path: str  # in the library
    stored: str  # below the backup's folder
    why: str


@dataclass
class Drill:
    """How it ended. `whole`: everything came back as it was."""

    snapshot: str
    at: str  # UTC, when the drill began
    whole: bool = False
    files: int = 0
    bytes: int = 0
    assets: int = 0
    canonical: bool | None = None  # equal; None: another program made it, so it cannot be compared
    seconds: float = 0
    damaged: list[Damaged] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def check_backup(
    root: Path,
    place: Path,
    stamp: str | None = None,
    show: Show = lambda files, total, size: None,
) -> Drill:
    """Restore the newest snapshot, or the one called `stamp`, into a new folder in `place`.

    Everything that is wrong is in the answer. `show` may raise to stop.
    Raises BadInput, NotFound, BackupDamaged, Conflict and DiskFull when it cannot begin.
    """
    backup, began = open_backup(root), time.monotonic()
    with said_plainly(place, _LARGER), backup.unchanged():
        stamp, manifest = backup.manifest(stamp)
        _expect_room(place, manifest)
        drill = Drill(stamp, datetime.now(UTC).isoformat(timespec="seconds"))
        for left in place.glob(f"{_PREFIX}*"):  # by a drill that was cut off
            shutil.rmtree(left)
        scratch = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        try:
            _Trial(backup, stamp, manifest, scratch, drill).run(show)
        finally:
            shutil.rmtree(scratch)
    drill.whole = not drill.damaged
    drill.seconds = round(time.monotonic() - began, 3)
    return drill


def _expect_room(place: Path, manifest: Manifest) -> None:
    sizes = [entry.size for entry in manifest.entries if entry.kind == "original"]
    kept = sum(on_disk(entry.size) for entry in manifest.entries if entry.kind != "original")
    expect_room(place, _SPARE + kept + max(sizes, default=0), _LARGER)


class _Trial:
    def __init__(
        self, backup: BackupFolder, stamp: str, manifest: Manifest, scratch: Path, drill: Drill
    ) -> None:
        self.backup, self.stamp, self.manifest = backup, stamp, manifest
        self.scratch, self.drill = scratch, drill
        self.sizes: dict[str, int] = {}  # of what came back, by path

    def run(self, show: Show) -> None:
        entries = self.manifest.entries
        for done, entry in enumerate(entries, 1):
            try:
                self._bring_back(entry)
            except (SourceUnreadable, ValueError) as error:
                self._blame(entry, str(error))
            show(done, len(entries), self.drill.bytes)
        self._compare()

    def _bring_back(self, entry: Entry) -> None:
        """Raises SourceUnreadable, or ValueError for a sidecar that says something else."""
        final = self.scratch / entry.path
        restore_file(self.backup, self.stamp, entry, final)
        self.sizes[entry.path] = final.stat().st_size
        self.drill.files += 1
        self.drill.bytes += entry.size
        if entry.kind == "sidecar":
            _expect_sidecar_of(final)
        if entry.kind == "original":
            final.unlink()

    def _compare(self) -> None:
        """The database that came back against the files that did."""
        entry = next((e for e in self.manifest.entries if e.path == DATABASE), None)
        if entry is None or entry.path not in self.sizes:
            return
        try:
            known = look_into(self.scratch / DATABASE)
        except AlbumsError as error:
            self._blame(entry, str(error))
            return
        self.drill.assets = len(known.assets)
        self._compare_canonical(entry, known)
        blamed = {damaged.path for damaged in self.drill.damaged}
        for sha, (extension, size) in known.assets.items():
            original = f"originals/{sha[:2]}/{sha}{extension}"
            sidecar = f"originals/{sha[:2]}/{sha}.sidecar.json"
            if original not in blamed and self.sizes.get(original) != size:
                self._blame(Entry(original, size, sha), "the snapshot does not hold it")
            if sidecar not in blamed and sidecar not in self.sizes:
                self._blame(Entry(sidecar, 0, sha), "the snapshot does not hold it")

    def _compare_canonical(self, entry: Entry, known: Known) -> None:
        about = self.manifest.about
        if about["program"] != __version__ or not known.canonical:
            return
        self.drill.canonical = known.canonical == about["canonical"]
        if not self.drill.canonical:
            self._blame(entry, "its canonical export is not that of the library")

    def _blame(self, entry: Entry, why: str) -> None:
        if len(self.drill.damaged) < _LISTED:
            stored = self.backup.place(entry, self.stamp).relative_to(self.backup.root)
            self.drill.damaged.append(Damaged(entry.path, stored.as_posix(), why))


def _expect_sidecar_of(path: Path) -> None:
    if json.loads(path.read_bytes())["sha"] != path.name[:64]:
        raise ValueError("it is the sidecar of another original")
