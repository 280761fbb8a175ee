"""Receipts of imports: what came from elsewhere, proven to be here, and what may be deleted there.

Not to be confused with `/receipts`, which devices get for single files that they sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, Response, StreamingResponse

from albums import __version__
from albums.assembly import Albums
from albums.jobs import Jobs
from albums.library.import_receipts import expect_whole, find_receipt, receipt_file
from albums.sources.importing.deletable import Deletable, deletable
from albums.sources.importing.exporting import as_csv, as_jsonl, entry_keys, entry_rows
from albums.sources.importing.receipt import Receipt, receipts
from albums.sources.importing.rechecking import Recheck, check_receipt
from albums.sources.importing.reported import Reported, report
from albums.upkeep.backup.record import last_backup_at
from albums.web.errors import errors
from albums.web.files import disposition
from albums.web.pages.render import text_of
from albums.web.request import Opened

router = APIRouter(prefix="/import-receipts", tags=["import receipts"])
Number = Annotated[int, InPath(ge=1, description="as its file is called", examples=[1])]
JobId = Annotated[str, InPath(description="as the start answered", examples=["3f9a1c20b7de"])]
_MIMES = {"jsonl": "application/jsonl", "csv": "text/csv", "html": "text/html",
          "chain": "application/jsonl"}  # fmt: skip
_STATIC = Path(__file__).parent.parent / "static"
_IN_HTML = 20_000  # entries that a page lists in full


class Sum(BaseModel):
    files: int
    bytes: int


class ImportReceipt(BaseModel):
    """What a receipt says, in short."""

    number: int = Field(examples=[1])
    file: str = Field(description="in the library's folder", examples=["import-receipt-0001.jsonl"])
    source: str | None = Field(None, examples=["takeout"])
    import_: str | None = Field(None, alias="import", examples=["takeout-20240516T230250Z"])
    head: str | None = Field(None, description="hash of its last line, as the audit log has it")
    verdict: Literal["green", "red"] | None = Field(None, description="green: all is proven")
    began_at: str | None = Field(None, description="UTC")
    ended_at: str | None = Field(None, description="UTC")
    reasons: list[str] = Field([], description="sentences for people")
    remarks: list[str] = Field([], description="worth knowing, and no reason to be red")
    counts: dict[str, int] = {}
    reread: dict[str, int] = Field({}, description="what was read back from the disk")
    damaged: str | None = Field(None, description="why it cannot be read, if it cannot")


class ImportReceipts(BaseModel):
    """All receipts of imports, newest first."""

    receipts: list[ImportReceipt]


class WholeReceipt(ImportReceipt):
    """A receipt without its many good entries; those are in its file."""

    model_config = ConfigDict(extra="allow")

    notes: dict[str, int] = {}
    advice: list[str] = []
    parts: list[dict[str, Any]]
    gaps: list[dict[str, Any]] = Field(description="numbers of parts that are missing")
    unreadable: list[dict[str, Any]]
    announced: list[dict[str, Any]] = Field(description="spoken of, and not in the export")
    uncertain: list[dict[str, Any]] = Field(description="landed, but what is said of them is not")
    not_landed: list[dict[str, Any]]
    collections: list[dict[str, Any]]
    totals: dict[str, Any]
    cut: dict[str, int] = Field(description="by list: how many more there are than are listed")


class DeletableAnswer(BaseModel):
    """What may be deleted where the export came from."""

    number: int = Field(examples=[1])
    source: str = Field(examples=["takeout"])
    second_copy_at: str | None = Field(description="when the last good backup was made, UTC")
    counts: dict[str, int] = Field(description="photos: now, not yet, not covered")
    reasons: dict[str, int] = Field(description="how many wait for what")
    remarks: list[str]
    items: list[dict[str, Any]] = Field(description="the first of those that may not go yet")


class ReceiptCheck(BaseModel):
    """How far the check of a receipt has come, and what it found."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(examples=["3f9a1c20b7de"])
    running: bool = Field(examples=[True])
    number: int = Field(examples=[1])
    state: Literal["chain", "reading", "done", "stopped"] = Field(examples=["reading"])
    files: int = Field(description="read again, of files_total")
    files_total: int
    bytes_done: int
    bytes_total: int
    deleted: int = Field(description="by the owner, since")
    broken: int = Field(description="originals or papers that are not what was kept")
    broken_files: list[dict[str, Any]]
    faults: list[str] = Field(description="where the receipt is not what was written")
    whole: bool = Field(description="done, and all is well")
    error: str | None
    error_code: str | None


_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {"application/octet-stream": {}}},
}


def _jobs(request: Request) -> Jobs[Recheck]:
    jobs = request.app.state.receipt_checks
    assert isinstance(jobs, Jobs)
    return jobs


Checks = Annotated[Jobs[Recheck], Depends(_jobs)]


def summaries(albums: Albums) -> list[dict[str, Any]]:
    """Of all receipts, newest first."""
    return [
        found.as_json()
        if isinstance(found, Receipt)
        else {
            "number": found[0],
            "file": receipt_file(albums.settings.library, found[0]).name,
            "damaged": str(found[1]),
        }
        for found in receipts(albums.library)
    ]


