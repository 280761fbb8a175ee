"""Photographs made by arithmetic: the same for everybody, with the texture of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

TWELVE_MEGAPIXELS = (4032, 3024)


def make_photo(seed: int, size: tuple[int, int]) -> Image.Image:
    """Noise of every scale, stronger the larger (as in nature: amplitude falls with frequency)."""
    random = np.random.default_rng(seed)
    width, height = size
    picture = np.zeros((height, width, 3), np.float32)
    for octave in range(2, 9):
        cells = 2**octave
        noise = random.normal(0, 1, (cells * 3 // 4 + 1, cells + 1, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(noise[..., channel]).resize(size, Image.Resampling.BICUBIC)
            picture[..., channel] += np.asarray(layer) * 60 / 1.7 ** (octave - 2)
    grain = random.normal(0, 2.5, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(picture + grain + 120, 0, 255).astype(np.uint8))


def write_photos(folder: Path, count: int, size: tuple[int, int] = TWELVE_MEGAPIXELS) -> list[Path]:
    """`count` JPEGs with EXIF in `folder`; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / f"IMG_{seed:05}.jpg", seed, size) for seed in range(count)]


def _write(path: Path, seed: int, size: tuple[int, int]) -> Path:
    if not path.exists():
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "NIKON CORPORATION", "NIKON D850"
        exif[0x0132] = f"2024:05:{seed % 28 + 1:02} 18:{seed % 60:02}:11"
        make_photo(seed, size).save(path, "JPEG", quality=88, exif=exif)
    return path
