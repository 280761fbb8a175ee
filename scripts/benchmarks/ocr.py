"""Text in pictures: words found on sample receipts, seconds a page, and what a glance saves.

`python -m scripts.benchmarks.ocr` with ALBUMS_SAMPLES set lists the words that differ.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from albums.assembly import Albums, open_albums
from albums.ingest.arrival import Arrival
from albums.ingest.steps.ocr import OcrStep
from albums.ingest.steps.pictures import PicturesStep
from albums.library.assets import Asset, assets_by_id
from albums.library.texts import pages_of
from albums.settings import load_settings
from scripts.benchmarks.table import Row

_WORD = re.compile(r"[^\W_]+")  # as the index of words has them
_LETTERS, _SURE = 3, 0.8  # of a line that a person would call text


@dataclass
class Read:
    """What the step made of some pictures."""

    seconds: float = 0.0
    processor: float = 0.0  # seconds of it: what neighbours on the machine do not change
    texts: dict[str, str] = field(default_factory=dict)  # by path in the manifest


@dataclass(frozen=True)
class Score:
    """Words found, in the truth, and read."""

    found: int
    true: int
    read: int

    def __str__(self) -> str:
        return f"recall {self.found / self.true:.1%}, precision {self.found / self.read:.1%}"


def run(scratch: Path, samples: Path) -> list[Row]:
    """Rows for README."""
    receipts = _manifest(samples / "ocr")
    photos = _manifest(samples / "search")
    albums = _fresh(scratch / "ocr")
    try:
        read = read_all(albums, samples / "ocr", [row["path"] for row in receipts])
        truths = {row["path"]: truth_of(row) for row in receipts}
        pairs = [(read.texts[path], truths[path]) for path in truths]
        return [
            Row(
                f"{len(receipts)} scanned receipts, words",
                str(score(pairs, _WORD.findall)),
                "letters and digits in a row, whatever their case, as search has them",
            ),
            Row(
                "the same, cut at white space only",
                str(score(pairs, str.split)),
                "a missing full stop makes a word wrong",
            ),
            Row(
                "a receipt",
                f"{read.seconds / len(receipts):.2f} s",
                f"found and read; {read.processor / len(receipts):.2f} s of one processor",
            ),
            *_glances(albums, samples / "search", [row["path"] for row in photos]),
            Row("most memory", f"{_memory_mb():.0f} MB", "the whole process"),
        ]
    finally:
        albums.close()


def score(pairs: Iterable[tuple[str, str]], cut: Callable[[str], list[str]]) -> Score:
    """Of (read, true) texts, cut into words; a word that is there twice counts twice."""
    found = true = read = 0
    for ours, theirs in pairs:
        one, other = Counter(cut(ours.lower())), Counter(cut(theirs.lower()))
        found += (one & other).total()
        true += other.total()
        read += one.total()
    return Score(found, true, read)


def truth_of(row: dict[str, Any]) -> str:
    return "\n".join(line["text"] for line in row["lines"])


def read_all(albums: Albums, folder: Path, paths: Sequence[str]) -> Read:
    """Takes pictures in, and runs the step on each as the pipeline does."""
    step, result = OcrStep(), Read()
    for number, path in enumerate(paths):
        asset = _taken_in(albums, folder / path)
        if number == 0:
            step.run([asset], albums.tools)  # loads the nets
        began, busy = time.perf_counter(), time.process_time()
        [outcome] = step.run([asset], albums.tools)
        result.seconds += time.perf_counter() - began
        result.processor += time.process_time() - busy
        with albums.library.write() as db:
            outcome.write(db)  # type: ignore[union-attr]
            result.texts[path] = "\n".join(page.text for page in pages_of(db, asset.id))
    return result


def _glances(albums: Albums, folder: Path, paths: Sequence[str]) -> list[Row]:
    """Everyday photos: what a glance passes over, and what is lost by it."""
    reader = albums.shelf.reader()
    seen = text = lost = 0
    glancing = reading = 0.0
    for path in paths:
        asset = _taken_in(albums, folder / path)
        small = albums.vault.pictures.image(asset.sha, 800)
        large = albums.vault.pictures.image(asset.sha, 1600)
        assert small is not None
        assert large is not None
        began = time.perf_counter()
        glance = reader.glance(small)
        between = time.perf_counter()
        lines = reader.read(large)
        glancing += between - began
        reading += time.perf_counter() - between
        is_text = any(
            line.sure >= _SURE and sum(c.isalnum() for c in line.text) >= _LETTERS for line in lines
        )
        seen += bool(glance)
        text += is_text
        lost += is_text and not glance
    count = len(paths)
    return [
        Row(
            f"{count} everyday photos: not read, after a glance",
            f"{count - seen}",
            f"{text} have text, {lost} of these were passed over",
        ),
        Row("a glance", f"{glancing / count * 1000:.0f} ms"),
        Row("reading an everyday photo without a glance", f"{reading / count * 1000:.0f} ms"),
    ]


def _taken_in(albums: Albums, path: Path) -> Asset:
    receipt = albums.receiver.receive(
        Arrival(path.name, lambda: path.open("rb"), "folder", f"bench://{path.name}")
    )
    assert receipt.asset_id is not None
    with albums.library.read() as db:
        [asset] = assets_by_id(db, [receipt.asset_id])
    PicturesStep().run([asset], albums.tools)
    return asset


def _fresh(folder: Path) -> Albums:
    shutil.rmtree(folder, ignore_errors=True)
    return open_albums(load_settings(folder, {}))


def _manifest(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").open(encoding="utf-8")]


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _differences(samples: Path, scratch: Path) -> None:
    rows = _manifest(samples / "ocr")
    albums = _fresh(scratch / "ocr")
    try:
        read = read_all(albums, samples / "ocr", [row["path"] for row in rows])
    finally:
        albums.close()
    for row in rows:
        ours = Counter(_WORD.findall(read.texts[row["path"]].lower()))
        theirs = Counter(_WORD.findall(truth_of(row).lower()))
        print(row["path"], "missing", *sorted((theirs - ours).elements()))
        print("   only ours", *sorted((ours - theirs).elements()))


if __name__ == "__main__":
    if not os.environ.get("ALBUMS_SAMPLES"):
        sys.exit("ALBUMS_SAMPLES names no folder of sample photos")
    _differences(Path(os.environ["ALBUMS_SAMPLES"]), Path("bench"))
