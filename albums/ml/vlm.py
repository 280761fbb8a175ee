"""Vision-language captioners through transformers: loaded from disk, run by what is quickest here.

Two families share this: Florence-2 (fixed task prompts) and instruction followers (JSON).
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from albums.ml import engines
from albums.ml.model import Captioner, Scene
from albums.ml.pull import read_json, write_json
from albums.ml.torchvision_cure import cure_torchvision

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.manifest import Known

PREPARED = "engine.json"
_COSINE_AT_LEAST = 0.98
_LARGE = 1_500_000_000  # bytes of weights from which int8 would need too much memory to make


@dataclass(frozen=True)
class Loaded:
    """A model ready to generate, and its processor."""

    processor: Any
    model: Any
    engine: str

    def to_device(self, inputs: Any) -> Any:
        """What a processor made, on the model's device; pictures in its precision."""
        return inputs.to(self.model.device, dtype=self.model.dtype)


class Measurable(Captioner, Protocol):
    def first_logits(self, image: Image.Image) -> NDArray[np.float32]:
        """The odds of the first word about an image: what engines are compared by."""


def load_captioner(known: Known, folder: Path, version: str, threads: int = 0) -> Captioner:
    """The captioner on the engine that was measured best here; measures on its first use."""
    return _captioner(known, load(folder, engine_of(known, folder, threads), threads), version)


def engine_of(known: Known, folder: Path, threads: int = 0) -> str:
    """The engine to use: the GPU where there is one, else what `prepare` found."""
    import torch

    if torch.cuda.is_available():
        return "torch-cuda-bf16"
    found = read_json(folder / PREPARED) or prepare(known, folder, threads)
    return str(found["engine"])


def prepare(known: Known, folder: Path, threads: int = 0) -> dict[str, Any]:
    """Measures each engine against fp32 and keeps the quickest that agrees; writes engine.json."""
    image = _sample()
    reference: NDArray[np.float32] | None = None
    measured: dict[str, dict[str, Any]] = {}
    for engine in _candidates(folder):
        captioner = _captioner(known, load(folder, engine, threads), "measuring")
        logits = captioner.first_logits(image)
        reference = logits if reference is None else reference
        cosine = float((engines.unit(reference[None]) * engines.unit(logits[None])).sum())
        start = time.perf_counter()
        captioner.caption(Scene(image))
        measured[engine] = {
            "cosine": cosine,
            "seconds_per_caption": round(time.perf_counter() - start, 2),
            "kept": cosine >= _COSINE_AT_LEAST,
        }
    kept = {name: row["seconds_per_caption"] for name, row in measured.items() if row["kept"]}
    found = {
        "engine": min(kept, key=lambda name: kept[name]),
        "measured": measured,
        "threshold": {"cosine": _COSINE_AT_LEAST},
    }
    write_json(folder / PREPARED, found)
    return found


def load(folder: Path, engine: str, threads: int = 0) -> Loaded:
    """Processor and model from `folder` alone, in the engine's precision."""
    cure_torchvision()
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    if threads:
        torch.set_num_threads(threads)
    processor = AutoProcessor.from_pretrained(folder, local_files_only=True)  # type: ignore[no-untyped-call]
    dtype = torch.bfloat16 if engine.endswith("bf16") else torch.float32
    model: Any = AutoModelForImageTextToText.from_pretrained(
        folder, local_files_only=True, dtype=dtype
    )
    model = model.eval().to("cuda" if "cuda" in engine else "cpu")
    return Loaded(processor, _int8(model) if engine.endswith("int8") else model, engine)


def _candidates(folder: Path) -> list[str]:
    """fp32 first: it is what the others are compared with."""
    large = (folder / "model.safetensors").stat().st_size > _LARGE
    bf16 = ["torch-bf16"] if engines.has_bf16() else []
    return ["torch-fp32", *bf16, *([] if large else ["torch-int8"])]


def _int8(model: Any) -> Any:
    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="torch.ao.quantization is deprecated")
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch")
        warnings.filterwarnings("ignore", message="torch.quantize_per_tensor")
        return torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            model, {torch.nn.Linear}, dtype=torch.qint8, inplace=True
        )


def _captioner(known: Known, loaded: Loaded, version: str) -> Measurable:
    if known.family == "florence":
        from albums.ml.florence import FlorenceCaptioner

        return FlorenceCaptioner(known.id, version, loaded)
    from albums.ml.instruct import InstructCaptioner

    return InstructCaptioner(known.id, version, loaded, known.px or 512)


def _sample() -> Image.Image:
    from PIL import Image as pillow

    return pillow.radial_gradient("L").resize((640, 480)).convert("RGB")
