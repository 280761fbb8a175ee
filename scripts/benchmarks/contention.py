"""Figure 6: how quick a search is while the box works at full speed, against an idle box."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.benchmarks.box import Box, serving
from scripts.benchmarks.large import Large
from scripts.benchmarks.photos import write_photos
from scripts.benchmarks.table import Row, percentile, spread

SEARCHES = 150
PHOTOS = 400


def run(scratch: Path, large: Large) -> list[Row]:
    """The library is copied first: the import of new photos goes into the copy."""
    copy = scratch / "contention"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(large.folder, copy)
    photos = scratch / "contention-photos"
    write_photos(photos, PHOTOS, (2016, 1512))
    with serving(copy, **large.environment) as box:
        _wait_until_idle(box)
        idle = _search(box, large.queries, "idle")
        with _Importing(box, photos, copy):
            busy = _search(box, large.queries, "busy")
            still = box.ask("GET", "/api/v1/status").json()
    shutil.rmtree(copy)
    ratio = percentile(busy, 0.95) / percentile(idle, 0.95)
    return [
        Row("search over HTTP, idle box, text encoding included", spread(idle)),
        Row("the same while photos are imported and understood", spread(busy)),
        Row("p95 busy / idle", f"{ratio:.1f} x", "aim: at most 2"),
        Row("work that was left when the searches ended", str(_open(still)), "not 0: it was busy"),
    ]


class _Importing:
    """An import in the background, seen to have begun before anything is measured."""

    def __init__(self, box: Box, photos: Path, library: Path) -> None:
        command = [sys.executable, "-m", "albums", "import", str(photos), "--wait"]
        self._command = [*command, "--library", str(library)]
        self._box = box

    def __enter__(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        while not _open(self._box.ask("GET", "/api/v1/status").json()):
            time.sleep(0.1)
        time.sleep(3)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def _open(status: dict[str, object]) -> int:
    work = status["work"]
    assert isinstance(work, list)
    states = [step["states"] for step in work]
    return sum(s.get("open", 0) + s.get("waiting", 0) for s in states)


def _wait_until_idle(box: Box) -> None:
    while _open(box.ask("GET", "/api/v1/status").json()):
        time.sleep(0.5)


def _search(box: Box, queries: Sequence[str], word: str) -> list[float]:
    """Milliseconds of each search. `word` makes each query new, so that its text is encoded."""
    times = []
    with box.client(120) as client:
        client.get("/api/v1/search", params={"q": "warm up"})
        for number in range(SEARCHES):
            query = f"{queries[number % len(queries)]} {word}{number}"
            begin = time.perf_counter()
            client.get("/api/v1/search", params={"q": query}).raise_for_status()
            times.append((time.perf_counter() - begin) * 1000)
    return times
