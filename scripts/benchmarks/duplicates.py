"""Copies: what is found and what is wrongly found, on sample photos and copies made of them; and
the page in a generated library of 200,000 assets.

What counts as found is what `albums.ingest.steps.duplicates` does: the hash proposes, the picture
decides. Wrongly found are pairs of samples that are different pictures, whatever they look like:
all of them are compared. Samples that are variants of one picture themselves are left out.
"""

from __future__ import annotations

import io
import random
import re
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from albums.ingest.likeness import likeness
from albums.ingest.steps.duplicates import BITS
from albums.ingest.steps.fingerprint import phash_of
from albums.library.database import Library
from albums.library.duplicate_detail import shown
from albums.library.duplicate_groups import groups, regroup, weight
from albums.library.duplicate_pairs import Pair, keep_pairs
from albums.vault.pictures import SIZES
from scripts.benchmarks.library import make_library
from scripts.benchmarks.table import Row, spread

_PHOTOS, _PAGES = 120, 60
_ASSETS, _PAIRS = 200_000, 20_000
# Several files of one picture: what is found among them is right.
_VARIANTS = re.compile(r"orientation|rotation|sample|flower|hdr|/faces/portrait")


def run(scratch: Path, samples: Path) -> list[Row]:
    """Rows for README."""
    return [*_found(samples), *_wrongly_found(samples), *_page(scratch)]


# --- found


def _found(samples: Path) -> list[Row]:
    chance = random.Random(1)
    paths = sorted((samples / "search").rglob("*.jpg"))
    chance.shuffle(paths)
    photos = [_open(path) for path in paths[:_PHOTOS]]
    return [
        *(
            Row(f"found: {name}", f"{sum(_is_copy(p, how(p)) for p in photos)} of {len(photos)}")
            for name, how in _HOW.items()
        ),
        Row(
            "wrongly found: another view of the scene, moved by a tenth",
            f"{sum(_is_copy(*_views(photo)) for photo in photos)} of {len(photos)}",
        ),
    ]


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((1600, 1600))
    return upright


def _recompressed(quality: int, longest: int = 1600) -> Callable[[Image.Image], Image.Image]:
    def make(image: Image.Image) -> Image.Image:
        out = io.BytesIO()
        ImageOps.contain(image, (longest, longest)).save(out, "JPEG", quality=quality)
        return Image.open(out).convert("RGB")

    return make


def _cropped(share: float) -> Callable[[Image.Image], Image.Image]:
    def make(image: Image.Image) -> Image.Image:
        left, top = round(image.width * share), round(image.height * share / 2)
        return image.crop((left, top, image.width, image.height - top))

    return make


def _marked(image: Image.Image) -> Image.Image:
    copy = image.copy()
    width, height = image.size
    box = (width * 0.65, height * 0.9, width * 0.97, height * 0.97)
    ImageDraw.Draw(copy).rectangle(box, fill="white")
    return copy


