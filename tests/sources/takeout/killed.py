"""An import that is killed without warning, again and again, and what its receipt then says."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
_ENOUGH = 600  # seconds
_ENDED = (0, 3)  # exit statuses; 3: the receipt is red


def begin(archives: Sequence[Path], library: Path) -> subprocess.Popen[bytes]:
    """`albums import takeout`, which is the box itself."""
    parts = [str(path) for path in archives]
    command = [sys.executable, "-m", "albums", "import", "takeout", *parts]
    return subprocess.Popen(
        [*command, "--library", str(library), "--json"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish(archives: Sequence[Path], library: Path) -> float:
    """Until it ends by itself; returns the seconds that it took."""
    started = time.monotonic()
    process = begin(archives, library)
    _, said = process.communicate(timeout=_ENOUGH)
    assert process.returncode in _ENDED, said.decode()
    return time.monotonic() - started


def kill(archives: Sequence[Path], library: Path, after: float) -> bool:
    """Kill it so many seconds after its start; False: it had ended by then."""
    process = begin(archives, library)
    try:
        _, said = process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode in _ENDED, said.decode()
    return False


def kill_often(
    archives: Sequence[Path], library: Path, kills: int, seconds: float, chance: random.Random
) -> int:
    """Kill it so often at any moment of the `seconds` that it takes, then let it end. Returns how
    often it was killed: at least once, as one that was quicker than the first is begun anew; what
    it takes up again may be quicker than the others."""
    while not kill(archives, library, after=seconds * chance.uniform(0.1, 1)):
        shutil.rmtree(library)
    killed = 1 + sum(
        kill(archives, library, after=seconds * chance.uniform(0.1, 1)) for _ in range(kills - 1)
    )
    finish(archives, library)
    return killed


def last_receipt_lines(library: Path) -> list[bytes]:
    return max(library.glob("import-receipt-*.jsonl")).read_bytes().splitlines()


def last_receipt(library: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in last_receipt_lines(library)]


def unsealed(library: Path) -> list[bytes]:
    """All that a receipt says but for its seal, which tells the time."""
    *lines, seal = last_receipt_lines(library)
    assert json.loads(seal)["type"] == "seal"
    return lines
