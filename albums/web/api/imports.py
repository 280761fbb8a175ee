"""Imports that run inside the box. Only its own shell may start them: they read its disk."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from albums.errors import BadInput
from albums.jobs import Jobs
from albums.sources import SOURCES
from albums.sources.source import Progress
from albums.web.errors import errors
from albums.web.request import Opened

router = APIRouter(
    prefix="/imports",
    tags=["imports"],
    responses=errors(403),
)
JobId = Annotated[str, InPath(description="as POST /imports answered", examples=["3f9a1c20b7de"])]


class NewImport(BaseModel):
    """Where to import from."""

    source: str = Field("folder", description="the way in", examples=["folder"])
    path: str = Field(description="absolute path on the box", examples=["/home/ann/photos"])
    again: bool = Field(False, description="take in even what the owner deleted before")


class LeftOutFile(BaseModel):
    """A file that was not taken in, and why."""

    path: str
    why: str


class Import(BaseModel):
    """How far an import has come."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(examples=["3f9a1c20b7de"])
    running: bool = Field(examples=[True])
    folder: str = Field(examples=["/home/ann/photos"])
    state: Literal["listing", "reading", "done", "stopped"] = Field(examples=["reading"])
    error: str | None = Field(description="why it ended early")
    error_code: str | None = Field(description="of that error", examples=["disk-full"])
    found: int = Field(description="files", examples=[20000])
    known: int = Field(description="unchanged since they came in; not read again")
    ingested: int
    duplicate: int = Field(description="the same bytes are kept already")
    deleted: int = Field(description="the owner deleted these bytes before")
    skipped: int = Field(description="hidden and system files")
    failed: int
    bytes_total: int
    bytes_done: int
    seconds: float
    files_per_second: float
    bytes_per_second: int
    seconds_left: float | None = Field(description="null: not known yet")
    skipped_files: list[LeftOutFile]
    failed_files: list[LeftOutFile]


class Imports(BaseModel):
    """Imports since the box started, oldest first."""

    imports: list[Import]


def _jobs(request: Request) -> Jobs[Progress]:
    jobs = request.app.state.imports
    assert isinstance(jobs, Jobs)
    return jobs


TheJobs = Annotated[Jobs[Progress], Depends(_jobs)]


@router.post("", response_model=Import, status_code=202)
def start_import(new: NewImport, albums: Opened, jobs: TheJobs) -> dict[str, Any]:
    """Start an import; it goes on inside the box until it is done or cancelled."""
    sources = {source.name: source for source in SOURCES}
    if new.source not in sources:
        raise BadInput(f"There is no source {new.source!r}", hint=f"Sources: {', '.join(sources)}")
    path = Path(new.path)
    if not path.is_absolute():
        raise BadInput(f"{new.path!r} is not an absolute path")
    progress = Progress(str(path))
    bring_in = sources[new.source].bring_in

    def work(stop: Event) -> None:
        bring_in(path, albums.receiver, progress, stop, again=new.again)

    return jobs.start(progress, work).as_json()


@router.get("", response_model=Imports)
def list_imports(jobs: TheJobs) -> dict[str, Any]:
    """All imports since the box started."""
    return {"imports": [job.as_json() for job in jobs.all()]}


@router.get("/{job_id}", response_model=Import, responses=errors(404))
def read_import(job_id: JobId, jobs: TheJobs) -> dict[str, Any]:
    """How far it has come."""
    return jobs.get(job_id).as_json()


@router.delete("/{job_id}", response_model=Import, responses=errors(404))
def cancel_import(job_id: JobId, jobs: TheJobs) -> dict[str, Any]:
    """Stop it soon. What was acknowledged is kept; another import goes on from there."""
    job = jobs.get(job_id)
    job.stop.set()
    return job.as_json()
