"""How fast a model is on this machine: what `albums models bench` prints."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.errors import ModelMissing
from albums.ml.manifest import MANIFEST, read_manifest
from albums.ml.model import Scene
from albums.ml.shelf import Shelf

if TYPE_CHECKING:
    from albums.ml.model import Captioner, ImageTextEmbedder

_IMAGES, _QUERIES, _CAPTIONS = 32, 10, 2
_SIZE = (800, 600)  # of the picture that steps hand over


@dataclass(frozen=True)
class Speed:
    """One measured figure, the best of a few rounds after a warm-up."""

    model: str
    engine: str
    what: str
    value: float
    unit: str


def bench(
    models_dir: Path, model: str, *, threads: int = 0, manifest: Path = MANIFEST
) -> Sequence[Speed]:
    """Images/s, ms a query and s a caption of one model; ModelMissing where it is not here."""
    found: list[Speed] = []
    for known in read_manifest(manifest).models:
        if known.id != model:
            continue
        shelf = Shelf(models_dir, **{known.kind: model}, threads=threads, manifest=manifest)
        if known.kind == "embedder":
            found += _embedder(shelf.embedder())
        else:
            found += _captioner(shelf.captioner())
    if not found:
        raise ModelMissing(f"There is no model called {model}", hint="Run: albums models list")
    return found


def _embedder(embedder: ImageTextEmbedder) -> list[Speed]:
    images = [_photo(seed) for seed in range(_IMAGES)]
    embedder.see(images[:2])
    embedder.embed_texts(["warm"])
    each = _best(lambda: embedder.see(images)) / len(images)
    query = _best(lambda: embedder.embed_texts(["two dogs running on a beach"]), _QUERIES)
    return [
        Speed(embedder.model, embedder.engine, "images", round(1 / each, 1), "a second"),
        Speed(embedder.model, embedder.engine, "query", round(1000 * query, 2), "ms"),
    ]


def _captioner(captioner: Captioner) -> list[Speed]:
    scene = Scene(_photo(0))
    captioner.caption(scene)
    seconds = _best(lambda: captioner.caption(scene), _CAPTIONS)
    return [Speed(captioner.model, captioner.engine, "caption", round(seconds, 3), "s")]


def _best(run: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the quickest round: the others were disturbed."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _photo(seed: int) -> Any:
    import numpy as np
    from PIL import Image

    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    return Image.fromarray(coarse).resize(_SIZE, Image.Resampling.BICUBIC)
