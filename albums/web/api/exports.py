"""Exports that run inside the box. Only its own shell may start them: they write to its disk."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from albums.errors import BadInput, Conflict
from albums.jobs import Jobs
from albums.upkeep.export import Progress, export
from albums.web.errors import errors
from albums.web.request import Opened, Who

router = APIRouter(prefix="/exports", tags=["exports"], responses=errors(403))
JobId = Annotated[str, InPath(description="as POST /exports answered", examples=["3f9a1c20b7de"])]


class NewExport(BaseModel):
    """Where to export to."""

    path: str = Field(description="absolute path on the box", examples=["/mnt/usb/photos"])
    trash: bool = Field(False, description="what lies in the trash, too")


class NamedFile(BaseModel):
    """A file of which there is something to say."""

    path: str
    why: str


class Export(BaseModel):
    """How far an export has come; at its end it is the receipt."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(examples=["3f9a1c20b7de"])
    running: bool = Field(examples=[True])
    folder: str = Field(examples=["/mnt/usb/photos"])
    state: Literal["listing", "copying", "checking", "done", "stopped"] = Field(examples=["done"])
    error: str | None = Field(description="why it ended early")
    error_code: str | None = Field(description="of that error", examples=["disk-full"])
    complete: bool = Field(description="every byte of every asset was read back from the disk")
    assets: int = Field(description="that are to be there", examples=[20000])
    bytes_total: int = Field(description="of their originals")
    copied: int
    bytes_copied: int
    present: int = Field(description="lay there already, equal")
    bytes_present: int
    moved: int = Field(description="of those, renamed since their date or name changed")
    sidecars: int = Field(description="XMP files written")
    collections: int
    linked: str = Field(description="how collections show their photos: symlinks, hard links, list")
    checked: int = Field(description="originals read back from the disk with their hash")
    bytes_checked: int
    sidecars_checked: int
    missing: int = Field(description="assets less those checked; 0 when complete")
    bytes_missing: int = Field(description="bytes less those checked; 0 when complete")
    failed: int = Field(description="could not be exported")
    failed_files: list[NamedFile]
    wrong: int = Field(description="what the check found to be missing or damaged")
    wrong_files: list[NamedFile]
    kept: int = Field(description="sidecars that another program changed; they stay as they are")
    kept_files: list[NamedFile]
    gone: int = Field(description="exported earlier and left there, but no longer part of it")
    gone_files: list[NamedFile]
    seconds: float


class Exports(BaseModel):
    """Exports since the box started, oldest first."""

    exports: list[Export]


def _jobs(request: Request) -> Jobs[Progress]:
    jobs = request.app.state.exports
    assert isinstance(jobs, Jobs)
    return jobs


TheJobs = Annotated[Jobs[Progress], Depends(_jobs)]


@router.post("", response_model=Export, status_code=202, responses=errors(409))
def start_export(new: NewExport, albums: Opened, jobs: TheJobs, who: Who) -> dict[str, Any]:
    """Start an export; it goes on inside the box until it is done or cancelled."""
    path = Path(new.path)
    if not path.is_absolute():
        raise BadInput(f"{new.path!r} is not an absolute path")
    progress = Progress(str(path))

    def work(stop: Event) -> None:
        with albums.library.write() as db:
            albums.audit.record(db, who, "exported", folder=str(path), trash=new.trash)
        export(path, albums.library, albums.vault, progress, stop, with_trash=new.trash)

    return jobs.start(progress, work).as_json()


def busy() -> Conflict:
    """Two would write the same files."""
    return Conflict("Another export is running", hint="Wait until it is done, or cancel it")


@router.get("", response_model=Exports)
def list_exports(jobs: TheJobs) -> dict[str, Any]:
    """All exports since the box started."""
    return {"exports": [job.as_json() for job in jobs.all()]}


@router.get("/{job_id}", response_model=Export, responses=errors(404))
def read_export(job_id: JobId, jobs: TheJobs) -> dict[str, Any]:
    """How far it has come, and its receipt."""
    return jobs.get(job_id).as_json()


@router.delete("/{job_id}", response_model=Export, responses=errors(404))
def cancel_export(job_id: JobId, jobs: TheJobs) -> dict[str, Any]:
    """Stop it soon. What lies there is whole; another export goes on from there."""
    job = jobs.get(job_id)
    job.stop.set()
    return job.as_json()
