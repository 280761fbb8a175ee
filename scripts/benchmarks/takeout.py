"""Figure 11: a whole Takeout with every quirk, against a plain loop over the same entries."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scripts.benchmarks.box import resident_mb
from scripts.benchmarks.table import Row
from tests.sources.takeout.exports.archives import Archive, make_export
from tests.sources.takeout.exports.files import Export
from tests.sources.takeout.exports.score import score
from tests.sources.takeout.killed import last_receipt

_SEED = 1
_LOOK = 0.1  # seconds between two looks at the memory
_CHUNK = 1 << 20


@dataclass(frozen=True)
class _Ran:
    """One run of the command. Memory in MB: of the largest process, and of all together."""

    seconds: float
    largest: float
    together: float
    ingested: int


def run(scratch: Path, media: int) -> list[Row]:
    """Both sides write to the same disk, in turns. Needs about three times the export's size."""
    return [*_measure(scratch, media, "zip"), *_measure(scratch, media, "tgz")]


def _measure(scratch: Path, media: int, kind: Archive) -> list[Row]:
    folder, library = scratch / "takeout", scratch / "takeout-library"
    for old in (folder, library):
        shutil.rmtree(old, ignore_errors=True)
    export = make_export(folder, media, _SEED, kind=kind)
    try:
        before = floor(scratch / "floor", export.archives)
        first = _import(library, export)
        after = floor(scratch / "floor", export.archives)
        again = _import(library, export)
        rows = [*_judged(export, library, kind), *_weighed(export, first, min(before, after), kind)]
        share = f"{again.seconds / first.seconds:.0%} of the first run"
        return [*rows, Row(f"the same {kind} parts again", f"{again.ingested} new", share)]
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(library)


def _judged(export: Export, library: Path, kind: Archive) -> list[Row]:
    found = score(export, last_receipt(library))
    for words in found.faults[:20]:
        print(words, file=sys.stderr)
    media = f"{len(export.of('medium'))} media in {len(export.archives)} {kind} parts"
    right = f"{found.right} of {found.decidable}"
    undecided = f"{found.reported} of {found.open}"
    return [
        Row(f"decidable pairs that are right, {media}", right, f"{len(found.wrong)} wrong"),
        Row("pairs that nothing tells, reported as such", undecided, "the others came out right"),
        Row("other lines of the receipt that are not true", str(len(found.amiss))),
    ]


def _weighed(export: Export, first: _Ran, least: float, kind: Archive) -> list[Row]:
    size = sum(file.size for file in export.files)
    rate = f"{size / 1e6 / first.seconds:.0f} MB/s, {len(export.files) / first.seconds:.0f} files/s"
    share = f"{first.seconds / least:.2f} x the loop"
    what = f"albums import takeout, {kind}, {size / 1e9:.1f} GB"
    return [
        Row(f"plain loop over the same {kind} parts", f"{least:.0f} s"),
        Row(what, f"{first.seconds:.0f} s", f"{share}; {rate}"),
        Row("peak memory of the importing process", f"{first.largest:.0f} MB",
            f"{first.together:.0f} MB with its decoders"),
    ]  # fmt: skip


def _import(library: Path, export: Export) -> _Ran:
    """The command as a person would run it, from its start to its end."""
    parts = [str(path) for path in export.archives]
    command = [sys.executable, "-m", "albums", "import", "takeout", *parts]
    command += ["--library", str(library), "--json"]
    begin = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        watch = _Watch(process.pid)
        assert process.stdout
        said = process.stdout.read()
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        together = watch.end()
    seconds = time.perf_counter() - begin
    report = json.loads(said)
    if report["state"] != "done":
        raise RuntimeError(f"the import ended as {report['state']}: {report['error']}")
    return _Ran(seconds, used.ru_maxrss / 1000, together, report["ingested"])


class _Watch:
    """The most memory that a process and its children had together."""

    def __init__(self, pid: int) -> None:
        self.pid, self.highest, self.over = pid, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def _look(self) -> None:
        while not self.over.wait(_LOOK):
            self.highest = max(self.highest, resident_mb(self.pid))

    def end(self) -> float:
        self.over.set()
        self.thread.join()
        return self.highest


def floor(folder: Path, archives: list[Path]) -> float:
    """What no honest importer can beat: every entry read, hashed, written, fsynced, and read back
    and hashed once more, one after the other."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begin, number = time.perf_counter(), 0
    for archive in archives:
        for stream in _STREAMS[archive.suffix](archive):
            path = folder / str(number)
            number += 1
            if _write(path, stream) != _digest(path):
                raise RuntimeError(f"{path} came back changed")
    seconds = time.perf_counter() - begin
    shutil.rmtree(folder)
    return seconds


def _write(path: Path, stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    with path.open("xb") as file:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    """From the disk itself, past memory."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _zip_streams(path: Path) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            with archive.open(info) as stream:
                yield stream  # type: ignore[misc]


def _tgz_streams(path: Path) -> Iterator[BinaryIO]:
    with tarfile.open(path, "r|gz") as archive:
        for member in archive:
            stream = archive.extractfile(member)
            assert stream
            yield stream  # type: ignore[misc]


_STREAMS: dict[str, Callable[[Path], Iterator[BinaryIO]]] = {
    ".zip": _zip_streams,
    ".tgz": _tgz_streams,
}
