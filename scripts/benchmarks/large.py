"""Libraries of 20,000 to 1,000,000 assets: made once, then kept for the next run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from albums.assembly import open_albums
from albums.library.database import Library
from albums.settings import Settings, load_settings
from scripts.benchmarks import library as made

SHARES = {"10 %": 0.1, "1 %": 0.01, "0.1 %": 0.001}


@dataclass
class Large:
    """A library on disk, the model that answers for it, and questions to ask."""

    count: int
    folder: Path
    models: Path
    embedder: str
    space: str
    queries: list[str]
    conditions: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ALBUMS_MODELS": str(self.models),
            "ALBUMS_EMBEDDER": self.embedder,
            "ALBUMS_CAPTIONER": "basic",
        }

    def vectors(self) -> NDArray[np.float32]:
        """As the library holds them: float16, by asset id."""
        library = Library(self.folder / "albums.db")
        with library.read() as db:
            rows = db.execute("select vector from embeddings order by asset_id")
            content = b"".join(row["vector"] for row in rows)
        library.close()
        return np.frombuffer(content, "<f2").reshape(self.count, -1).astype(np.float32)

    def query_vectors(self, count: int) -> NDArray[np.float32]:
        """Directions that lie near assets, as those of texts do."""
        random = np.random.default_rng(5)
        chosen = self.vectors()[random.choice(self.count, count, replace=False)]
        noisy = chosen + random.standard_normal(chosen.shape).astype(np.float32) * 0.03
        return np.asarray(noisy / np.linalg.norm(noisy, axis=1, keepdims=True), np.float32)

    def days(self) -> list[str]:
        library = Library(self.folder / "albums.db")
        with library.read() as db:
            days = [row["day"] for row in db.execute("select day from assets order by id")]
        library.close()
        return days

    def since(self, share: str) -> str:
        """The day since which this share of the assets was taken."""
        return sorted(self.days())[-int(self.count * SHARES[share])]


def large_library(scratch: Path, count: int, models: Path, embedder: str) -> Large:
    """A library of `count` generated assets that is served with `embedder`."""
    folder = scratch / f"large-{count}"
    settings = load_settings(folder, {}, models=models, embedder=embedder, captioner="basic")
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made.make_library(folder / "albums.db", count).close()
    space = _nothing_left_to_do(settings)
    (folder / "complete").touch()
    large = Large(count, folder, models, embedder, space, _queries())
    large.conditions = {"none": ""} | {share: f"since:{large.since(share)}" for share in SHARES}
    return large


def _nothing_left_to_do(settings: Settings) -> str:
    """Close the ledger of assets that have no files, and name the model's space as its own."""
    albums = open_albums(settings)
    try:
        space = albums.shelf.space()
        with albums.library.write() as db:
            db.execute("update work set state = 'done'")
            db.execute("update embeddings set space = ?", (space,))
    finally:
        albums.close()
    return space


def _queries() -> list[str]:
    """Questions of two to five words, common ones and rare ones, none alike."""
    random = np.random.default_rng(11)
    words = made.vocabulary()
    chance = 1 / np.arange(1, len(words) + 1) ** 0.7
    chance /= chance.sum()
    return [
        " ".join(random.choice(words, int(random.integers(2, 6)), p=chance).tolist())
        for _ in range(200)
    ]
