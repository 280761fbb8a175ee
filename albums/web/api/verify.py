"""Reading every original again, from the disk: start it, follow it, and see what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from albums.errors import BadInput
from albums.library.checks import counts, findings, last_run, losses, oldest_check
from albums.library.database import Library
from albums.upkeep.verify import Copies, Verifier, Wanted
from albums.web.errors import errors
from albums.web.request import Opened, Who

router = APIRouter(prefix="/verify", tags=["upkeep"])
_LONGEST = 366 * 86_400.0  # seconds


class NewVerification(BaseModel):
    """How to read."""

    model_config = ConfigDict(extra="forbid")

    seconds: float | None = Field(
        None, ge=0, le=_LONGEST, description="begin no further file after so long", examples=[60]
    )
    rate: float | None = Field(
        None, ge=1, le=1e15, description="bytes a second at most", examples=[100e6]
    )
    anew: bool = Field(False, description="begin with all, also where the last run was stopped")


class NewRepair(NewVerification):
    """How to read, and what to repair from."""

    folder: str | None = Field(
        None,
        description="absolute path on the box: a backup, or any folder with `originals/` in it; "
        "without one only sidecars are repaired, from the database",
        examples=["/mnt/backup/albums"],
    )


class RepairedFile(BaseModel):
    """What became of one damaged file."""

    path: str
    outcome: Literal["repaired", "no-copy", "bad-copy"]
    detail: str


class VerifyRun(BaseModel):
    """How far a run is."""

    state: Literal["listing", "reading", "repairing", "done", "stopped"]
    began_at: str
    round: int = Field(description="of reading the whole library, counted from 1")
    round_ended: bool = Field(description="every original was read in it")
    total: int = Field(description="originals that this round had not read when the run began")
    read: int
    bytes_total: int
    bytes_read: int
    found: dict[str, int] = Field(description="kind of finding -> how many there are now")
    repaired: list[RepairedFile]
    seconds: float
    bytes_per_second: int
    seconds_left: float | None = Field(description="null: not known yet")


class Verified(BaseModel):
    """What is known of the files."""

    running: bool
    run: VerifyRun | None = Field(description="the last since the box started")
    error: str | None = Field(description="why it ended early")
    last_run_at: str | None = Field(description="UTC, when the last finished run began")
    found: dict[str, int] = Field(
        description="kind of finding -> how many", examples=[{"changed": 2}]
    )
    may_be_lost: int = Field(description="findings that mean that something may be lost")
    never_read: int = Field(description="originals that were never read again")
    oldest_check: str | None = Field(description="UTC, of the original read longest ago")


class FindingAnswer(BaseModel):
    """One thing that is wrong."""

    kind: str = Field(examples=["changed"])
    path: str = Field(description="below the library's folder")
    sha: str | None = Field(description="SHA-256 of the asset concerned")
    detail: str
    found_at: str = Field(description="UTC, first")
    may_be_lost: bool
    about: str = Field(description="what this kind means")


class Findings(BaseModel):
    """What is wrong now, the worst first."""

    total: int
    findings: list[FindingAnswer]


def _verifier(request: Request) -> Verifier:
    verifier = request.app.state.verifier
    assert isinstance(verifier, Verifier)
    return verifier


TheVerifier = Annotated[Verifier, Depends(_verifier)]


@router.post("", response_model=Verified, status_code=202, responses=errors(409))
def start_verify(new: NewVerification, verifier: TheVerifier, actor: Who) -> dict[str, Any]:
    """Start; it goes on inside the box, what was read longest ago first."""
    verifier.start(Wanted(new.seconds, new.rate, new.anew, actor=actor))
    return as_json(verifier)


@router.post("/repair", response_model=Verified, status_code=202, responses=errors(409))
def start_repair(
    new: NewRepair, albums: Opened, verifier: TheVerifier, actor: Who
) -> dict[str, Any]:
    """Read, then bring back what is missing or damaged. A copy counts only if its hash is right;
    what it replaces is set aside."""
    folder = Path(new.folder) if new.folder is not None else None
    if folder and (not folder.is_absolute() or "\0" in str(folder)):
        raise BadInput(f"{new.folder!r} is not an absolute path")
    copies = Copies(folder, albums.settings.library)
    verifier.start(Wanted(new.seconds, new.rate, new.anew, copies, actor))
    return as_json(verifier)


@router.get("", response_model=Verified)
def read_verify(verifier: TheVerifier) -> dict[str, Any]:
    """How far the run is, and what is known of the files."""
    return as_json(verifier)


@router.delete("", response_model=Verified)
def stop_verify(verifier: TheVerifier) -> dict[str, Any]:
    """Stop soon. What was read stays known; the next run goes on from there."""
    verifier.stop()
    return as_json(verifier)


@router.get("/findings", response_model=Findings)
def list_findings(
    albums: Opened, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000
) -> dict[str, Any]:
    """What is wrong now, the worst first."""
    return {"total": sum(_counts(albums.library).values()), "findings": found(albums, limit)}


def found(albums: Opened, limit: int) -> list[dict[str, Any]]:
    """Findings as JSON, the worst first."""
    with albums.library.read() as db:
        return [finding.as_json() for finding in findings(db, limit)]


def as_json(verifier: Verifier) -> dict[str, Any]:
    job = verifier.last
    running = job is not None and job.running  # first: the rest is to tell how it ended
    with verifier.library.read() as db:
        last, (never, oldest) = last_run(db), oldest_check(db)
        by_kind, lost = counts(db), losses(db)
    return {
        "running": running,
        "run": job.progress.as_json() if job else None,
        "error": str(job.error) if job and job.error else None,
        "last_run_at": last["began_at"] if last else None,
        "found": by_kind,
        "may_be_lost": lost,
        "never_read": never,
        "oldest_check": oldest,
    }


def _counts(library: Library) -> dict[str, int]:
    with library.read() as db:
        return counts(db)
