"""Seconds a caption, for captioners of the real shapes with random weights.

Random weights never say that they are done: every text runs to its limit, so these are the longest
captions that may come.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from albums.ml.manifest import MANIFEST, Known, read_manifest
from albums.ml.model import Scene
from albums.ml.vlm import load_captioner
from scripts.benchmarks.photos import make_photo
from scripts.benchmarks.table import Row
from tests.ml.tiny import Shape, make_florence, make_idefics

# Sizes as their publishers state them; the vocabulary stands in the text part.
FLORENCE_2_BASE = Shape(
    768, 577,
    {"embed_dim": [128, 256, 512, 1024], "num_heads": [4, 8, 16, 32],
     "num_groups": [4, 8, 16, 32], "depths": [1, 1, 9, 1], "window_size": 12,
     "projection_dim": 768},
    {"d_model": 768, "encoder_layers": 6, "decoder_layers": 6, "encoder_ffn_dim": 3072,
     "decoder_ffn_dim": 3072, "encoder_attention_heads": 12, "decoder_attention_heads": 12,
     "vocab_size": 51289},
)  # fmt: skip
SMOLVLM_256M = Shape(
    512, 64,
    {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
     "num_attention_heads": 12, "image_size": 512, "patch_size": 16},
    {"hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
     "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49280},
    scale=4,
)  # fmt: skip
TIERS: dict[str, tuple[Shape, Callable[[Path, Shape], None]]] = {
    "smolvlm-256m": (SMOLVLM_256M, make_idefics),
    "florence-2-base": (FLORENCE_2_BASE, make_florence),
}


def run(models: Path) -> list[Row]:
    """A row a tier that fits a small machine. The best tier wants a GPU and is not measured."""
    scene = Scene(make_photo(1, (800, 600)))
    rows = []
    for known in read_manifest(MANIFEST).models:
        if known.kind == "captioner" and known.id in TIERS:
            rows.append(_measure(known, models / f"random-{known.id}", scene))
    return rows


def _measure(known: Known, folder: Path, scene: Scene) -> Row:
    shape, make = TIERS[known.id]
    if not (folder / "model.safetensors").exists():
        make(folder, shape)
    captioner = load_captioner(known, folder, "bench", 0)
    captioner.caption(scene)
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        captioner.caption(scene)
        taken.append(time.perf_counter() - begin)
    return Row(f"{known.id} ({captioner.engine})", f"{min(taken):.1f} s a caption", "the longest")
