"""Looks: precision and recall, on sample photos and on pictures that are made for it.

Ordinary photos and receipts are samples; letters, memes and pages on a screen are made
(looks_made.py) out of the samples' photos and captions, as there is no free set of real ones.
All names are meaningless, so only what is in the picture tells.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from albums.assembly import Albums, open_albums
from albums.ingest.arrival import Arrival
from albums.ingest.step import Done, Failed, Step
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.look import LookStep
from albums.ingest.steps.ocr import OcrStep
from albums.ingest.steps.pictures import PicturesStep
from albums.library.assets import assets_by_id
from albums.library.looks import LOOKS, looks_of
from albums.settings import load_settings
from scripts.benchmarks import looks_made
from scripts.benchmarks.table import Row

NONE = "none"
_STEPS: tuple[Step, ...] = (FactsStep(), PicturesStep(), OcrStep(), LookStep())
_UNREAD = (_STEPS[0], _STEPS[1], _STEPS[3])


def run(scratch: Path, samples: Path) -> list[Row]:
    """Rows for README."""
    made = scratch / "looks-made"
    shutil.rmtree(made, ignore_errors=True)
    groups = {
        "everyday and sample photos": (NONE, list(_photos(samples))),
        "photos cut to the size of a screen": (NONE, looks_made.wallpapers(made, samples)),
        "scanned receipts": ("receipt", sorted((samples / "ocr").rglob("*.jpg"))),
        "letters, scanned": ("document", looks_made.letters(made, samples, scanned=True)),
        "letters, photographed": ("document", looks_made.letters(made, samples, scanned=False)),
        "memes": ("meme", looks_made.memes(made, samples)),
        "pages on screens": ("screenshot", looks_made.screens(made, samples)),
    }
    rows = []
    for steps, what in ((_UNREAD, "text not read"), (_STEPS, "text read")):
        albums = _fresh(scratch / "looks")
        try:
            found = {
                name: Counter(_look(albums, path, steps) for path in paths)
                for name, (_, paths) in groups.items()
            }
        finally:
            albums.close()
        wanted = {name: look for name, (look, _) in groups.items()}
        rows += [_row(f"{look}, {what}", look, found, wanted) for look in LOOKS]
        rows += [
            Row(f"{name}, {what}", f"{counted.total()}", _told(counted))
            for name, counted in found.items()
        ]
    return rows


def _row(what: str, look: str, found: dict[str, Counter[str]], wanted: dict[str, str]) -> Row:
    right = sum(counted[look] for name, counted in found.items() if wanted[name] == look)
    true = sum(counted.total() for name, counted in found.items() if wanted[name] == look)
    called = sum(counted[look] for counted in found.values())
    precision = f"{right / called:.1%}" if called else "nothing was called so"
    recall = f"{right / true:.1%}" if true else "nothing to find"
    return Row(
        what, f"precision {precision}, recall {recall}", f"{right} of {true}; {called} called"
    )


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{look} {number}" for look, number in counted.most_common())


def _photos(samples: Path) -> Iterator[Path]:
    for folder in ("search", "exif", "faces"):
        for path in sorted((samples / folder).rglob("*")):
            if path.is_file() and path.suffix.lower() not in (".jsonl", ".xmp", ".md", ""):
                yield path


def _look(albums: Albums, path: Path, steps: tuple[Step, ...]) -> str:
    arrival = Arrival(f"x{path.suffix}", lambda: path.open("rb"), "folder", "bench://")
    asset_id = albums.receiver.receive(arrival).asset_id
    assert asset_id is not None
    with albums.library.read() as db:
        [asset] = assets_by_id(db, [asset_id])
    for step in steps:
        [outcome] = step.run([asset], albums.tools)
        if isinstance(outcome, Done | Failed):
            with albums.library.write(durable=False) as db:
                outcome.write(db)
    with albums.library.read() as db:
        return next((found["look"] for found in looks_of(db, asset_id)), NONE)


def _fresh(folder: Path) -> Albums:
    shutil.rmtree(folder, ignore_errors=True)
    return open_albums(load_settings(folder, {}))
