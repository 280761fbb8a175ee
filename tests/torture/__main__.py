"""python -m tests.torture PROOF [--times N] [--seed S]; see scripts/torture."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.torture.box import Box
from tests.torture.disk import Disk, NoDisk, mount_tmpfs, move_to_own_namespace
from tests.torture.full import fill_up
from tests.torture.hostile import feed_rubbish
from tests.torture.kill import Torture, kill_often
from tests.torture.power import cut_power_often


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/torture")
    parser.add_argument("proof", choices=PROOFS)
    parser.add_argument("--times", type=int, default=300, help="blows")
    parser.add_argument("--seed", type=int, default=None, help="of a run that failed")
    parser.add_argument(
        "--without-fsync", action="store_true", help="the proof `power` must fail then"
    )
    move_to_own_namespace()
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else time.time_ns() % 2**32
    print(f"{asked.proof} {asked.times} times, seed {seed}", flush=True)
    place, began = Path(tempfile.mkdtemp(prefix="torture-")), time.monotonic()
    try:
        PROOFS[asked.proof](place, asked, Random(seed))
    except NoDisk as error:
        print(f"skipped: {error}")
    except BaseException:
        print(f"What is left of it lies in {place}; seed {seed}", file=sys.stderr)
        raise
    shutil.rmtree(place, ignore_errors=True)
    print(f"every promise held, {time.monotonic() - began:.0f} s")
    return 0


def _kill(place: Path, asked: argparse.Namespace, rng: Random) -> None:
    box = Box(place / "library", place / "log")
    try:
        kill_often(Torture(box, place, rng), asked.times)
    finally:
        box.kill()


def _power(place: Path, asked: argparse.Namespace, rng: Random) -> None:
    disk = Disk(place)
    box = Box(disk.root / "library", place / "log", fsync=not asked.without_fsync)
    try:
        cut_power_often(Torture(box, place, rng), disk, asked.times)
    finally:
        box.kill()


def _full(place: Path, asked: argparse.Namespace, rng: Random) -> None:
    disk = place / "disk"
    mount_tmpfs(disk, "size=96m,nr_inodes=8000")
    box = Box(disk / "library", place / "log")
    try:
        fill_up(Torture(box, place, rng), disk, asked.times)
    finally:
        box.kill()


def _hostile(place: Path, asked: argparse.Namespace, rng: Random) -> None:
    box = Box(place / "library", place / "log")
    try:
        feed_rubbish(box, place, rng, asked.times)
    finally:
        box.kill()


PROOFS: dict[str, Callable[[Path, argparse.Namespace, Random], None]] = {
    "kill": _kill,
    "power": _power,
    "full": _full,
    "hostile": _hostile,
}

if __name__ == "__main__":
    sys.exit(main())
