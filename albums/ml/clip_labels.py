"""Labels of a CLIP-like model: which of the words we know is nearest to the picture.

Everyday words that ImageNet lacks (people, places, occasions) stand beside its classes, and plain
captions take the share of pictures that show none of them, so that something unsure stays unsaid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from albums.ml import engines
from albums.ml.imagenet import classes
from albums.ml.labels import CLASS_AT_LEAST, MOST_LABELS, labels
from albums.ml.model import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from albums.ml.clip import Prepared

EVERYDAY = (
    "person", "people", "man", "woman", "child", "baby", "crowd", "family", "portrait", "selfie",
    "beach", "sea", "lake", "river", "waterfall", "mountain", "forest", "desert", "field", "garden",
    "park", "snow", "sunset", "night sky", "street", "city", "village", "church", "bridge",
    "kitchen", "living room", "bedroom", "office", "classroom", "restaurant", "meal", "cake",
    "wedding", "birthday party", "concert", "Christmas tree", "fireworks", "parade", "football",
    "swimming", "skiing", "hiking", "cycling", "dancing", "flower", "tree", "toy", "screenshot",
    "document", "receipt", "map", "painting", "sign",
)  # fmt: skip
_PLAIN = ("a photo", "a picture", "a blurry photo", "a photo of something", "nothing in particular")
_FILE = "labels.npy"


@dataclass(frozen=True)
class LabelTable:
    """Text vectors: the 1,000 classes, then the everyday words, then the plain captions."""

    vectors: NDArray[np.float32]
    scale: float

    @classmethod
    def load(
        cls,
        folder: Path,
        embed: Callable[[Sequence[str]], NDArray[np.float32]],
        prepared: Prepared,
    ) -> LabelTable:
        """Computed once with the model's own text tower and kept beside its weights."""
        import numpy as np

        path = folder / f"{prepared.text['engine']}-{_FILE}"
        if not path.exists():
            with engines.whole(path) as unfinished, unfinished.open("wb") as file:
                np.save(
                    file, np.concatenate([embed(part) for part in engines.chunks(_texts(), 32)])
                )
        return cls(np.load(path), prepared.scale)

    def of(self, vectors: NDArray[np.float32]) -> list[tuple[Label, ...]]:
        """Unit vectors of images -> the labels of each, most probable first."""
        import numpy as np

        logits = vectors @ self.vectors.T * np.float32(self.scale)
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return [_labels(shares) for shares in odds / odds.sum(1, keepdims=True)]


def _labels(shares: NDArray[np.float32]) -> tuple[Label, ...]:
    known = len(classes())
    everyday = [
        Label(word, round(float(share), 4))
        for word, share in zip(EVERYDAY, shares[known:], strict=False)
        if share >= CLASS_AT_LEAST
    ]
    found = [*everyday, *labels(shares[:known])]
    return tuple(sorted(found, key=lambda label: -label.score)[:MOST_LABELS])


def _texts() -> list[str]:
    named = [f"a photo of a {known.name}" for known in classes()]
    return [*named, *(f"a photo of {word}" for word in EVERYDAY), *_PLAIN]
