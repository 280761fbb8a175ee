"""A backup of the whole library while it is in use: only what is new is copied.

Most is copied ahead, while nobody waits; what changed meanwhile is taken as of one moment. What was
acknowledged before a run began is in it, and database, sidecars and files fit together.
"""

from __future__ import annotations

from pathlib import Path

from albums.errors import BadInput, Conflict
from albums.library.database import Library
from albums.upkeep.backup import record
from albums.upkeep.backup.folder import BackupFolder, said_plainly
from albums.upkeep.backup.report import Report, Show
from albums.upkeep.backup.run import Run


def back_up(
    library: Library,
    target: Path,
    *,
    keep: int | None = None,
    new_disk: bool = False,
    show: Show = lambda progress: None,
) -> Report:
    """Make a snapshot of the open library in the folder `target`.

    `keep`: remove all but so many newest snapshots. `new_disk`: `target` may be empty where a
    backup was before. `show` may raise to stop: what was copied counts for the next run.
    Raises BadInput, Conflict, Refused, or DiskFull before anything is written.
    """
    if keep is not None and keep < 1:
        raise BadInput("At least one snapshot is kept")
    folder = library.path.parent
    with said_plainly(target):
        backup, warnings = _prepare(folder, target, new_disk=new_disk)
        with backup.alone():
            backup.mark()
            record.note(folder, target, id=backup.id)
            backup.sweep()
            doubted = record.damaged_files(folder, target)
            report = Run(library, backup, doubted, show).finish(keep, warnings)
    last = {k: v for k, v in report.as_json().items() if k not in ("target", "warnings", "lost")}
    record.note_backup(folder, target, last | {"lost": len(report.lost)})
    return report


def _prepare(library: Path, target: Path, *, new_disk: bool) -> tuple[BackupFolder, list[str]]:
    inner, outer = target.resolve(), library.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise BadInput(
            f"{target} and the library {library} lie one within the other",
            hint="Name a folder of its own, on another disk",
        )
    known = record.read_record(library).get(str(target), {}).get("id", "")
    if not target.is_dir():
        if known and not new_disk:
            raise _not_mounted(target)
        _make(target)
    backup = BackupFolder(target)
    if known and backup.id != known and not new_disk:
        raise _not_mounted(target)
    if backup.is_foreign:
        raise BadInput(
            f"{target} holds other things and no backup",
            hint=f"Name a new folder in it: {target / 'albums'}",
        )
    same = library.stat().st_dev == target.stat().st_dev
    return backup, [f"{target} is on the library's own disk: both may be lost at once"] * same


def _make(target: Path) -> None:
    if not target.parent.is_dir():
        raise BadInput(
            f"There is no folder {target.parent}", hint="Is the disk mounted? See: findmnt"
        )
    if target.parent == Path(target.anchor):
        raise BadInput(f"There is no folder {target}", hint="Mount a disk there, or make it first")
    target.mkdir(mode=0o700)


def _not_mounted(target: Path) -> Conflict:
    return Conflict(
        f"{target} does not hold the backup that was made there",
        why="Its disk is not mounted, or it is another disk",
        hint="Mount it; if it is to be a new backup, say --new-disk",
    )
