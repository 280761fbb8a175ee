"""kill -9 at random moments of an import of a Takeout: its receipt must be as if nothing was."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.table import Row
from tests.sources.takeout.exports.archives import make_export
from tests.sources.takeout.exports.score import score
from tests.sources.takeout.killed import finish, kill_often, last_receipt, unsealed

_MEDIA, _SIZES = 2_000, (20_000, 60_000)
_MOST = 5  # kills of one import, so that all of it is killed and not only its beginning


@dataclass
class _Kills:
    wanted: int
    done: int = 0
    imports: int = 0
    unlike: int = 0


def run(scratch: Path, kills: int) -> list[Row]:
    """Every import is killed some times, ends, and is compared with one that was left alone."""
    folder = scratch / "takeout-killed"
    shutil.rmtree(folder, ignore_errors=True)
    export = make_export(folder / "parts", _MEDIA, 2, parts=3, sizes=_SIZES)
    seconds = finish(export.archives, folder / "calm")
    faults = score(export, last_receipt(folder / "calm")).faults
    seed = random.randrange(1 << 32)
    chance, tally = random.Random(seed), _Kills(kills)
    while tally.done < kills:
        _one(export.archives, folder, seconds, chance, tally)
    shutil.rmtree(folder)
    what = f"kill -9 during imports of {_MEDIA} media, receipts that differ"
    note = f"{tally.done} kills of {tally.imports} imports, seed {seed}"
    return [
        Row(what, f"{tally.unlike} of {tally.imports}", note),
        Row("entries of the undisturbed receipt that are not true", str(len(faults))),
    ]


def _one(
    archives: Sequence[Path], folder: Path, seconds: float, chance: random.Random, tally: _Kills
) -> None:
    library = folder / "killed"
    some = min(_MOST, tally.wanted - tally.done)
    tally.done += kill_often(archives, library, some, seconds, chance)
    tally.imports += 1
    if unsealed(library) != unsealed(folder / "calm"):
        tally.unlike += 1
        print(f"import {tally.imports} ends otherwise", file=sys.stderr)
    shutil.rmtree(library)
