"""The disk fills up, runs out of inodes, turns read-only or closed, at every stage of the work.

Whatever cannot be kept must be refused as such, the box goes on, and all is well again when there
is room.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

from tests.torture.acts import Refused
from tests.torture.disk import Disk
from tests.torture.rounds import Torture

_SPARE = 21  # up to 2 MiB, or 21 inodes, are left over


def fill_up(torture: Torture, disk: Path, times: int) -> None:
    """`disk` is a small file system of its own. Raises Broken at the first broken promise."""
    for _ in torture.rounds(times):
        torture.work(0.3)
        with _filled(disk, torture, bytes_run_out=torture.rng.random() < 0.7):
            torture.fine = _full
            torture.work(torture.rng.uniform(0.2, 1.0))
            if torture.rng.random() < 0.3:
                torture.box.kill()
        if torture.box.gone:
            torture.box.start()
    assert torture.done["507"], "the disk was never full: the proof proves nothing"


def break_down(torture: Torture, disk: Disk, times: int) -> None:
    """The disk turns read-only, as Linux makes it after an error, or its folders are closed."""
    places = ["originals", "incoming", "pictures", ".", ""]
    torture.rng.shuffle(places)
    for _, folder in zip(torture.rounds(times), cycle(places), strict=False):
        torture.work(torture.rng.uniform(0.1, 0.6))
        torture.fine = _unusable
        disk.close_folder(torture.box.library / folder) if folder else disk.turn_read_only()
        torture.work(torture.rng.uniform(0.1, 0.6))
        if folder:
            disk.open_folder(torture.box.library / folder)
        else:  # as a person does: look after the disk, then start again
            torture.box.kill()
            disk.unmount()
            disk.mount()
            torture.box.start()
    assert torture.done["503"], "the disk was never unusable: the proof proves nothing"


def _unusable(refused: Refused) -> bool:
    return refused.status == 503


def _full(refused: Refused) -> bool:
    return refused.status == 507


@contextmanager
def _filled(disk: Path, torture: Torture, *, bytes_run_out: bool) -> Iterator[None]:
    """Next to nothing is left, of bytes or else of inodes."""
    ballast = disk / "ballast"
    ballast.mkdir()
    left = int(2 ** torture.rng.uniform(0, _SPARE)) if bytes_run_out else torture.rng.randrange(21)
    found = os.statvfs(disk)
    try:
        with suppress(OSError):  # the box is quicker to take the last of it
            if bytes_run_out:
                with (ballast / "bytes").open("wb") as file:
                    free = found.f_bavail * found.f_frsize
                    os.posix_fallocate(file.fileno(), 0, max(1, free - left))
            else:
                for number in range(max(0, found.f_favail - left)):
                    (ballast / str(number)).touch()
        yield
    finally:
        for path in ballast.iterdir():
            path.unlink()
        ballast.rmdir()
