"""`albums verify`: read every original again and say what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from albums.cli.following import Asked, follow
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import Meter, clock, print_json, say
from albums.errors import BadInput

_ADDRESS = "/api/v1/verify"
_LISTED = 10_000
_LOST = 1  # exit status


def command(
    library: Library = None,
    rate: Annotated[
        float | None, typer.Option(metavar="MB", help="Read so many megabytes a second at most.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Begin no further file after so long; go on next time.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin with all, also where a run was stopped.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Make sidecars anew that are missing or damaged.")
    ] = False,
    repair_from: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Bring back also originals, from this backup."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read every original from the disk, compare it with its hash, and say what is wrong.

    Ends with 1 when something that was kept may be lost.
    """
    from albums.cli.box import reach

    wanted: dict[str, Any] = {"seconds": seconds, "rate": _bytes(rate), "anew": anew}
    address = _ADDRESS
    if repair or repair_from:
        address = f"{_ADDRESS}/repair"
        wanted["folder"] = os.path.realpath(repair_from) if repair_from else None
    with reach(settings_of(library)) as box:
        asked = Asked(
            address,
            wanted,
            _show,
            stopped="Stopped. What was read is known; run the command again to go on.",
            jobs=_ADDRESS,
            hint="What was read is known; a second run goes on",
            going_on={"anew": False},
        )
        report = follow(box, asked)
        report["findings"] = box.get(f"{_ADDRESS}/findings", limit=_LISTED)["findings"]
    if as_json:
        print_json(report)
    else:
        _tell(report)
    if report["may_be_lost"]:
        raise typer.Exit(_LOST)


def _bytes(rate: float | None) -> float | None:
    if rate is not None and not rate > 0:
        raise BadInput("--rate must be more than 0", hint="Leave it out to read at full speed")
    return rate * 1e6 if rate else None


def _show(report: dict[str, Any], meter: Meter) -> None:
    run = report["run"]
    if run["state"] == "reading":
        left = f" · {clock(run['seconds_left'])} left" if run["seconds_left"] is not None else ""
        note = f"{run['read']} originals · {run['bytes_per_second'] / 1e6:.0f} MB/s{left}"
        meter.show("Reading", run["bytes_read"], run["bytes_total"], note)
    elif run["state"] == "repairing":
        meter.show("Repairing", 0, None, f"{len(run['repaired'])} files")
    else:
        meter.show("Looking", 0, None, "which files are there")


def _tell(report: dict[str, Any]) -> None:
    run = report["run"]
    speed = f", {run['bytes_per_second'] / 1e6:.0f} MB/s" if run["bytes_read"] else ""
    print(f"{run['read']} originals read in {clock(run['seconds'])}"
          f" ({run['bytes_read'] / 1e9:.1f} GB{speed}).")  # fmt: skip
    if not run["round_ended"]:
        print(f"{run['total'] - run['read']} are left for the next run.")
    for repaired in run["repaired"]:
        detail = f": {repaired['detail']}" if repaired["detail"] else ""
        print(f"  {repaired['outcome']:8} {repaired['path']}{detail}")
    for finding in report["findings"]:
        detail = f" ({finding['detail']})" if finding["detail"] else ""
        print(f"  {finding['kind']:11} {finding['path']}{detail}")
    if report["may_be_lost"]:
        files = "1 file" if report["may_be_lost"] == 1 else f"{report['may_be_lost']} files"
        say(f"{files} may be lost. What a backup holds comes back with: "
            "albums verify --repair-from FOLDER")  # fmt: skip
    elif not report["findings"]:
        print("Nothing is wrong.")
