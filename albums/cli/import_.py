"""`albums import FOLDER`: take in a folder of any files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from albums.cli.following import Asked, follow
from albums.cli.options import Json, Library, Wait, settings_of
from albums.cli.output import Meter, clock, print_json, say
from albums.errors import BadInput

_SOME_FAILED = 3  # exit status: done, but some files could not be taken in


def command(
    folder: Annotated[Path, typer.Argument(help="Everything below it is taken in.")],
    library: Library = None,
    again: Annotated[
        bool, typer.Option("--again", help="Take in even what you deleted before.")
    ] = False,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Take in a folder of any files. What is there already is known and not read again."""
    from albums.cli.box import reach
    from albums.cli.work import wait_until_understood

    path = _sendable(folder)
    with reach(settings_of(library), working=wait) as box:
        asked = Asked(
            "/api/v1/imports",
            {"source": "folder", "path": path, "again": again},
            _show,
            stopped="Stopped. What was taken in is kept; run the command again to go on.",
            hint="What was taken in is kept; a second run goes on",
        )
        report = follow(box, asked)
        if wait:
            report["work"] = wait_until_understood(box)
    if as_json:
        print_json(report)
    else:
        _tell(report, wait)
    if report["failed"]:
        raise typer.Exit(_SOME_FAILED)


def _sendable(folder: Path) -> str:
    """The folder as the box must know it: absolute, and text."""
    path = os.path.realpath(folder)
    if not Path(path).is_dir():
        raise BadInput(f"{folder} is not a folder", hint="Name one; all below it is taken in")
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            "The name of this folder is not valid UTF-8",
            hint="Import the folder above it: names below it may be anything",
        ) from error
    return path


def _show(job: dict[str, Any], meter: Meter) -> None:
    if job["state"] == "listing":
        meter.show("Listing", 0, None, f"{job['found']} files")
        return
    megabytes = job["bytes_per_second"] / 1e6
    left = f" · {clock(job['seconds_left'])} left" if job["seconds_left"] is not None else ""
    note = f"{job['files_per_second']:.0f} files/s · {megabytes:.1f} MB/s{left}"
    meter.show("Taking in", job["bytes_done"], job["bytes_total"], note)


def _tell(report: dict[str, Any], waited: bool) -> None:
    counts = [
        (report["ingested"], "new"),
        (report["duplicate"], "kept already under another name"),
        (report["known"], "known"),
        (report["deleted"], "left out because you deleted them (--again takes them in)"),
        (report["skipped"], "hidden or system files left out"),
        (report["failed"], "could not be read"),
    ]
    told = ", ".join(f"{count} {what}" for count, what in counts if count) or "no files"
    print(f"{report['found']} files in {clock(report['seconds'])}: {told}.")
    for left in report["failed_files"]:
        say(f"  {left['path']}: {left['why']}")
    if report["ingested"] and not waited:
        print("They are described while `albums serve` or `albums work --wait` runs.")
