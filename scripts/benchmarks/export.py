"""Leaving with everything, against `cp -r` of the same files and sync."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from albums.assembly import Albums, open_albums
from albums.settings import Settings
from albums.sources.folder import import_folder
from albums.sources.source import Progress as Importing
from albums.upkeep.export import Progress, export
from albums.upkeep.export.check import check
from albums.upkeep.export.said import leaving
from scripts.benchmarks.table import Row

SMALL, LARGE = 200_000, 4_000_000  # bytes: a messenger's photo, a camera's


def run(scratch: Path) -> list[Row]:
    """Both write the same bytes to the same disk, in the same run."""
    rows: list[Row] = []
    for size, count, label in ((SMALL, 1000, "200 kB"), (LARGE, 100, "4 MB")):
        place = scratch / "export"
        shutil.rmtree(place, ignore_errors=True)
        albums = _library(place, size, count)
        try:
            rows += _measure(albums, place, f"files of {label}", size * count)
        finally:
            albums.close()
            shutil.rmtree(place)
    return rows


def _library(place: Path, size: int, count: int) -> Albums:
    folder = place / "files"
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"IMG_{number:05}.bin").write_bytes(os.urandom(size))
    albums = open_albums(Settings(library=place / "library"))
    import_folder(folder, albums.receiver, Importing(str(folder)), threading.Event())
    return albums


def _measure(albums: Albums, place: Path, what: str, size: int) -> list[Row]:
    least = _seconds(lambda: _copy(place / "files", place / "copied"))
    whole = _seconds(lambda: _export(albums, place / "out"))
    again = _seconds(lambda: _export(albums, place / "out"))
    reading = _seconds(lambda: _check(albums, place / "out"))
    files = sum(1 for _ in (place / "files").iterdir())
    writing = whole - reading
    return [
        Row(f"cp -r and sync, {what}", _rate(files, size, least)),
        Row(
            f"albums export, {what}", _rate(files, size, whole),
            f"{least / whole:.0%} of it; with sidecars and lists, all read back",
        ),
        Row("without its check", _rate(files, size, writing), f"{least / writing:.0%} of it"),
        Row("its check alone", _rate(files, size, reading)),
        Row("a second run, nothing new", f"{again:.1f} s", "reads everything back, too"),
    ]  # fmt: skip


def _seconds(work: Callable[[], None]) -> float:
    os.sync()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", source, target], check=True)
    subprocess.run(["sync", "-f", target], check=True)


def _export(albums: Albums, out: Path) -> None:
    progress = Progress(str(out))
    export(out, albums.library, albums.vault, progress, threading.Event())
    assert progress.complete


def _check(albums: Albums, out: Path) -> None:
    progress = Progress(str(out))
    with albums.library.read() as db:
        check(out, leaving(db, with_trash=False), progress, threading.Event())


def _rate(files: int, size: int, seconds: float) -> str:
    return f"{files / seconds:.0f} files/s, {size / 1e6 / seconds:.0f} MB/s"
