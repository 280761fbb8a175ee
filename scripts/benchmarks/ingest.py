"""Figure 4: from bytes to acknowledged over loopback, against a plain hash + write + fsync loop."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.benchmarks.box import serving
from scripts.benchmarks.table import Row

SMALL, LARGE = 200_000, 4_000_000  # bytes: a messenger's photo, a camera's
CONNECTIONS = 4


def run(scratch: Path) -> list[Row]:
    """Both sides write the same bytes to the same disk, in the same run."""
    rows: list[Row] = []
    for size, count, label in ((SMALL, 500, "200 kB"), (LARGE, 100, "4 MB")):
        files = [os.urandom(size) for _ in range(count)]
        least = floor(scratch / "floor", files)
        ours = _upload(scratch / "ingest", files)
        rows += [
            Row(f"plain loop, files of {label}", _rate(files, least)),
            Row(f"POST /ingest, files of {label}, {CONNECTIONS} at once", _rate(files, ours)),
            Row("share of the floor", f"{least / ours:.0%}", f"files of {label}"),
        ]
    return rows


def _rate(files: list[bytes], seconds: float) -> str:
    megabytes = sum(map(len, files)) / 1e6
    return f"{len(files) / seconds:.0f} files/s, {megabytes / seconds:.0f} MB/s"


def floor(folder: Path, files: list[bytes]) -> float:
    """What no honest server can beat: hash, write, fsync, one after the other."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begin = time.perf_counter()
    for content in files:
        path = folder / hashlib.sha256(content).hexdigest()
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    seconds = time.perf_counter() - begin
    shutil.rmtree(folder)
    return seconds


def _upload(library: Path, files: list[bytes]) -> float:
    shutil.rmtree(library, ignore_errors=True)
    with serving(library) as box, box.client(60) as client:
        client.post("/api/v1/work/pause").raise_for_status()

        def post(content: bytes) -> None:
            answer = client.post("/ingest", files={"file": ("photo.jpg", content, "image/jpeg")})
            answer.raise_for_status()

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            begin = time.perf_counter()
            list(pool.map(post, files))
            seconds = time.perf_counter() - begin
    shutil.rmtree(library)
    return seconds
