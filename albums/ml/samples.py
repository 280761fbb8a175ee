"""Some photos of a library, to check an engine with before it is chosen."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SAMPLES = 32


def samples(pictures: Path, most: int = SAMPLES) -> list[Image.Image]:
    """Up to `most` RGB pictures of 800 pixels, out of the folder of derived pictures."""
    from PIL import Image

    found = itertools.islice(pictures.glob("??/*-800.*"), most)
    return [Image.open(path).convert("RGB") for path in found]
