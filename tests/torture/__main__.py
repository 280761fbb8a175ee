"""python -m tests.torture PROOF [--times N] [--seed S]; see scripts/torture."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.torture.box import Box
from tests.torture.kill import Torture, kill_often


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/torture")
    parser.add_argument("proof", choices=["kill"])
    parser.add_argument("--times", type=int, default=300, help="blows")
    parser.add_argument("--seed", type=int, default=None, help="of a run that failed")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else time.time_ns() % 2**32
    print(f"seed {seed}", flush=True)
    place = Path(tempfile.mkdtemp(prefix="torture-"))
    torture = Torture(Box(place / "library", place / "log"), place, Random(seed))
    began = time.monotonic()
    try:
        kill_often(torture, asked.times)
    except BaseException:
        torture.box.kill()
        print(f"The library and its log are left in {place}; seed {seed}", file=sys.stderr)
        raise
    shutil.rmtree(place)
    print(f"every promise held, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