def deletable_of(albums: Albums, number: int) -> Deletable:
    """As of now. Raises NotFound, DamagedReceipt, LibraryUnusable."""
    find_receipt(albums.settings.library, number)
    return deletable(albums.library, number, last_backup_at(albums.settings.library))


@router.get("", response_model=ImportReceipts, response_model_exclude_unset=True)
def list_import_receipts(albums: Opened) -> dict[str, Any]:
    """All receipts of imports, also those that are damaged or missing."""
    return {"receipts": summaries(albums)}


@router.get("/checks/{job_id}", response_model=ReceiptCheck, responses=errors(404))
def read_receipt_check(job_id: JobId, checks: Checks) -> dict[str, Any]:
    """How far it has come."""
    return checks.get(job_id).as_json()


@router.delete("/checks/{job_id}", response_model=ReceiptCheck, responses=errors(404))
def stop_receipt_check(job_id: JobId, checks: Checks) -> dict[str, Any]:
    """Stop it soon."""
    job = checks.get(job_id)
    job.stop.set()
    return job.as_json()


@router.get("/{number}", response_model=WholeReceipt, response_model_exclude_unset=True,
            responses=errors(404))  # fmt: skip
def read_import_receipt(
    number: Number,
    albums: Opened,
    limit: Annotated[int, Query(ge=0, le=10_000, description="of each list")] = 1000,
) -> dict[str, Any]:
    """One receipt: sums, parts, what is missing, what is uncertain, collections."""
    folder = albums.settings.library
    return report(folder, find_receipt(folder, number), limit).as_json()


@router.post("/{number}/checks", response_model=ReceiptCheck, status_code=202,
             responses=errors(404))  # fmt: skip
def start_receipt_check(number: Number, albums: Opened, checks: Checks) -> dict[str, Any]:
    """Check its chain against the audit log, and read all that it speaks of from the disk again."""
    number = find_receipt(albums.settings.library, number)
    progress = Recheck(number)

    def work(stop: Event) -> None:
        check_receipt(albums.receiver, number, progress, stop)

    return checks.start(progress, work).as_json()


@router.get("/{number}/file", response_class=Response, responses=_FILE | errors(404))
def download_import_receipt(
    number: Number,
    albums: Opened,
    format: Annotated[
        Literal["jsonl", "csv", "html", "chain"],
        Query(description="jsonl and csv: an archive entry a line; html: a page to keep; chain: "
              "the file itself, whose hashes can be checked"),
    ] = "jsonl",
) -> Response:  # fmt: skip
    """The receipt as a file. It is checked first: nobody is handed one that was altered."""
    folder = albums.settings.library
    file = receipt_file(folder, find_receipt(folder, number))
    if format != "chain":  # what is broken may still be looked at as it is
        with albums.library.read() as db:
            expect_whole(db, file)
    headers = _named(file.stem, format)
    if format == "chain":
        return FileResponse(file, media_type=_MIMES[format], headers=headers)
    if format == "html":
        return Response(_page_to_keep(report(folder, number, _IN_HTML)), headers=headers)
    keys = entry_keys(file)
    rows = entry_rows(file, keys)
    content = as_csv(rows, keys) if format == "csv" else as_jsonl(rows)
    return _streamed(content, headers)


@router.get("/{number}/deletable", response_model=DeletableAnswer, responses=errors(404))
def read_deletable(
    number: Number,
    albums: Opened,
    limit: Annotated[int, Query(ge=0, le=10_000, description="of the items")] = 100,
) -> dict[str, Any]:
    """How many photos may be deleted there now, and what the others wait for."""
    found = deletable_of(albums, number)
    waiting = (item for item in found.items if item.state != "now")
    return {
        "number": number, "source": found.receipt.source, "second_copy_at": found.second_copy_at,
        "counts": found.counts(), "reasons": found.reasons(), "remarks": found.remarks,
        "items": [item.as_json(found.link) for item, _ in zip(waiting, range(limit), strict=False)],
    }  # fmt: skip


@router.get("/{number}/deletable/file", response_class=Response, responses=_FILE | errors(404))
def download_deletable(
    number: Number,
    albums: Opened,
    format: Annotated[Literal["jsonl", "csv"], Query(description="a photo a line")] = "jsonl",
) -> Response:
    """Every photo, whether it may be deleted there now, and why not."""
    found = deletable_of(albums, number)
    keys = ("state", "why", "path", found.link, "files")
    content = as_csv(found.rows(), keys) if format == "csv" else as_jsonl(found.rows())
    return _streamed(content, _named(f"deletable-{number:04}", format))


def _page_to_keep(found: Reported) -> str:
    """With its styles in it: it needs nothing but a browser."""
    style = "\n".join((_STATIC / name).read_text() for name in ("app.css", "imports.css"))
    return text_of("import_keep.html", found=found, style=style, program=__version__)


def _named(stem: str, format: str) -> dict[str, str]:
    """Saved, not shown: a page with styles of its own is for the person's disk."""
    name = f"{stem}.{'jsonl' if format == 'chain' else format}"
    headers = disposition(name, _MIMES[format])
    headers |= {"content-type": f"{_MIMES[format]}; charset=utf-8", "cache-control": "no-store"}
    return headers


def _streamed(content: Iterator[bytes], headers: dict[str, str]) -> Response:
    return StreamingResponse(content, headers=headers)
