"""Backups by the clock: made, and tried, as often as the settings say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from albums.settings import Settings
from albums.upkeep.backup import record
from albums.upkeep.backup.jobs import BackupJob, Backups, Stopped
from albums.upkeep.rounds import Rounds

_LOOK_EVERY = 60.0  # seconds
_TRY_AGAIN = timedelta(hours=1)  # after one that failed


class BackupClock:
    """Begins what is due, from `start()` to `close()`."""

    def __init__(self, backups: Backups, settings: Settings) -> None:
        self._backups, self._settings = backups, settings
        self._rounds = Rounds("backups", _LOOK_EVERY, self.look, first=_LOOK_EVERY)

    def start(self) -> None:
        if self._settings.backup_to:
            self._rounds.start()

    def close(self) -> None:
        """Waits for what it began: close the backups first."""
        self._rounds.close()

    def look(self) -> BackupJob | None:
        """Begin what is due and wait for it. The first backup to a place is made by hand: nothing
        here can know whether a disk is to be mounted there."""
        about = record.read_record(self._settings.library).get(record.wanted(self._settings), {})
        if any(job.running for job in self._backups.jobs()) or not about.get("last_backup"):
            return None
        failed = record.age((about.get("failed") or {}).get("at"))
        if failed is not None and abs(failed) < _TRY_AGAIN:
            return None
        if _due(about["last_backup"], self._settings.backup_every_days):
            return self._noting_failure(self._backups.back_up())
        drilled = about.get("last_drill") or about["last_backup"] | {"at": about["first_backup"]}
        if _due(drilled, self._settings.backup_check_every_days):
            return self._noting_failure(self._backups.check())
        return None

    def _noting_failure(self, job: BackupJob) -> BackupJob:
        job.wait()
        if job.error and not isinstance(job.error, Stopped):
            at = datetime.now(UTC).isoformat(timespec="seconds")
            failed = {"at": at, "why": str(job.error)}
            record.note(self._settings.library, Path(job.progress.target), failed=failed)
        return job


def _due(last: dict[str, Any], days: int) -> bool:
    found = record.age(last["at"])
    return bool(days and found and abs(found) >= timedelta(days=days))
