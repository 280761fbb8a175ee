"""A library for measurements of pages: generated assets with small real pictures, among them one
day of 70,000. Each of a few hundred pictures stands for hundreds of assets, as hard links."""

from __future__ import annotations

import io
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from albums.assembly import open_albums
from albums.library.database import Library
from albums.media.thumbhash import encode
from albums.settings import load_settings
from albums.vault.pictures import Pictures
from scripts.benchmarks import library as made

HEAVY_DAY, HEAVY = "2019-08-17", 70_000
_DISTINCT = 300
_SHAPES = ((800, 600), (800, 600), (600, 800), (800, 533), (800, 450), (800, 800))


@dataclass(frozen=True)
class _Made:
    """A picture in its two sizes, and what the database says of it."""

    small: bytes
    large: bytes
    hash: bytes
    size: tuple[int, int]


def web_library(scratch: Path, count: int) -> Path:
    """The folder of a library of `count` assets under `scratch`; kept for the next run."""
    folder = scratch / f"web-{count}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made.make_library(folder / "albums.db", count).close()
        _nothing_left_to_do(folder)
        library = Library(folder / "albums.db")
        _one_heavy_day(library, min(HEAVY, count // 3))
        _pictures(library, folder)
        library.close()
        (folder / "complete").touch()
    return folder


def _nothing_left_to_do(folder: Path) -> None:
    """Close the ledger of assets that have no originals."""
    albums = open_albums(load_settings(folder, {}, embedder="basic", captioner="basic"))
    try:
        with albums.library.write() as db:
            db.execute("update work set state = 'done'")
            space = albums.shelf.space()
            length = 2 * len(albums.shelf.embedder(space).embed_texts(["a dog"])[0])  # float16
            db.execute(
                "update embeddings set space = ?, vector = substr(vector, 1, ?)", (space, length)
            )
    finally:
        albums.close()


def _one_heavy_day(library: Library, count: int) -> None:
    noon = int(datetime.fromisoformat(f"{HEAVY_DAY}T06:00:00+00:00").timestamp())
    with library.write() as db:
        ids = [row[0] for row in db.execute("select id from assets limit ?", (count,))]
        db.executemany(
            "update assets set day = ?, captured_utc = ?, captured_at = ? where id = ?",
            [(HEAVY_DAY, noon + i % 50_000, _iso(noon + i % 50_000), i) for i in ids],
        )
        db.execute("analyze")


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _pictures(library: Library, folder: Path) -> None:
    drawn = [_draw(number) for number in range(_DISTINCT)]
    pictures = Pictures(folder / "pictures")
    first: dict[int, str] = {}
    rows = []
    with library.read() as db:
        assets = db.execute("select id, sha from assets").fetchall()
    for asset_id, sha in assets:
        number = asset_id * 7919 % _DISTINCT
        one = drawn[number]
        if number not in first:
            first[number] = sha
            pictures.put(sha, 300, one.small)
            pictures.put(sha, 800, one.large)
        else:
            pictures.path(sha, 300).parent.mkdir(exist_ok=True)
            for size in (300, 800):
                os.link(pictures.path(first[number], size), pictures.path(sha, size))
        width, height = one.size
        rows.append((one.hash, width / height, 5 * width, 5 * height, asset_id))
    with library.write() as db:
        db.executemany(
            "update pictures set thumbhash = ?, aspect = ? where asset_id = ?",
            [(row[0], row[1], row[4]) for row in rows],
        )
        db.executemany(
            "update assets set width = ?, height = ? where id = ?", [row[2:] for row in rows]
        )


def _draw(number: int) -> _Made:
    """Soft clouds of colour with grain: about as many bytes as a photo."""
    rng = np.random.default_rng(number)
    width, height = size = _SHAPES[number % len(_SHAPES)]
    whole = np.zeros((height, width, 3))
    for cells, share in ((3, 0.5), (12, 0.25), (48, 0.15), (200, 0.1)):
        noise = rng.integers(0, 256, (cells * height // 800 + 1, cells, 3), np.uint8)
        cloud = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
        whole += share * np.asarray(cloud, float)
    image = Image.fromarray(np.clip((whole - 128) * 1.8 + 128, 0, 255).astype(np.uint8))
    small = image.copy()
    small.thumbnail((300, 300))
    tiny = image.copy()
    tiny.thumbnail((100, 100))
    return _Made(
        _encoded(small, "WEBP", 80), _encoded(image, "JPEG", 82), encode(np.asarray(tiny)), size
    )


def _encoded(image: Image.Image, format: str, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, format, quality=quality)
    return out.getvalue()
