"""Figure 4: from bytes to acknowledged, against a plain loop: over loopback, and by importing a
folder, with every original read back from the disk.

Each way writes into a folder that was never there, and all is removed at the end: for minutes after
files were deleted ext4 looks for inodes that were not deleted lately, and new files cost ten times
as much.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from albums.assembly import Albums, open_albums
from albums.settings import Settings
from albums.sources.folder import import_folder
from albums.sources.source import Progress
from scripts.benchmarks.box import serving
from scripts.benchmarks.table import Row

SMALL, LARGE = 200_000, 4_000_000  # bytes: a messenger's photo, a camera's
CONNECTIONS = 4
ROUNDS = 3


def run(scratch: Path) -> list[Row]:
    """Both sides write the same bytes to the same disk, in the same run."""
    rows: list[Row] = []
    scratch = Path(tempfile.mkdtemp(dir=scratch))
    try:
        for size, count, label in ((SMALL, 500, "200 kB"), (LARGE, 100, "4 MB")):
            files = [os.urandom(size) for _ in range(count)]
            least = floor(scratch / f"floor {label}", files)
            ours = _upload(scratch / f"ingest {label}", files)
            rows += [
                Row(f"plain loop, files of {label}", _rate(files, least)),
                Row(f"POST /ingest, files of {label}, {CONNECTIONS} at once", _rate(files, ours)),
                Row("share of the floor", f"{least / ours:.0%}", f"files of {label}"),
            ]
        for size, count, label in ((SMALL, 3000, "200 kB"), (LARGE, 300, "4 MB")):
            rows += _imports(scratch / f"import {label}", size, count, label)
    finally:
        shutil.rmtree(scratch)
    return rows


def _imports(scratch: Path, size: int, count: int, label: str) -> list[Row]:
    """The quickest of some rounds of each, taken in turns."""
    folder = scratch / "folder"
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(os.urandom(size))
    least, ours, again = float("inf"), float("inf"), float("inf")
    for number in range(ROUNDS):
        os.sync()
        least = min(least, _plain_import(folder, scratch / f"floor {number}"))
        os.sync()
        took, reread = _import(folder, scratch / f"library {number}")
        ours, again = min(ours, took), min(again, reread)
    of = f"{count} files of {label}"
    return [
        Row(f"plain loop: read, hash, write, sync at the end, read back, {of}", f"{least:.1f} s"),
        Row(f"import of the folder, and every original read back, {of}", f"{ours + again:.1f} s"),
        Row("against the loop", f"{(ours + again) / least:.2f}x", f"reading back: {again:.1f} s"),
    ]


def _plain_import(folder: Path, target: Path) -> float:
    target.mkdir()
    begin = time.perf_counter()
    for path in folder.iterdir():
        content = path.read_bytes()
        (target / hashlib.sha256(content).hexdigest()).write_bytes(content)
    os.sync()
    for path in target.iterdir():
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            raise RuntimeError(f"{path.name} reads back otherwise")
    return time.perf_counter() - begin


def _import(folder: Path, library: Path) -> tuple[float, float]:
    """Seconds until all is acknowledged, and seconds to read it back from the disk."""
    albums = open_albums(Settings(library=library, workers=1))
    try:
        begin = time.perf_counter()
        import_folder(folder, albums.receiver, Progress(str(folder)), threading.Event())
        done = time.perf_counter()
        _read_back(albums)
        return done - begin, time.perf_counter() - done
    finally:
        albums.close()


def _read_back(albums: Albums) -> None:
    with albums.library.read() as db:
        rows = [tuple(row) for row in db.execute("select sha, extension from assets")]
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        if not all(threads.map(lambda row: albums.vault.originals.reread(*row), rows)):
            raise RuntimeError("an original reads back otherwise")


def _rate(files: list[bytes], seconds: float) -> str:
    megabytes = sum(map(len, files)) / 1e6
    return f"{len(files) / seconds:.0f} files/s, {megabytes / seconds:.0f} MB/s"


def floor(folder: Path, files: list[bytes]) -> float:
    """What no honest server can beat: hash, write, fsync, one after the other. `folder` is new."""
    folder.mkdir(parents=True)
    begin = time.perf_counter()
    for content in files:
        path = folder / hashlib.sha256(content).hexdigest()
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return time.perf_counter() - begin


def _upload(library: Path, files: list[bytes]) -> float:
    with serving(library) as box, box.client(60) as client:
        client.post("/api/v1/work/pause").raise_for_status()

        def post(content: bytes) -> None:
            answer = client.post("/ingest", files={"file": ("photo.jpg", content, "image/jpeg")})
            answer.raise_for_status()

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            begin = time.perf_counter()
            list(pool.map(post, files))
            return time.perf_counter() - begin