_HOW: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half its size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "an eighth of its size": lambda image: image.resize((image.width // 8, image.height // 8)),
    "JPEG at quality 30": _recompressed(30),
    "as a messenger sends it": _recompressed(60, 1280),
    "brighter by 20 %": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "without colour": lambda image: image.convert("L").convert("RGB"),
    "cropped by 3 %": _cropped(0.03),
    "cropped by 5 %": _cropped(0.05),
    "cropped by 8 %": _cropped(0.08),
    "with a white mark on 2 % of it": _marked,
}


def _views(image: Image.Image) -> tuple[Image.Image, Image.Image]:
    part = round(image.width * 0.9)
    return (
        image.crop((0, 0, part, image.height)),
        image.crop((image.width - part, 0, image.width, image.height)),
    )


def _is_copy(one: Image.Image, other: Image.Image) -> bool:
    first, second = _small(one), _small(other)
    hash, its = phash_of(first), phash_of(second)
    if hash is None or its is None or _apart(hash, its) > BITS:
        return False
    return likeness(first, second) > 0


def _apart(one: int, other: int) -> int:
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()


def _small(image: Image.Image) -> Image.Image:
    """As the pipeline makes it."""
    out = io.BytesIO()
    ImageOps.contain(image, (min(SIZES), min(SIZES))).save(out, "WEBP", quality=80, method=2)
    return Image.open(out).convert("RGB")


# --- wrongly found


def _wrongly_found(samples: Path) -> Iterator[Row]:
    paths = [
        path
        for path in sorted(samples.rglob("*"))
        if path.suffix.lower() in (".jpg", ".jpeg", ".png") and not _VARIANTS.search(str(path))
    ]
    pictures = [(path, small) for path in paths if (small := _readable(path))]
    yield _wrong("different sample photos and receipts", [small for _, small in pictures])
    chance = np.random.default_rng(1)
    yield _wrong("plain skies", [_small(_sky(chance)) for _ in range(_PAGES)])
    yield _wrong("dark frames", [_small(_dark(chance)) for _ in range(_PAGES)])
    yield _wrong("pages of text", [_small(_text(chance)) for _ in range(_PAGES)])


def _readable(path: Path) -> Image.Image | None:
    try:
        return _small(_open(path))
    except (OSError, ValueError, SyntaxError):
        return None


def _wrong(what: str, pictures: list[Image.Image]) -> Row:
    hashed = [(phash, picture) for picture in pictures if (phash := phash_of(picture)) is not None]
    pairs = list(combinations(hashed, 2))
    near = [(one, other) for (a, one), (b, other) in pairs if _apart(a, b) <= BITS]
    wrong = sum(likeness(one, other) > 0 for one, other in near)
    return Row(f"wrongly found: {what}", f"{wrong} of {len(pairs):,} pairs",
               f"{len(near)} by the hash alone")  # fmt: skip


def _sky(chance: np.random.Generator) -> Image.Image:
    height = np.linspace(0, 1, 225)[:, None] ** chance.uniform(0.5, 2)
    top, bottom = chance.integers(60, 160), chance.integers(160, 255)
    grey = top + (bottom - top) * height + chance.normal(0, 2, (225, 300))
    return _image(np.stack([grey * 0.8, grey * 0.9, grey], axis=2))


def _dark(chance: np.random.Generator) -> Image.Image:
    return _image(chance.normal(6, 3, (225, 300, 3)))


def _image(values: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _text(chance: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (212, 300), "white")
    draw = ImageDraw.Draw(image)
    for line in range(20, 280, 9):
        x, end = 18, 190 - int(chance.integers(0, 60))
        while x < end:
            width = int(chance.integers(6, 22))
            draw.rectangle((x, line, x + width, line + 4), fill=(70, 70, 70))
            x += width + 4
    return image


# --- the page


def _page(scratch: Path) -> Iterator[Row]:
    path = scratch / f"duplicates-{_ASSETS}.db"
    library = Library(path) if path.exists() else make_library(path, _ASSETS)
    try:
        with library.read() as db:
            made = weight(db).groups
        if not made:
            yield Row("a copy is written down and grouped", _make_groups(library))
        yield Row("first page of 12 groups", spread(_pages(library, 50)),
                  f"{_ASSETS:,} assets, {_PAIRS:,} of them with a copy")  # fmt: skip
    finally:
        library.close()


def _make_groups(library: Library) -> str:
    chance = random.Random(2)
    ids = chance.sample(range(1, _ASSETS + 1), 2 * _PAIRS)
    took = []
    for start in range(0, len(ids), 1000):
        with library.write(durable=False) as db:
            for one, other in zip(ids[start : start + 1000 : 2], ids[start + 1 : start + 1000 : 2],
                                  strict=True):  # fmt: skip
                began = time.perf_counter()
                regroup(db, keep_pairs(db, one, [Pair(other, 2, 0.9)]))
                took.append((time.perf_counter() - began) * 1000)
    return spread(took)


def _pages(library: Library, rounds: int) -> list[float]:
    """Milliseconds for all that the page asks of the library, one page after the other."""
    took, after = [], None
    for _ in range(rounds):
        began = time.perf_counter()
        with library.read() as db:
            found, after = groups(db, 12, after)
            shown(db, found)
            weight(db)
        took.append((time.perf_counter() - began) * 1000)
    return took
