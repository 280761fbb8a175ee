"""Figure 5: re-import of 20,000 known files, start-up, and memory of the serving process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from scripts.benchmarks.box import serving
from scripts.benchmarks.large import Large
from scripts.benchmarks.table import Row

FILES = 20_000


def run(scratch: Path, libraries: list[Large]) -> list[Row]:
    """Rows for README; the large libraries are served with CLIP."""
    rows = [*_known(scratch), *_idle(scratch)]
    for large in libraries:
        with serving(large.folder, **large.environment) as box:
            ready, idle = box.seconds_to_ready, box.resident_mb()
            box.ask("GET", "/api/v1/search", params={"q": "dog on a beach"})
            searched = box.resident_mb()
        rows += [
            Row(f"start with {large.count:,} assets, until it answers", f"{ready:.1f} s"),
            Row(f"memory with {large.count:,} assets, before / after a search by meaning",
                f"{idle:.0f} / {searched:.0f} MB"),
        ]  # fmt: skip
    return rows


def _known(scratch: Path) -> list[Row]:
    """The second import of files that did not change; and the first one, paused work, beside it."""
    folder, library = scratch / "20000-files", scratch / "known"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        path = folder / f"{number // 500:02}" / f"{number}.txt"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(f"file {number}".encode() * 50)
    with serving(library) as box:
        box.ask("POST", "/api/v1/work/pause").raise_for_status()
        first, _ = _import(folder, library)
        second, report = _import(folder, library)
    known = report.get("known")
    return [
        Row(f"first import of {FILES:,} small files", f"{first:.1f} s"),
        Row(f"import of {FILES:,} known files", f"{second:.1f} s", f"{known:,} known"),
    ]


def _import(folder: Path, library: Path) -> tuple[float, dict[str, int]]:
    command = [sys.executable, "-m", "albums", "import", str(folder), "--json"]
    begin = time.perf_counter()
    output = subprocess.run(
        [*command, "--library", str(library)], check=True, capture_output=True, text=True
    ).stdout
    return time.perf_counter() - begin, json.loads(output.splitlines()[-1])


def _idle(scratch: Path) -> list[Row]:
    with serving(scratch / "empty") as box:
        return [
            Row("start of an empty library", f"{box.seconds_to_ready:.1f} s"),
            Row("memory of an empty library, idle", f"{box.resident_mb():.0f} MB"),
        ]
