"""`albums import`: take in a folder of any files, or an export of another service."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from albums.cli.following import Asked, follow
from albums.cli.import_export import EXPORTS, is_red, show_export, tell_export
from albums.cli.options import Json, Library, Wait, settings_of
from albums.cli.output import Meter, clock, print_json, say
from albums.errors import BadInput

_SOME_FAILED = 3  # exit status: done, but some files are not here, or not proven to be


def command(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="[KIND] PATH...",
            help="A folder: everything below it is taken in. Or the kind of an export and all its "
            f"parts, zips, tgzs or folders, as they were downloaded: {', '.join(EXPORTS)}.",
        ),
    ],
    library: Library = None,
    again: Annotated[
        bool, typer.Option("--again", help="Take in even what you deleted before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Of an export: say what would happen, keep nothing.")
    ] = False,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Take in a folder, or an export of Google or others. What is there already is not read again.

    \b
    albums import ~/Pictures
    albums import takeout ~/Downloads/takeout-*.zip
    """
    from albums.cli.box import reach
    from albums.cli.work import wait_until_understood

    wanted = _wanted(what) | {"again": again, "dry_run": dry_run}
    export = wanted["source"] != "folder"
    with reach(settings_of(library), working=wait) as box:
        asked = Asked(
            "/api/v1/imports",
            wanted,
            show_export if export else _show,
            stopped="Stopped. What was taken in is kept; run the command again to go on.",
            hint="What was taken in is kept; a second run goes on",
        )
        report = follow(box, asked)
        if wait:
            report["work"] = wait_until_understood(box)
    if as_json:
        print_json(report)
    elif export:
        tell_export(report)
    else:
        _tell(report, wait)
    # Of a folder, what the owner deleted is nobody's failure, though its receipt is red.
    if report["failed"] or (export and is_red(report)):
        raise typer.Exit(_SOME_FAILED)


def _wanted(what: list[str]) -> dict[str, Any]:
    """What the box is asked for. A folder called like a kind is meant where nothing follows it."""
    if len(what) > 1 and what[0] in EXPORTS:
        return {"source": what[0], "paths": [_there(path) for path in what[1:]]}
    if len(what) == 1:
        if what[0] in EXPORTS and not Path(what[0]).exists():
            raise BadInput(
                f"It is not said where the {what[0]} export lies",
                hint=f"Name its archives or folders: albums import {what[0]} PATH...",
            )
        return {"source": "folder", "path": _sendable(Path(what[0]))}
    raise BadInput(
        f"{what[0]} is no kind of export, and one folder is imported at a time",
        hint=f"Kinds: {', '.join(EXPORTS)}. Of a folder with others in it, name the outer one",
    )


def _there(path: str) -> str:
    """An archive or folder as the box must know it. What is not there is said before anything
    begins: a part that was forgotten is noticed late."""
    full = os.path.realpath(Path(path).expanduser())
    if not Path(full).exists():
        raise BadInput(f"There is no {path}", hint="Name archives or folders that are there")
    return _as_text(full)


def _sendable(folder: Path) -> str:
    """The folder as the box must know it: absolute, and text."""
    path = os.path.realpath(folder)
    if not Path(path).is_dir():
        raise BadInput(f"{folder} is not a folder", hint=_hint(folder))
    return _as_text(path)


def _hint(path: Path) -> str:
    if path.name.lower().endswith((".zip", ".tgz", ".tar.gz")):
        return f"An export of Google's is imported with: albums import takeout {path}"
    return "Name one; all below it is taken in"


def _as_text(path: str) -> str:
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
    if job["state"] == "proving":
        show_export(job, meter)
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
    for summary in report["summary"].values():
        print(f"Receipt {summary['number']} is {summary['verdict']}: {summary['reasons'][0]}")
    if report["ingested"] and not waited:
        print("They are described while `albums serve` or `albums work --wait` runs.")
