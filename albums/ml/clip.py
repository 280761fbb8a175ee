"""CLIP-like embedders through open_clip: loaded from disk, exported once, served by what is
quickest here and still gives the vectors that torch gives.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.ml import engines
from albums.ml.clip_labels import LabelTable
from albums.ml.clip_tokens import Tokens
from albums.ml.model import Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.manifest import Known

WEIGHTS = "open_clip_model.safetensors"
PREPARED = "engine.json"


@dataclass(frozen=True)
class Prepared:
    """What `clip_prepare.prepare` found out on this machine; engine.json beside the weights."""

    space: str
    dims: int
    image: dict[str, Any]  # engine, batch, size, mean, std, resize
    text: dict[str, Any]  # engine, context, clean, tokenizer
    scale: float  # of the logits: turns cosines into odds
    parity: dict[str, Any]  # engine -> what it was measured at, for both towers
    threshold: dict[str, float]

    @classmethod
    def read(cls, folder: Path) -> Prepared | None:
        path = folder / PREPARED
        if not path.exists():
            return None
        return cls(**json.loads(path.read_text(encoding="utf-8")))


class ClipEmbedder:
    """One model of the open_clip family. Nothing is loaded before it is used."""

    def __init__(self, known: Known, folder: Path, prepared: Prepared, threads: int = 0) -> None:
        self._known, self._folder, self._prepared = known, folder, prepared
        self._threads = threads
        self.model = known.id
        self.engine = str(prepared.image["engine"])
        self.space = prepared.space
        self.dims = prepared.dims
        self.batch = int(prepared.image["batch"])

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        """Upright RGB images of any size -> vectors and zero-shot labels."""
        parts = engines.chunks(images, self.batch)
        batches = engines.ahead(lambda part: pixels(part, self._prepared.image), parts)
        return [seen for batch in batches for seen in self._see(batch)]

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Sentences -> unit vectors of the same space."""
        import numpy as np

        if not texts:
            return np.zeros((0, self.dims), np.float32)
        return engines.unit(self._text(self._tokens(texts)))

    def _see(self, batch: NDArray[np.float32]) -> list[Seen]:
        vectors = engines.unit(self._image(batch))
        labels = self._labels.of(vectors)
        return [Seen(vector, found) for vector, found in zip(vectors, labels, strict=True)]

    @cached_property
    def _image(self) -> engines.Run:
        return self._run("image", self.engine)

    @cached_property
    def _text(self) -> engines.Run:
        return self._run("text", str(self._prepared.text["engine"]))

    @cached_property
    def _tokens(self) -> Any:
        text = self._prepared.text
        if text["tokenizer"] == "open_clip":
            from albums.ml.clip_prepare import open_clip_tokens

            return open_clip_tokens(self._known, self._folder)
        return Tokens(self._folder, text["context"], text["clean"])

    @cached_property
    def _labels(self) -> LabelTable:
        return LabelTable.load(self._folder, self.embed_texts, self._prepared)

    def _run(self, tower: str, engine: str) -> engines.Run:
        if engine.startswith("onnxruntime"):
            return engines.session(onnx_file(self._folder, tower, engine), self._threads)
        from albums.ml.clip_prepare import torch_tower

        return torch_tower(self._known, self._folder, tower, engine)


def onnx_file(folder: Path, tower: str, engine: str) -> Path:
    return folder / f"{tower}-{engine.removeprefix('onnxruntime-')}.onnx"


def pixels(images: Sequence[Image.Image], how: dict[str, Any]) -> NDArray[np.float32]:
    """What open_clip's evaluation transform gives: float32 of shape (images, 3, size, size)."""
    import numpy as np

    shown = np.stack([np.asarray(_fitted(image, how), np.float32) for image in images])
    mean, std = (np.array(how[name], np.float32) for name in ("mean", "std"))
    return np.ascontiguousarray(((shown / np.float32(255) - mean) / std).transpose(0, 3, 1, 2))


def _fitted(image: Image.Image, how: dict[str, Any]) -> Image.Image:
    from PIL import Image as pillow

    size = int(how["size"])
    method = pillow.Resampling[str(how["interpolation"]).upper()]
    if how["resize"] == "squash":
        return image.resize((size, size), method)
    width, height = image.size
    short = min(width, height)
    scaled = image.resize((size * width // short, size * height // short), method)
    left, top = round((scaled.width - size) / 2), round((scaled.height - size) / 2)
    return scaled.crop((left, top, left + size, top + size))
