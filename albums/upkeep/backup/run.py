"""One run of a backup: copies ahead what it can, then takes the rest as of one moment."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from albums import __version__
from albums.library.database import Library
from albums.upkeep.backup.copy import SourceUnreadable, copy_log, copy_whole, write_whole
from albums.upkeep.backup.folder import FEWER, BackupFolder, expect_room, on_disk
from albums.upkeep.backup.manifest import Entry, Manifest, kind_of
from albums.upkeep.backup.report import LeftOut, Progress, Report, Show
from albums.upkeep.backup.source import (
    DATABASE,
    Known,
    Moment,
    State,
    copy_database,
    list_files,
    look_into,
    moment,
    state_of,
    wide_files,
)
from albums.vault.durable import fsync_folder
from albums.vault.rereading import read_from_disk

_SPARE = 8 << 20  # bytes for lists and folders
_LISTED = 1000  # paths that a report names in full
_TRIES = 5  # moments, when the owner purges what was about to be copied
_PATIENCE = 5.0  # seconds in which an arrival that was just committed gets its sidecar


class Run:
    """One run, with what it knows of the backup and what it found."""

    def __init__(
        self, library: Library, backup: BackupFolder, doubted: set[Path], show: Show
    ) -> None:
        self.began, self.at = time.monotonic(), datetime.now(UTC)
        self.library, self.root, self.backup, self.show = library, library.path.parent, backup, show
        self.manifests, self.damaged = backup.manifests()
        self.stored: dict[Path, int] = {}  # bytes of what some list speaks of
        self.last: dict[str, Entry] = {}  # of the newest whole snapshot, by path
        for manifest in self.manifests.values():
            shared = [entry for entry in manifest.entries if entry.kind != "wide"]
            self.stored |= {backup.place(entry, ""): entry.size for entry in shared}
            self.last = {entry.path: entry for entry in shared}
        for path in doubted:
            self.stored.pop(path, None)
        self.progress = Progress()
        self.seen: dict[str, State] = {}  # sidecars as they were when they were copied
        self.entries: dict[str, Entry] = {}
        self.lost: dict[str, LeftOut] = {}
        self.new = {"original": 0, "sidecar": 0, "bytes": 0}
        self.written: set[Path] = set()

    def finish(self, keep: int | None, warnings: list[str]) -> Report:
        files = list_files(self.root)
        self._expect_room(files)
        self._copy_ahead(files)
        stamp = self.backup.begin_snapshot()
        known = self._take_moment(self.backup.unfinished(stamp) / "library")
        self.backup.expect_there()
        for folder in {path for file in self.written for path in list(file.parents)[:2]}:
            fsync_folder(folder)
        manifest = Manifest(self._about(known), tuple(self.entries.values()))
        self.backup.finish_snapshot(stamp, manifest)
        if self.damaged:
            warnings = [*warnings, f"The lists of {', '.join(self.damaged)} are damaged"]
        removed, freed = self._keep(keep, stamp, manifest)
        return Report(
            target=str(self.backup.root),
            snapshot=stamp,
            at=manifest.about["at"],
            assets=len(known.assets),
            files=len(self.entries),
            bytes=sum(entry.size for entry in self.entries.values()),
            new_originals=self.new["original"],
            new_sidecars=self.new["sidecar"],
            new_bytes=self.new["bytes"],
            removed_snapshots=removed,
            freed_bytes=freed,
            seconds=round(time.monotonic() - self.began, 3),
            lost=list(self.lost.values())[:_LISTED],
            warnings=warnings,
        )

    def _about(self, known: Known) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "library": str(self.root),
            "program": __version__,
            "migration": known.migration,
            "canonical": known.canonical,
            "assets": len(known.assets),
            "lost": len(self.lost),
        }

    def _expect_room(self, files: dict[str, State]) -> None:
        database = on_disk((self.root / DATABASE).stat().st_size)
        needed = _SPARE + 2 * database
        needed += sum(on_disk(path.stat().st_size) for path in wide_files(self.root))
        needed += sum(
            on_disk(size) for path, (_, size, _) in files.items() if self._is_new(path, size)
        )
        expect_room(self.backup.root, needed, FEWER)

    def _is_new(self, path: str, size: int) -> bool:
        """As far as can be told without reading; a run that broke off left some, too."""
        if kind_of(path) == "sidecar":
            known = self.last.get(path)
            return known is None or known.size != size
        there = state_of(self.backup.root / path)
        return there is None or there[1] != size

    def _copy_ahead(self, files: dict[str, State]) -> None:
        """What fails here is looked at again as of the moment."""
        self.progress.doing, self.progress.files_total = "Copying", len(files)
        for path, state in files.items():
            self.backup.expect_there()
            if kind_of(path) == "original":
                self._original(path)
            elif (content := self._read_sidecar(path)) is not None:
                self._sidecar(path, content)
                self.seen[path] = state
            self.progress.files_done += 1
            self.show(self.progress)

    def _take_moment(self, wide: Path) -> Known:
        self.progress.doing = "Finishing"
        ahead = self.entries
        for _ in range(_TRIES):
            self.entries, self.lost = {}, {}
            with moment(self.library, self.seen) as now:
                copy_database(now.db, wide / DATABASE)
                known = look_into(wide / DATABASE)
                self._wide(now, wide)
                self._shared(now, known, ahead)
            if not any(self._purged_meanwhile(path, known) for path in self.lost):
                break
        return known

    def _wide(self, now: Moment, folder: Path) -> None:
        with (folder / DATABASE).open("rb") as file:
            os.fsync(file.fileno())
        copied = read_from_disk(folder / DATABASE, self._read)
        self.entries[DATABASE] = Entry(DATABASE, copied.size, copied.sha)
        for name, content in now.wide.items():
            self.entries[name] = Entry(name, len(content), write_whole(content, folder / name))
        for name, size in now.logs.items():
            sha = copy_log(self.root / name, folder / name, size)
            self.entries[name] = Entry(name, size, sha)

    def _shared(self, now: Moment, known: Known, ahead: dict[str, Entry]) -> None:
        """Every original and sidecar of the moment; what the owner purged is not taken along."""
        expected = {
            f"originals/{sha[:2]}/{sha}{end}"
            for sha, (extension, _) in known.assets.items()
            for end in (extension, ".sidecar.json")
        }
        found = {path for path in now.files if _sha(path) not in known.deleted}
        for path in sorted(expected | found):
            self.show(self.progress)
            entry = self._of_moment(path, now, ahead)
            if entry:
                self.entries[path] = entry
            elif path in expected:
                self._lose(path)

    def _of_moment(self, path: str, now: Moment, ahead: dict[str, Entry]) -> Entry | None:
        if kind_of(path) == "original":
            return ahead.get(path) or self._original(path)
        content = now.sidecars.get(path)
        if content is not None:
            return self._sidecar(path, content)
        if path in now.files:
            return ahead[path]
        content = self._await_sidecar(path)
        if content is not None:
            return self._sidecar(path, content)
        last = self.last.get(path)
        stands = last and self._stands(self.backup.sidecar(last.sha256), last.sha256)
        return last if stands else None

    def _await_sidecar(self, path: str) -> bytes | None:
        """An arrival's sidecar gets its name just after its rows are committed."""
        deadline = time.monotonic() + _PATIENCE
        while (content := self._read_sidecar(path)) is None and self._drafts():
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        return content

    def _drafts(self) -> bool:
        incoming = self.root / "incoming"
        return incoming.is_dir() and any(incoming.iterdir())

    def _read_sidecar(self, path: str) -> bytes | None:
        try:
            return (self.root / path).read_bytes()
        except OSError:
            return None

    def _sidecar(self, path: str, content: bytes) -> Entry:
        sha = hashlib.sha256(content).hexdigest()
        final = self.backup.sidecar(sha)
        if not self._stands(final, sha):
            write_whole(content, final)
            self._copied("sidecar", final, len(content))
        self.entries[path] = Entry(path, len(content), sha)
        return self.entries[path]

    def _original(self, path: str) -> Entry | None:
        final, sha = self.backup.root / path, _sha(path)
        if not self._stands(final, sha):
            try:
                size = copy_whole(self.root / path, final, sha, self._read)
            except SourceUnreadable as error:
                self.lost[path] = LeftOut(path, str(error))
                return None
            self._copied("original", final, size)
        self.entries[path] = Entry(path, self.stored[final], sha)
        return self.entries[path]

    def _lose(self, path: str) -> None:
        if path not in self.lost:
            missing = not (self.root / path).exists()
            self.lost[path] = LeftOut(path, "it is missing" if missing else "it cannot be read")

    def _purged_meanwhile(self, path: str, known: Known) -> bool:
        if _sha(path) not in known.assets:
            return False
        with self.library.read() as db:
            row = db.execute("select 1 from assets where sha = ?", (_sha(path),)).fetchone()
        return row is None

    def _stands(self, final: Path, sha: str) -> bool:
        """Is it there whole? What no list speaks of was left by a run that broke off: read it."""
        state = state_of(final)
        if state is None:
            return False
        if self.stored.get(final) == state[1]:
            return True
        try:
            whole = read_from_disk(final, self._read)
        except OSError:  # a bad sector; it is written anew
            return False
        if whole.sha == sha:
            self.stored[final] = whole.size
            self.written.add(final)  # perhaps its folder was not yet synced
        return whole.sha == sha

    def _read(self, count: int) -> None:
        self.progress.bytes_done += count
        self.show(self.progress)

    def _copied(self, kind: str, final: Path, size: int) -> None:
        self.new[kind] += 1
        self.new["bytes"] += size
        self.stored[final] = size
        self.written.add(final)

    def _keep(self, keep: int | None, stamp: str, made: Manifest) -> tuple[list[str], int]:
        """A damaged list may need anything, and who lost something may need what is older."""
        if keep is None or self.damaged or self.lost:
            return [], 0
        kept = self.manifests | {stamp: made}
        removed = [old for old in list(kept)[:-keep] if self.backup.remove_snapshot(old, kept[old])]
        unneeded = self.written | self._places(kept.pop(old) for old in removed)
        return removed, self.backup.remove(unneeded - self._places(kept.values()))

    def _places(self, manifests: Iterable[Manifest]) -> set[Path]:
        return {
            self.backup.place(entry, "") for manifest in manifests for entry in manifest.entries
            if entry.kind != "wide"
        }  # fmt: skip


def _sha(path: str) -> str:
    return Path(path).name[:64]
