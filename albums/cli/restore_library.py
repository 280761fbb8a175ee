"""`albums restore-library TARGET`: a library comes back from a backup, into an empty folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import Meter, clock, print_json, say

_SOME_LOST = 3  # exit status: done, but the backup did not hold everything whole


def command(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="Folder of the backup.")],
    library: Library = None,
    snapshot: Annotated[str | None, typer.Option(help="Default: the newest.")] = None,
    as_json: Json = False,
) -> None:
    """Bring a whole library back from a backup. A restore that was cut off goes on."""
    from albums.upkeep.backup import restore_library

    place = settings_of(library).library
    with Meter() as meter:

        def show(done: int, total: int, size: int) -> None:
            meter.show("Restoring", done, total, f"{done} of {total} files · {size / 1e6:,.0f} MB")

        report = restore_library(target, place, snapshot, show)
    if as_json:
        print_json(report.as_json())
    else:
        print(f"{place} is as it was on {report.at}: {report.assets} assets, {report.files} files, "
              f"{report.bytes / 1e6:,.1f} MB, in {clock(report.seconds)}.")  # fmt: skip
        for lost in report.damaged:
            say(f"  did not come back: {lost['path']}: {lost['why']}")
        print("Pictures are made again while `albums serve` or `albums work --wait` runs.")
    if report.damaged:
        raise typer.Exit(_SOME_LOST)
