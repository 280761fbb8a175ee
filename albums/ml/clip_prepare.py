"""Once after a pull: exports both towers, measures every engine and keeps the quickest true one.

The only part of the CLIP path that imports torch and open_clip (with the torch engines).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.ml import engines
from albums.ml.clip import PREPARED, WEIGHTS, Prepared, onnx_file, pixels
from albums.ml.clip_tokens import Tokens
from albums.ml.clip_vit import lean_image_tower
from albums.ml.hub import sha256_of
from albums.ml.torchvision_cure import cure_torchvision

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.manifest import Known

SAMPLES = 32
_BATCHES = (1, 4, 8, 16)
_TORCH_COSTS = 2.0
_SENTENCES = (
    "a photo of a dog", "two children running on a wet beach", "Grandma's 80th birthday, cake!",
    "a red car parked in front of an old house", "snow on the mountains", "sunset over the sea",
    "people dancing at a wedding", "a plate of pasta with tomatoes", "the cat sleeps on a sofa",
    "a receipt", "fireworks at night", "a boat on a lake", "un chien sur la plage", "München 2019",
    "a person reading a book in a park", "football match",
)  # fmt: skip


def prepare(
    known: Known, folder: Path, threads: int = 0, photos: Sequence[Image.Image] = ()
) -> Prepared:
    """Exports, measures, chooses and writes engine.json; takes a minute for a real model.

    `photos` are samples of the owner's own; the rest of the 32 samples are generated.
    """
    model, how = _load(known, folder)
    text = _text_facts(model, known, folder)
    tokens = _tokens(text, known, folder)(_SENTENCES)
    shown = pixels([*photos[:SAMPLES], *_generated(SAMPLES - len(photos))], how)
    image, text_tower = _tower(model, "image"), _tower(model, "text")
    images = _choose("image", image, lean_image_tower(model) or image, shown, folder, threads)
    texts = _choose("text", text_tower, text_tower, tokens, folder, threads)
    precision = images["chosen"].rsplit("-", 1)[1]
    weights = sha256_of(folder / WEIGHTS)
    prepared = Prepared(
        space=f"{known.id}:{weights[:8]}:{precision}",
        dims=images["dims"],
        image={"engine": images["chosen"], "batch": images["batch"], **how},
        text={"engine": texts["chosen"], **text},
        scale=float(model.logit_scale.detach().exp()),
        parity={"image": images["measured"], "text": texts["measured"]},
        threshold={
            "cosine": engines.COSINE_AT_LEAST,
            "same_neighbours": engines.SAME_NEIGHBOURS_AT_LEAST,
        },
    )
    with engines.whole(folder / PREPARED) as unfinished:
        unfinished.write_text(json.dumps(asdict(prepared), indent=1), encoding="utf-8")
    return prepared


def torch_tower(known: Known, folder: Path, tower: str, engine: str) -> engines.Run:
    """A tower served by torch, where that is the chosen engine."""
    import torch

    model, _ = _load(known, folder)
    module = _tower(model, tower)
    dtype = torch.bfloat16 if engine.endswith("bf16") else torch.float32
    return engines.torch_run(module.to(dtype), dtype)


def open_clip_tokens(known: Known, folder: Path) -> Callable[[Sequence[str]], NDArray[np.int64]]:
    """open_clip's own tokenizer, reading only what lies in `folder`."""
    cure_torchvision()
    import open_clip

    if (folder / "tokenizer.json").exists():
        config = open_clip.get_model_config(known.architecture)["text_cfg"]
        tokenizer: Any = open_clip.tokenizer.HFTokenizer(
            str(folder),
            context_length=config.get("context_length", 77),
            **config.get("tokenizer_kwargs", {}),
        )
    else:
        tokenizer = open_clip.get_tokenizer(known.architecture)
    return lambda texts: tokenizer(list(texts)).numpy()


def _load(known: Known, folder: Path) -> tuple[Any, dict[str, Any]]:
    """The fp32 model and how its pictures are made ready."""
    cure_torchvision()
    import open_clip

    # A path as `pretrained` loses the tag's own preprocessing, so it is passed along.
    tag = open_clip.get_pretrained_cfg(known.architecture, known.pretrained)
    named = ("mean", "std", "interpolation", "resize_mode")
    given = {f"image_{name}": tag[name] for name in named if tag.get(name)}
    model, _, _ = open_clip.create_model_and_transforms(
        known.architecture, pretrained=str(folder / WEIGHTS), **given
    )
    made = open_clip.get_model_preprocess_cfg(model)
    size = made["size"]
    how = {
        "size": size[0] if isinstance(size, list | tuple) else size,
        "mean": list(made["mean"]),
        "std": list(made["std"]),
        "interpolation": made["interpolation"],
        "resize": made["resize_mode"],
    }
    return model.eval(), how


