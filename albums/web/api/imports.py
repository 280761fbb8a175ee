"""Imports that run inside the box. Only its own shell may start them: they read its disk."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from albums.assembly import Albums
from albums.curate.rooms import Rooms
from albums.curate.trash import trash
from albums.errors import BadInput, Conflict
from albums.jobs import Jobs
from albums.library.assets import now
from albums.sources import KINDS, SOURCES
from albums.sources.importing.folders import prove_folder
from albums.sources.importing.importer import Asked, ExportProgress, Importer
from albums.sources.importing.kind import Kind
from albums.sources.importing.run import bring
from albums.sources.source import Progress, Source, State
from albums.upkeep.backup.record import last_backup_at
from albums.web.errors import errors
from albums.web.request import Opened, PersonsRooms

router = APIRouter(
    prefix="/imports",
    tags=["imports"],
    responses=errors(403),
)
JobId = Annotated[str, InPath(description="as POST /imports answered", examples=["3f9a1c20b7de"])]


class NewImport(BaseModel):
    """Where to import from."""

    source: str = Field("folder", description="the way in", examples=["folder", "takeout"])
    path: str | None = Field(
        None, description="absolute path on the box", examples=["/home/ann/photos"]
    )
    paths: list[str] = Field([], description="several of them: all parts of an export")
    again: bool = Field(False, description="take in even what the owner deleted before")
    dry_run: bool = Field(False, description="say what would happen, change nothing")


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
    state: State = Field(examples=["reading"])
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


@router.post("", response_model=Import, status_code=202, responses=errors(409))
def start_import(
    new: NewImport, albums: Opened, rooms: PersonsRooms, jobs: TheJobs
) -> dict[str, Any]:
    """Start an import; it goes on inside the box until it is done or cancelled."""
    paths = [Path(path) for path in ([new.path] if new.path else []) + new.paths]
    for path in paths:
        if not path.is_absolute():
            raise BadInput(f"{str(path)!r} is not an absolute path")
    if not paths:
        raise BadInput("It is not said where to import from", hint="Send `path` or `paths`")
    importer = _importer(albums, rooms, new.source)
    sources = {source.name: source for source in SOURCES}
    kinds = {kind.name: kind for kind in KINDS}
    if new.source in sources:
        return _import_source(sources[new.source], paths, new, importer, jobs)
    if new.source in kinds:
        return _import_export(kinds[new.source], paths, new, importer, jobs)
    known = ", ".join([*sources, *kinds])
    raise BadInput(f"There is no source {new.source!r}", hint=f"Sources: {known}")


def _import_source(
    source: Source, paths: list[Path], new: NewImport, importer: Importer, jobs: Jobs[Progress]
) -> dict[str, Any]:
    if len(paths) != 1 or new.dry_run:
        raise BadInput(f"{source.name} takes one path, and no dry run")
    progress = ExportProgress(str(paths[0]), source=source.name)

    def work(stop: Event) -> None:
        began_at, asked = now(), Asked(tuple(paths), new.again, stop=stop)
        source.bring_in(paths[0], importer.receiver, progress, stop, again=new.again)
        if not stop.is_set():
            prove_folder(importer, paths[0], began_at, asked, progress)

    return jobs.start(progress, work).as_json()


def _import_export(
    kind: Kind, paths: list[Path], new: NewImport, importer: Importer, jobs: Jobs[Progress]
) -> dict[str, Any]:
    """Two at once would both bring what they share, and neither receipt would be right."""
    for job in jobs.all():
        if job.running and _is_export(job.progress):
            raise Conflict("An export is being imported", hint="Wait for it, or stop it first")
    progress = ExportProgress(", ".join(map(str, paths)), source=kind.name, dry_run=new.dry_run)

    def work(stop: Event) -> None:
        bring(importer, kind, Asked(tuple(paths), new.again, new.dry_run, stop), progress)

    return jobs.start(progress, work).as_json()


def _is_export(progress: Progress) -> bool:
    return isinstance(progress, ExportProgress) and progress.source in {k.name for k in KINDS}


def _importer(albums: Albums, rooms: Rooms, source: str) -> Importer:
    return Importer(
        albums.receiver,
        albums.imports,
        albums.tools.sandbox,
        partial(trash, replace(rooms, actor=source)),
        lambda: last_backup_at(albums.settings.library),
    )


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
