"""The engines of CLIP ViT-B-32-256 with random weights of the real shape, and Immich's settings
(onnxruntime fp32, one image at a time, two threads) in the same run."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from albums.ml import clip_prepare, engines
from albums.ml.clip import WEIGHTS, Prepared, onnx_file
from albums.ml.manifest import MANIFEST, Known, read_manifest
from albums.ml.shelf import Shelf
from albums.ml.torchvision_cure import cure_torchvision
from scripts.benchmarks.table import Row

MODEL = "clip-vit-b-32-256"
BATCHES = (1, 4, 8, 16, 32)
IMMICH_THREADS = 2


def make_shelf(models: Path) -> Path:
    """A shelf with the model, exported and measured as after a pull. Kept for the next run."""
    known = _known()
    weights = models / MODEL / WEIGHTS
    if not weights.exists():
        _write_random_weights(known, weights)
    if Prepared.read(weights.parent) is None:
        clip_prepare.prepare(known, weights.parent)
    Shelf(models, embedder=MODEL).space()
    return models


def run(models: Path) -> list[Row]:
    """Images a second of each engine at its best batch size."""
    folder = models / MODEL
    prepared = Prepared.read(folder)
    assert prepared is not None
    size = int(prepared.image["size"])
    shape = (max(BATCHES), 3, size, size)
    images = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    torch_fp32 = _best(clip_prepare.torch_tower(_known(), folder, "image", "torch-fp32"), images)
    rates = {"torch fp32": torch_fp32}
    for name in ("fp32", "int8"):
        session = engines.session(onnx_file(folder, "image", f"onnxruntime-{name}"), 0)
        rates[f"onnxruntime {name}"] = _best(session, images)
    if engines.has_bf16():
        bf16 = clip_prepare.torch_tower(_known(), folder, "image", "torch-bf16")
        rates["torch bf16"] = _best(bf16, images)
    fp32 = onnx_file(folder, "image", "onnxruntime-fp32")
    immich = engines.per_second(engines.session(fp32, IMMICH_THREADS), images[:1], 10)
    rows = [Row(f"{name}, best batch", f"{rate:.0f} images/s") for name, rate in rates.items()]
    chosen = str(prepared.image["engine"]).replace("-", " ")
    found = prepared.parity["image"][str(prepared.image["engine"])]
    return [
        *rows,
        Row("Immich's settings (onnxruntime fp32, batch 1)", f"{immich:.0f} images/s"),
        Row(f"chosen here: {chosen} / torch fp32", f"{rates[chosen] / torch_fp32:.1f} x",
            "aim: at least 4"),
        Row(f"chosen here: {chosen} / Immich's settings", f"{rates[chosen] / immich:.1f} x"),
        Row("its vectors beside torch fp32's: worst cosine, same ten nearest",
            f"{found['cosine']:.4f}, {found['same_neighbours']:.0%}",
            f"needs {prepared.threshold['cosine']}, {prepared.threshold['same_neighbours']:.0%}"),
    ]  # fmt: skip


def _best(run: Any, images: NDArray[np.float32]) -> float:
    return max(engines.per_second(run, images[:size]) for size in BATCHES)


def _known() -> Known:
    return next(known for known in read_manifest(MANIFEST).models if known.id == MODEL)


def _write_random_weights(known: Known, path: Path) -> None:
    """As many bytes as the real file has, so that the shelf takes it for that."""
    cure_torchvision()
    import open_clip
    from safetensors.torch import save

    model = open_clip.create_model(known.architecture)
    content = save({name: tensor.contiguous() for name, tensor in model.state_dict().items()})
    wanted = next(file.bytes for file in known.files if file.name == WEIGHTS) or len(content)
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    text = json.dumps(header, separators=(",", ":")).encode()
    padding = wanted - 8 - (len(content) - 8 - length) - len(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text) + padding) + text + b" " * padding)
        file.write(content[8 + length :])
