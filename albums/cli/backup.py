"""`albums backup TARGET`, `albums backup check TARGET`: copies that can be relied on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from albums.cli.following import Asked, follow
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import Meter, clock, print_json, say

_BACKUPS = "/api/v1/backups"
_SOME_LOST = 3  # exit status: done, but not everything could be taken
_DAMAGED = 1  # exit status of a drill that failed


class _Backup(TyperGroup):
    """`albums backup /mnt/disk`: what is no command is a folder to back up to."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help"):
            args = ["to", *args]
        return super().parse_args(ctx, args)


group = typer.Typer(
    cls=_Backup,
    help="Copy everything that is new to a folder on another disk, and try whether it holds: "
    "albums backup TARGET, albums backup check TARGET.",
)
Target = Annotated[
    Path | None, typer.Argument(metavar="TARGET", help="Folder; default: the setting backup_to.")
]


@group.command("to")
def back_up(
    target: Target = None,
    library: Library = None,
    keep: Annotated[
        int | None, typer.Option(help="Snapshots to keep; 0: all (default: backup_keep).")
    ] = None,
    new_disk: Annotated[
        bool, typer.Option("--new-disk", help="Begin anew where a backup was before.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Back up to TARGET; `albums backup TARGET` is the same. Only what is new is copied."""
    body = {"target": _sendable(target), "keep": keep, "new_disk": new_disk}
    report = _run(library, _BACKUPS, body)
    if as_json:
        print_json(report)
    else:
        _tell_backup(report)
    if report["lost"]:
        raise typer.Exit(_SOME_LOST)


@group.command("check")
def check(
    target: Target = None,
    library: Library = None,
    snapshot: Annotated[str | None, typer.Option(help="Default: the newest.")] = None,
    into: Annotated[
        Path | None, typer.Option(help="Where to restore for a moment (default: the library).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Restore everything from TARGET into a temporary place and compare it."""
    body = {"target": _sendable(target), "snapshot": snapshot, "into": _sendable(into)}
    drill = _run(library, f"{_BACKUPS}/checks", body)
    if as_json:
        print_json(drill)
    else:
        _tell_drill(drill)
    if not drill["whole"]:
        raise typer.Exit(_DAMAGED)


@group.command("list")
def list_backups(library: Library = None, as_json: Json = False) -> None:
    """When backups were made and tried."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        answer = box.get(_BACKUPS)
    if as_json:
        print_json(answer)
        return
    for known in answer["backups"]:
        made, drill = known["last_backup"], known["last_good_drill"]
        print(f"{known['target']}: last backup {made['at'] if made else 'never'}, "
              f"last good drill {drill['at'] if drill else 'never'}")  # fmt: skip
    if answer["worry"]:
        say(f"{answer['state'][:1].upper()}{answer['state'][1:]}.")
    if not answer["backups"]:
        print("There is no backup. Make one: albums backup FOLDER")


def _sendable(path: Path | None) -> str:
    """As the box must know it; empty stays empty. Links are left as they are written."""
    return str(path.expanduser().absolute()) if path else ""


def _run(library: Path | None, address: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """The report of the job, once it has ended well."""
    from albums.cli.box import reach

    asked = Asked(
        address,
        wanted,
        _show,
        stopped="Stopped. What was copied counts for the next run.",
        jobs=_BACKUPS,
    )
    with reach(settings_of(library)) as box:
        report: dict[str, Any] = follow(box, asked)["report"]
    return report


def _show(job: dict[str, Any], meter: Meter) -> None:
    done, total = job["files_done"], job["files_total"]
    note = f"{done} of {total} files · {job['bytes_done'] / 1e6:,.0f} MB"
    meter.show(job["doing"], done, total or None, note)


def _tell_backup(report: dict[str, Any]) -> None:
    print(f"Snapshot {report['snapshot']} in {report['target']}: {report['assets']} assets, "
          f"{report['bytes'] / 1e6:,.1f} MB; new: {report['new_originals']} originals, "
          f"{report['new_sidecars']} sidecars, {report['new_bytes'] / 1e6:,.1f} MB; "
          f"in {clock(report['seconds'])}.")  # fmt: skip
    if report["removed_snapshots"]:
        print(f"Removed {len(report['removed_snapshots'])} old snapshots, "
              f"{report['freed_bytes'] / 1e6:,.1f} MB.")  # fmt: skip
    for warning in report["warnings"]:
        say(f"{warning}.")
    for lost in report["lost"]:
        say(f"  not in the backup: {lost['path']}: {lost['why']}")


def _tell_drill(drill: dict[str, Any]) -> None:
    found = "Everything came back as it was" if drill["whole"] else "The backup is DAMAGED"
    print(f"{found}: {drill['files']} files, {drill['assets']} assets, "
          f"{drill['bytes'] / 1e6:,.1f} MB of the snapshot {drill['snapshot']}, "
          f"in {clock(drill['seconds'])}.")  # fmt: skip
    for damaged in drill["damaged"]:
        say(f"  {damaged['stored']}: {damaged['why']}")
    if not drill["whole"]:
        say("Run `albums backup` again: it copies anew what is damaged.")