def _text_facts(model: Any, known: Known, folder: Path) -> dict[str, Any]:
    """Context and clean-up of the text tower, and whether our own tokenizer gives its ids."""
    import open_clip

    config = open_clip.get_model_config(known.architecture)["text_cfg"]
    context = int(model.context_length)
    clean = config.get("tokenizer_kwargs", {}).get("clean", "lower")
    ours = Tokens(folder, context, clean)(_SENTENCES)
    same = (ours == open_clip_tokens(known, folder)(_SENTENCES)).all()
    return {
        "context": context,
        "clean": clean,
        "tokenizer": "tokenizers" if same else "open_clip",
    }


def _tokens(text: dict[str, Any], known: Known, folder: Path) -> Any:
    if text["tokenizer"] == "open_clip":
        return open_clip_tokens(known, folder)
    return Tokens(folder, text["context"], text["clean"])


def _choose(
    tower: str, module: Any, exported: Any, inputs: NDArray[Any], folder: Path, threads: int
) -> dict[str, Any]:
    """Measures each engine against `module` in torch fp32; the quickest one that keeps parity wins.

    `exported` is what onnxruntime is given: the same function, perhaps written otherwise.
    """
    import torch

    if threads:
        torch.set_num_threads(threads)
    runs = _candidates(tower, module, exported, inputs, folder, threads)
    reference = _all(engines.torch_run(module), inputs)
    measured: dict[str, dict[str, float]] = {}
    for engine, load in runs.items():
        try:
            run = load()
        except engines.EngineBroken:
            measured[engine] = {**engines.Parity(0, 0).as_dict(), "per_second": 0.0, "kept": False}
            continue
        found = engines.parity(reference, _all(run, inputs))
        rate = engines.per_second(run, inputs[:8])
        measured[engine] = {**found.as_dict(), "per_second": round(rate, 1), "kept": found.kept}
    chosen = _quickest(measured)
    run = runs[chosen]()
    rates = {size: engines.per_second(run, inputs[:size]) for size in _BATCHES}
    good = [size for size in _BATCHES if rates[size] >= 0.9 * max(rates.values())]
    return {
        "chosen": chosen,
        "measured": measured,
        "dims": int(reference.shape[1]),
        "batch": max(good),  # a lone quick round of a small batch is noise
    }


def _quickest(measured: dict[str, dict[str, float]]) -> str:
    """Of the engines that keep parity. Torch must be far quicker: it takes seconds to import and
    half a gigabyte of memory."""
    worth = {
        engine: row["per_second"] / (_TORCH_COSTS if engine.startswith("torch") else 1)
        for engine, row in measured.items()
        if row["kept"]
    }
    return max(worth, key=lambda engine: worth[engine])


def _candidates(
    tower: str, module: Any, exported: Any, inputs: NDArray[Any], folder: Path, threads: int
) -> dict[str, Callable[[], engines.Run]]:
    import torch

    fp32, int8 = (onnx_file(folder, tower, name) for name in ("fp32", "int8"))
    if not fp32.exists():
        engines.export(exported, torch.from_numpy(inputs[:2]), fp32)
    if not int8.exists():
        engines.quantise(fp32, int8)
    found: dict[str, Callable[[], engines.Run]] = {
        "onnxruntime-int8": lambda: engines.session(int8, threads),
        "onnxruntime-fp32": lambda: engines.session(fp32, threads),
        "torch-fp32": lambda: engines.torch_run(module),
    }
    if engines.has_bf16():
        half = copy.deepcopy(module).to(torch.bfloat16)  # a cast in place would round the original
        found["torch-bf16"] = lambda: engines.torch_run(half, torch.bfloat16)
    return found


def _all(run: engines.Run, inputs: NDArray[Any]) -> NDArray[np.float32]:
    import numpy as np

    return np.concatenate([run(inputs[at : at + 8]) for at in range(0, len(inputs), 8)])


def _generated(count: int) -> list[Image.Image]:
    """Pictures that differ: coloured shapes over gradients, the same on every machine."""
    import numpy as np
    from PIL import Image as pillow

    rng = np.random.default_rng(0)
    made = []
    for _ in range(max(0, count)):
        coarse = rng.integers(0, 256, (rng.integers(2, 9), rng.integers(2, 9), 3), np.uint8)
        smooth = pillow.Resampling.BICUBIC if rng.random() < 0.5 else pillow.Resampling.NEAREST
        made.append(pillow.fromarray(coarse).resize((320, 240), smooth))
    return made


def _tower(model: Any, name: str) -> torch.nn.Module:
    """One tower as a module of its own, for the exporter."""
    import torch

    class Tower(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            encode = self.model.encode_image if name == "image" else self.model.encode_text
            vectors: torch.Tensor = encode(batch, normalize=True)
            return vectors

    return Tower().eval()
