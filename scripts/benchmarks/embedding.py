"""Figure 2: images a second, from pictures on disk to vectors in the library, against the engine.

CLIP has random weights of the real shape (ViT-B-32-256): speed does not depend on them.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from albums.assembly import Albums, open_albums
from albums.ingest.arrival import Arrival
from albums.ingest.runner import Runner
from albums.ingest.steps import STEPS
from albums.ml.model import ImageTextEmbedder
from albums.settings import load_settings
from scripts.benchmarks.photos import make_photo, write_photos
from scripts.benchmarks.table import Row

PHOTOS = 128
ROUNDS = 3  # the best counts, for the engine as for the pipeline
PICTURE = (1600, 1200)


def run(scratch: Path, models: Path, embedder: str, label: str) -> list[Row]:
    """The whole of the embed step, pictures read and vectors and ledger written, and the engine
    alone on the same threads at its best batch."""
    folder = scratch / f"embedding-{embedder}"
    shutil.rmtree(folder, ignore_errors=True)
    settings = load_settings(folder, {}, models=models, embedder=embedder, captioner="basic")
    albums = open_albums(settings)
    try:
        _take_in(albums, write_photos(scratch / "small", PHOTOS, PICTURE))
        _work(albums, [step.name for step in STEPS if step.lane != "model"])
        engine = albums.shelf.embedder()
        bare = best_batch(engine, [make_photo(seed, (400, 300)) for seed in range(32)])
        pipeline = max(_embed_all(albums) for _ in range(ROUNDS))
        bare = max(bare, best_batch(engine, [make_photo(s, (400, 300)) for s in range(32)]))
    finally:
        albums.close()
    return [
        Row(f"{label}, engine alone ({engine.engine}), best batch", f"{bare:.0f} images/s"),
        Row(f"{label}, whole pipeline", f"{pipeline:.0f} images/s"),
        Row(f"{label}, pipeline / engine", f"{pipeline / bare:.0%}", "aim: at least 85 %"),
    ]


def _take_in(albums: Albums, photos: Sequence[Path]) -> None:
    for photo in photos:
        albums.receiver.receive(
            Arrival(photo.name, lambda p=photo: p.open("rb"), "folder", "bench://")  # type: ignore[misc]
        )


def _work(albums: Albums, names: Sequence[str]) -> float:
    """Do only these steps; returns seconds."""
    runner = Runner(albums.ledger, [s for s in STEPS if s.name in names], albums.tools)
    begin = time.perf_counter()
    runner.start()
    while _open(albums, names):
        time.sleep(0.02)
    seconds = time.perf_counter() - begin
    runner.stop()
    return seconds


def _embed_all(albums: Albums) -> float:
    """Images a second over all photos, done anew."""
    with albums.library.write() as db:
        db.execute("delete from embeddings")
        albums.ledger.reopen(
            db, "embed", [row["id"] for row in db.execute("select id from assets")]
        )
    return PHOTOS / _work(albums, ["embed"])


def _open(albums: Albums, names: Sequence[str]) -> bool:
    with albums.library.read() as db:
        progress = albums.ledger.progress(db)
    return any(progress[name].get("open", 0) for name in names)


def best_batch(engine: ImageTextEmbedder, images: Sequence[Image.Image]) -> float:
    """Images a second at the batch size that is best."""
    return max(_rate(engine, images[:batch]) for batch in (1, 8, 16, 32))


def _rate(engine: ImageTextEmbedder, batch: Sequence[Image.Image]) -> float:
    engine.see(batch)
    best = 0.0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(max(1, 32 // len(batch))):
            engine.see(batch)
        images = max(1, 32 // len(batch)) * len(batch)
        best = max(best, images / (time.perf_counter() - begin))
    return best
