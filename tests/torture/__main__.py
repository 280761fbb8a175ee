"""python -m tests.torture PROOF... [--times N] [--seed S]; see scripts/torture."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.torture.box import WITHOUT_FSYNC, Box
from tests.torture.clock import turn_back_often
from tests.torture.disk import Disk, NoDisk, mount_tmpfs, move_to_own_namespace
from tests.torture.full import break_down, fill_up
from tests.torture.hostile import feed_rubbish
from tests.torture.kill import kill_often
from tests.torture.large import send_large
from tests.torture.power import cut_power_often
from tests.torture.rounds import Torture


@dataclass(frozen=True)
class Asked:
    """One run of one proof: chance, how many blows, in which folder."""

    rng: Random
    times: int
    place: Path
    fsync: bool = True


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/torture", description=__doc__)
    parser.add_argument(
        "proofs",
        nargs="+",
        choices=[*PROOFS, "all", "short"],
        help="; ".join(f"{name}: {proof.about}" for name, proof in PROOFS.items()),
    )
    parser.add_argument("--times", type=int, default=None, help="how many blows")
    parser.add_argument("--seed", type=int, default=None, help="of a run that failed")
    parser.add_argument(
        "--without-fsync", action="store_true", help="to see that `power` can fail: then it must"
    )
    move_to_own_namespace()
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else time.time_ns() % 2**32
    short = "short" in asked.proofs
    for name in PROOFS if short or "all" in asked.proofs else asked.proofs:
        times = asked.times or (PROOFS[name].short if short else PROOFS[name].times)
        _run(name, times, seed, fsync=not asked.without_fsync)
    return 0


def _run(name: str, times: int, seed: int, *, fsync: bool) -> None:
    print(f"--- {name} {times}, seed {seed}", flush=True)
    place, began = Path(tempfile.mkdtemp(prefix="torture-")), time.monotonic()
    try:
        PROOFS[name].run(Asked(Random(seed), times, place, fsync))
        print(f"every promise held, {time.monotonic() - began:.0f} s", flush=True)
    except NoDisk as error:
        print(f"skipped: {error}", flush=True)
    except BaseException:
        print(f"What is left of it lies in {place}; seed {seed}", file=sys.stderr)
        raise
    shutil.rmtree(place, ignore_errors=True)


def _kill(asked: Asked) -> None:
    with Box(asked.place / "library", asked.place / "log") as box:
        kill_often(Torture(box, asked.place, asked.rng), asked.times)


def _power(asked: Asked) -> None:
    disk = Disk(asked.place)
    program = None if asked.fsync else WITHOUT_FSYNC
    with Box(disk.root / "library", asked.place / "log", program=program) as box:
        cut_power_often(Torture(box, asked.place, asked.rng), disk, asked.times)


def _full(asked: Asked) -> None:
    disk = asked.place / "disk"
    # What is kept stays, so there must be room for more of it the longer this goes on.
    mount_tmpfs(disk, f"size={96 + 6 * asked.times}m,nr_inodes={8000 + 400 * asked.times}")
    with Box(disk / "library", asked.place / "log") as box:
        fill_up(Torture(box, asked.place, asked.rng), disk, asked.times)


def _broken(asked: Asked) -> None:
    disk = Disk(asked.place)
    with Box(disk.root / "library", asked.place / "log") as box:
        break_down(Torture(box, asked.place, asked.rng), disk, asked.times)


def _hostile(asked: Asked) -> None:
    with Box(asked.place / "library", asked.place / "log") as box:
        feed_rubbish(box, asked.place, asked.rng, asked.times)


def _clock(asked: Asked) -> None:
    with Box(asked.place / "library", asked.place / "log") as box:
        turn_back_often(Torture(box, asked.place, asked.rng), asked.times)


def _large(asked: Asked) -> None:
    with Box(asked.place / "library", asked.place / "log") as box:
        send_large(box, asked.rng, asked.times)


@dataclass(frozen=True)
class Proof:
    """`times` for a whole run and a short one: blows, files, or GiB."""

    about: str
    run: Callable[[Asked], None]
    times: int
    short: int


PROOFS = {
    "kill": Proof("kill -9 at any moment", _kill, 300, 5),
    "power": Proof("power cuts on ext4", _power, 100, 5),
    "full": Proof("no bytes or inodes left", _full, 50, 3),
    "broken": Proof("a disk that turns read-only or closed", _broken, 30, 5),
    "hostile": Proof("files with mutated bytes", _hostile, 5000, 250),
    "clock": Proof("a clock that goes back, and zones", _clock, 20, 2),
    "large": Proof("one file of so many GiB, killed on its way", _large, 6, 1),
}

if __name__ == "__main__":
    sys.exit(main())
