"""Backups and drills inside the box. Only its own shell may start them: they write to its disks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from albums.upkeep import backup
from albums.upkeep.backup import Backups
from albums.web.errors import errors
from albums.web.request import Opened

router = APIRouter(prefix="/backups", tags=["backups"], responses=errors(403))
JobId = Annotated[str, InPath(description="as the start answered", examples=["3f9a1c20b7de"])]
_TARGET = Field("", description="absolute path on the box; empty: the setting backup_to",
                examples=["/mnt/backup/albums"])  # fmt: skip


class NewBackup(BaseModel):
    """Where to back up to."""

    target: str = _TARGET
    keep: int | None = Field(
        None, ge=0, description="snapshots to keep; 0: all; null: the setting backup_keep"
    )
    new_disk: bool = Field(False, description="begin anew where a backup was before")


class NewDrill(BaseModel):
    """Which backup to try."""

    target: str = _TARGET
    snapshot: str | None = Field(None, description="null: the newest")
    into: str = Field("", description="folder for the temporary place; empty: the library's own")


class JobAnswer(BaseModel):
    """One backup or drill of this box."""

    id: str = Field(examples=["3f9a1c20b7de"])
    kind: Literal["backup", "check"] = Field(examples=["backup"])
    target: str = Field(examples=["/mnt/backup/albums"])
    running: bool
    doing: str = Field(examples=["Copying"])
    files_done: int
    files_total: int
    bytes_done: int = Field(description="copied or read again")
    seconds: float
    report: dict[str, Any] | None = Field(description="once it is done")
    error: str | None = Field(description="why it ended early")
    error_code: str | None = Field(description="of that error", examples=["disk-full"])


class KnownBackup(BaseModel):
    """One place that holds a backup of this library."""

    target: str = Field(examples=["/mnt/backup/albums"])
    first_backup: str | None = Field(None, examples=["2026-04-26T18:42:14+00:00"])
    last_backup: dict[str, Any] | None = None
    last_drill: dict[str, Any] | None = None
    last_good_drill: dict[str, Any] | None = None
    failed: dict[str, Any] | None = Field(None, description="the last try by the clock, if it did")


class BackupsAnswer(BaseModel):
    """Every backup that this library knows of."""

    backup_to: str = Field(description="where to by the clock; empty: nowhere")
    state: str = Field(
        description="in a sentence; empty: there is no backup and none is wanted",
        examples=["last backup to /mnt/backup/albums 1 day ago, last good drill 12 days ago"],
    )
    worry: bool = Field(description="somebody should look")
    backups: list[KnownBackup]
    jobs: list[JobAnswer] = Field(description="since the box started, oldest first")


def _backups(request: Request) -> Backups:
    found = request.app.state.backups
    assert isinstance(found, Backups)
    return found


TheBackups = Annotated[Backups, Depends(_backups)]


@router.post("", response_model=JobAnswer, status_code=202, responses=errors(409))
def start_backup(new: NewBackup, backups: TheBackups) -> dict[str, Any]:
    """Start a backup; it goes on inside the box until it is done or stopped."""
    return backups.back_up(new.target, keep=new.keep, new_disk=new.new_disk).as_json()


@router.post("/checks", response_model=JobAnswer, status_code=202, responses=errors(409))
def start_drill(new: NewDrill, backups: TheBackups) -> dict[str, Any]:
    """Restore a snapshot into a temporary place and compare everything."""
    return backups.check(new.target, snapshot=new.snapshot, into=new.into).as_json()


@router.get("", response_model=BackupsAnswer)
def list_backups(albums: Opened, backups: TheBackups) -> dict[str, Any]:
    """When backups were made and tried, and what runs now."""
    notice = backup.notice(albums.settings)
    record = backup.read_record(albums.settings.library)
    return {
        "backup_to": albums.settings.backup_to,
        "state": notice.found if notice else "",
        "worry": bool(notice and notice.state != "good"),
        "backups": [{"target": target} | about for target, about in record.items()],
        "jobs": [job.as_json() for job in backups.jobs()],
    }


@router.get("/{job_id}", response_model=JobAnswer, responses=errors(404))
def read_backup(job_id: JobId, backups: TheBackups) -> dict[str, Any]:
    """How far it has come."""
    return backups.get(job_id).as_json()


@router.delete("/{job_id}", response_model=JobAnswer, responses=errors(404))
def stop_backup(job_id: JobId, backups: TheBackups) -> dict[str, Any]:
    """Stop it soon. What was copied counts for the next run."""
    job = backups.get(job_id)
    job.stop.set()
    return job.as_json()
