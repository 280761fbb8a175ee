"""Verify: how fast every original is read again, beside `sha256sum` over the same files.

Both begin with nothing of the files in memory; verify's time is that of the whole run, with its
look at every folder and what it writes down.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from albums.assembly import Albums, open_albums
from albums.ingest.arrival import Arrival
from albums.library.assets import assets_by_id
from albums.settings import Settings
from albums.upkeep.verify import Verifier, Wanted
from scripts.benchmarks.table import Row

SMALL, LARGE = 200_000, 4_000_000  # bytes: a messenger's photo, a camera's
ROUNDS = 3


def run(scratch: Path) -> list[Row]:
    """The quickest of some rounds of each, taken in turns."""
    rows: list[Row] = []
    for size, count, label in ((LARGE, 300, "4 MB"), (SMALL, 1500, "200 kB")):
        library = scratch / "verify"
        shutil.rmtree(library, ignore_errors=True)
        albums = open_albums(Settings(library=library, workers=1))
        try:
            files = _fill(albums, size, count)
            rows += _rows(albums, files, label)
        finally:
            albums.close()
            shutil.rmtree(library)
    return rows


def _rows(albums: Albums, files: list[Path], label: str) -> list[Row]:
    verifier = Verifier(albums.library, albums.vault, albums.audit, albums.settings.library)
    ways: dict[str, Callable[[], object]] = {
        "sha256sum": lambda: _sha256sum(files),
        "a plain loop of hashlib": lambda: [_hash(path) for path in files],
        "albums verify": lambda: _verify(verifier, len(files)),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            _forget(files)
            best[name] = min(best[name], _seconds(way))
    rows = [Row(f"{name}, files of {label}", _rate(files, best[name])) for name in ways]
    share = best["sha256sum"] / best["albums verify"]
    return [*rows, Row("share of sha256sum", f"{share:.1f}x", "aim: at least 0.9x")]


def _fill(albums: Albums, size: int, count: int) -> list[Path]:
    receiver = albums.receiver
    staged = [
        receiver.stage(
            Arrival(f"{number}.jpg", lambda: io.BytesIO(os.urandom(size)), "upload", "bench://")
        )
        for number in range(count)
    ]
    receipts = receiver.commit(staged)
    with albums.library.read() as db:
        assets = assets_by_id(db, [receipt.asset_id or 0 for receipt in receipts])
    return [albums.vault.originals.path(asset.sha, asset.extension) for asset in assets]


def _sha256sum(files: list[Path]) -> None:
    subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(verifier: Verifier, count: int) -> None:
    job = verifier.start(Wanted(anew=True))
    job.wait()
    progress = job.progress
    if progress.read != count or progress.found:
        raise RuntimeError(f"read {progress.read} of {count}, found {progress.found}")


def _forget(files: list[Path]) -> None:
    """Nothing of them in memory."""
    os.sync()
    for path in files:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _seconds(way: Callable[[], object]) -> float:
    begin = time.perf_counter()
    way()
    return time.perf_counter() - begin


def _rate(files: list[Path], seconds: float) -> str:
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    return f"{len(files) / seconds:.0f} files/s, {megabytes / seconds:.0f} MB/s"
